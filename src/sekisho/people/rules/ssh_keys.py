"""SSH public keys as people paste them: what is taken, what is refused, and how a key is written. Pure.

Formats: RFC 4253 6.6 (the blob), sshd(8) AUTHORIZED_KEYS FILE FORMAT (the line), PROTOCOL.u2f and PROTOCOL.key of
OpenSSH (keys held by hardware, private keys).
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

RSA = "ssh-rsa"
# By name, with the bits that ssh-keygen shows; of RSA they are counted.
BITS = {
    "ssh-ed25519": 256,
    "sk-ssh-ed25519@openssh.com": 256,
    "ecdsa-sha2-nistp256": 256,
    "ecdsa-sha2-nistp384": 384,
    "ecdsa-sha2-nistp521": 521,
    "sk-ecdsa-sha2-nistp256@openssh.com": 256,
    RSA: 0,
}
SHORTEST_RSA, LONGEST_RSA = 3072, 16_384
LONGEST_TEXT = 20_000
_SMALLEST_EXPONENT = 65_537
_HARDWARE = "sk-"
_APPLICATION = b"ssh:"
_CERTIFICATE = "-cert-v01@openssh.com"
_DSA = "ssh-dss"
# The headers of PEM, OpenSSH, SSH2 and PuTTY, and how OpenSSH's own begins where the header was left out.
_PRIVATE = re.compile(r"(?i:--\s*BEGIN[A-Z0-9 ]*PRIVATE|PuTTY-User-Key-File|Private-Lines:)|b3BlbnNzaC1rZXktdjEA")
_OPENSSH_PRIVATE = re.compile(
    r"-----BEGIN OPENSSH PRIVATE KEY-----(.*?)(?:-----END OPENSSH PRIVATE KEY-----|\Z)", re.DOTALL
)
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
_LONGEST_LOADED = 4_500
_MAGIC = b"openssh-key-v1\0"
# The options that may stand before a key: words, or texts in quotes, up to the first space outside quotes.
_OPTIONS = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')


class SshKeyUnreadable(InvalidInput):
    """The text is no line of an SSH public key."""

    code = "people.ssh_key_unreadable"
    message = _("This is no SSH public key.")
    hint = _("Paste the one line of the file that ends in .pub, for example ~/.ssh/id_ed25519.pub.")


class SshKeyWeak(InvalidInput):
    """The key is of a kind, or of a length, that is not trusted any more."""

    code = "people.ssh_key_weak"
    message = _("This key is too weak: %(kind)s")
    hint = _("Make another one with “ssh-keygen -t ed25519”. RSA is taken from %(bits)s bits, DSA never.")


class SshCertificate(InvalidInput):
    """A certificate, or the key of a certificate authority, was pasted instead of a person's own key."""

    code = "people.ssh_certificate"
    message = _("This is an SSH certificate or an authority's key, not a key of your own.")
    hint = _("Paste the file that ends in .pub, not the one that ends in -cert.pub.")


class SshPrivateKey(InvalidInput):
    """A private key was pasted: it has left its computer, and whoever was on the way may have it."""

    code = "people.ssh_private_key"
    message = _(
        "This is your private key. It was not stored, but it has left your computer: it counts as leaked from now on."
    )
    hint = _("Make a new pair of keys, take the old one out wherever it is in use, and tell the system operator.")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key: its name in SSH (``kind``), its bits, and the blob in Base64. Comment and options are not kept."""

    kind: str
    bits: int
    blob: str

    @property
    def line(self) -> str:
        """The key as a line without a comment."""
        return f"{self.kind} {self.blob}"

    @property
    def fingerprint(self) -> str:
        """The fingerprint as ssh-keygen shows it: SHA256 and Base64 without padding."""
        return fingerprint_of(base64.b64decode(self.blob))

    @property
    def is_in_hardware(self) -> bool:
        """Tell whether a security key holds the private half, so that it cannot be copied."""
        return in_hardware(self.kind)


def in_hardware(kind: str) -> bool:
    """Tell whether keys of this name are held by a security key."""
    return kind.startswith(_HARDWARE)


def fingerprint_of(blob: bytes) -> str:
    """Return the fingerprint of a blob, as ssh-keygen shows it."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def holds_private_key(text: str) -> bool:
    """Tell whether a text looks like a private key of whatever form; it must be shown and stored nowhere."""
    return _PRIVATE.search(text) is not None


