"""Cipher suites: the registry of their two-byte values, and what a suite's name says it is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

_ROW = re.compile(r"([0-9A-F]{4}) (TLS_\w+)")
# Ciphers whose name says neither their length nor their family plainly.
_FAMILY = {"RC4_128": ("RC4", 128), "RC4_56": ("RC4", 56), "RC4_40": ("RC4", 40), "RC2_CBC_40": ("RC2", 40),
           "RC2_56": ("RC2", 56), "DES40": ("DES", 40), "DES_CBC_40": ("DES", 40), "DES": ("DES", 56),
           "3DES_EDE": ("3DES", 112), "SEED": ("SEED", 128), "IDEA": ("IDEA", 128), "SM4": ("SM4", 128),
           "CHACHA20_POLY1305": ("CHACHA20_POLY1305", 256), "NULL": ("NULL", 0), "28147": ("GOST28147", 256),
           "KUZNYECHIK": ("KUZNYECHIK", 256), "MAGMA": ("MAGMA", 256)}  # fmt: skip
_CIPHER = re.compile(
    r"(?P<cipher>AES|ARIA|CAMELLIA|SM4|SEED|IDEA|NULL|CHACHA20_POLY1305|3DES_EDE|DES_CBC_40|DES40|DES|RC2_CBC_40|RC2_56"
    r"|RC4_128|RC4_56|RC4_40|28147|KUZNYECHIK|MAGMA)(?:_(?P<bits>128|256))?(?:_(?P<mode>GCM|CCM_8|CCM|CBC|CTR|CNT))?"
    r"(?:_(?P<digest>SHA(?:256|384)?|SHA256_DRAFT|MD5|SM3|OMAC|IMIT))?"
)


@dataclass(frozen=True, slots=True)
class Suite:
    """What a cipher suite is made of.

    ``exchange`` is ECDHE, DHE, ECDH, DH, RSA, PSK … or "any" (TLS 1.3, where groups decide), ``authentication`` ECDSA,
    RSA, DSS, anon, PSK … or "any"; ``cipher`` names the algorithm and ``bits`` its key length (0: no encryption);
    ``mode`` is empty for stream ciphers; ``digest`` is the hash of the MAC, or with AEAD modes of the PRF.
    """

    name: str
    exchange: str
    authentication: str
    cipher: str
    bits: int
    mode: str
    digest: str
    export: bool = False

    @property
    def aead(self) -> bool:
        """Tell whether encryption and protection against tampering are one (RFC 5116)."""
        return self.mode in {"GCM", "CCM", "CCM_8"} or self.cipher == "CHACHA20_POLY1305"


def read_registry(text: str) -> Mapping[int, str]:
    """Return the suites by value, in the order of the file. Raises ValueError on a row that is none."""
    rows: dict[int, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        row = _ROW.fullmatch(line)
        if row is None:
            raise ValueError(f"no cipher suite: {line!r}")
        rows[int(row[1], 16)] = row[2]
    return MappingProxyType(rows)


@cache
def suite(name: str) -> Suite | None:
    """Take a suite's registered name apart. None for a name that is not understood."""
    if name in {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}:  # RFC 9150: no encryption at all
        return Suite(name, "any", "any", "NULL", 0, "", name[4:10])
    handshake, apart, protection = name.removeprefix("TLS_").partition("_WITH_")
    if not apart:
        handshake, protection = "any_any", handshake
    parts = _CIPHER.fullmatch(protection)
    if parts is None:
        return None
    exchange, authentication, export = _handshake(handshake)
    cipher, bits = _FAMILY.get(parts["cipher"], (parts["cipher"], 0))
    bits = int(parts["bits"] or bits)
    mode = parts["mode"] or ("CBC" if cipher in {"DES", "RC2"} else "")
    return Suite(name, exchange, authentication, cipher, bits, mode, parts["digest"] or "SHA256", export)


def _handshake(words: str) -> tuple[str, str, bool]:
    """Split the part before WITH: RSA, DHE_RSA, DH_anon_EXPORT, PSK_DHE, SRP_SHA_DSS, KRB5_EXPORT."""
    kept = [word for word in words.split("_") if not word.startswith("EXPORT")]
    export = len(kept) < len(words.split("_"))
    exchange = kept[0]
    authentication = kept[-1] if len(kept) > 1 else exchange
    if exchange == "RSA" and authentication == "PSK":
        return "RSA", "PSK", export
    return ("DHE", "PSK", export) if kept == ["PSK", "DHE"] else (exchange, authentication, export)