def leaked_fingerprint(text: str) -> str:
    """Return the fingerprint of an OpenSSH private key, which is readable also where a passphrase holds it, else ""."""
    found = _OPENSSH_PRIVATE.search(text[:LONGEST_TEXT])
    try:
        rest = base64.b64decode("".join(found.group(1).split()), validate=True) if found else b""
        if not rest.startswith(_MAGIC):
            return ""
        rest = rest[len(_MAGIC) :]
        for _name in ("cipher", "kdf", "kdf options"):
            _value, rest = _string(rest)
        blob, _rest = _string(rest[4:])  # four bytes say how many keys there are
    except (binascii.Error, ValueError, struct.error):
        return ""
    return fingerprint_of(blob) if blob else ""


def _loaded(kind: str, text: bytes) -> object:
    """Return a private key without passphrase. Raises ValueError, TypeError, UnsupportedAlgorithm."""
    return load_ssh_private_key(text, None) if kind == "OPENSSH " else load_pem_private_key(text, None)


def proven_fingerprint(text: str) -> str:
    """Return the fingerprint that follows from a private key itself where that can be loaded, else "".

    What stands beside the private half is not asked: anybody can write somebody else's public key there. One under a
    passphrase, of a security key, or of more than 4,096 bits (seconds of work) is not loaded.
    """
    found = _PEM.search(text) if len(text) <= _LONGEST_LOADED else None
    try:
        key = _loaded(found.group(1), found.group().encode()) if found else None
        if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey, Ed25519PrivateKey)):
            return ""
        line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return ""
    return fingerprint_of(base64.b64decode(line.split()[1]))


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Return the string that ``data`` begins with (RFC 4251 5), and the rest. Raises ValueError, struct.error."""
    (length,) = struct.unpack(">I", data[:4])
    if length > len(data) - 4:
        raise ValueError
    return data[4 : 4 + length], data[4 + length :]


def read_public_key(text: str) -> PublicKey:
    """Return the key of one pasted line, without its options and comment.

    Raises SshPrivateKey, SshCertificate, SshKeyWeak, SshKeyUnreadable.
    """
    if holds_private_key(text):
        raise SshPrivateKey(field="key")
    line = text.strip()
    if not line or len(line) > LONGEST_TEXT or len(line.splitlines()) != 1:
        raise SshKeyUnreadable(field="key")
    kind, encoded = _words(line)
    if kind == _DSA:
        raise SshKeyWeak(field="key", kind="DSA", bits=SHORTEST_RSA)
    if kind not in BITS:
        raise SshKeyUnreadable(field="key")
    return PublicKey(kind, _checked_bits(kind, encoded), encoded)


def _words(line: str) -> tuple[str, str]:
    """Return name and Base64 of a line, past the options that may stand before them."""
    kind, rest = _next(line)
    if kind not in BITS and kind != _DSA and _CERTIFICATE not in kind:
        options = _OPTIONS.match(line)
        if options is None:
            raise SshKeyUnreadable(field="key")
        if "cert-authority" in options.group().lower().split(","):
            raise SshCertificate(field="key")
        kind, rest = _next(line[options.end() :])
    if kind.endswith(_CERTIFICATE):
        raise SshCertificate(field="key")
    return kind, _next(rest)[0]


def _next(text: str) -> tuple[str, str]:
    """Return the first word of a text, and what follows it; "" where there is none."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""


def _checked_bits(kind: str, encoded: str) -> int:
    """Return the bits of a key that holds together to the last byte. Raises SshKeyUnreadable, SshKeyWeak."""
    try:
        blob = base64.b64decode(encoded, validate=True)
        name, rest = _string(blob)
        key = load_ssh_public_key(f"{kind} {encoded}".encode())
    except (binascii.Error, ValueError, struct.error, UnsupportedAlgorithm) as error:
        raise SshKeyUnreadable(field="key") from error
    if name != kind.encode() or base64.b64encode(blob).decode() != encoded:
        raise SshKeyUnreadable(field="key")
    if in_hardware(kind):
        _require_ssh_application(rest)
    # Written anew it must be the same, byte by byte: one key in two spellings would be two keys.
    elif key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) != f"{kind} {encoded}".encode():
        raise SshKeyUnreadable(field="key")
    if isinstance(key, RSAPublicKey):
        sound = SHORTEST_RSA <= key.key_size <= LONGEST_RSA and key.public_numbers().e >= _SMALLEST_EXPONENT
        if not sound:
            raise SshKeyWeak(field="key", kind=f"RSA {key.key_size}", bits=SHORTEST_RSA)
        return key.key_size
    return BITS[kind]


def _require_ssh_application(rest: bytes) -> None:
    """The last string of a key in hardware is what it was made for: a key made for a web site is none for SSH."""
    parts = []
    while rest:
        part, rest = _string(rest)
        parts.append(part)
    if not parts[-1].startswith(_APPLICATION):
        raise SshKeyUnreadable(field="key")
