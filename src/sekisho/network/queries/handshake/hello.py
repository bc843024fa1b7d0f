"""The ClientHello of every version, byte by byte (RFC 8446 4.1.2, RFC 5246 7.4.1.2, RFC 6101, SSL 2.0)."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.network.queries.handshake.agreement import Share
from sekisho.network.rules.observation import Version

WIRE = {Version.SSL2: 0x0002, Version.SSL3: 0x0300, Version.TLS10: 0x0301, Version.TLS11: 0x0302,
        Version.TLS12: 0x0303, Version.TLS13: 0x0304}  # fmt: skip
VERSIONS = {number: version for version, number in WIRE.items()}

# IANA, TLS Supported Groups.
GROUPS = {
    1: "sect163k1", 2: "sect163r1", 3: "sect163r2", 4: "sect193r1", 5: "sect193r2", 6: "sect233k1", 7: "sect233r1",
    8: "sect239k1", 9: "sect283k1", 10: "sect283r1", 11: "sect409k1", 12: "sect409r1", 13: "sect571k1",
    14: "sect571r1", 15: "secp160k1", 16: "secp160r1", 17: "secp160r2", 18: "secp192k1", 19: "secp192r1",
    20: "secp224k1", 21: "secp224r1", 22: "secp256k1", 23: "secp256r1", 24: "secp384r1", 25: "secp521r1",
    26: "brainpoolP256r1", 27: "brainpoolP384r1", 28: "brainpoolP512r1", 29: "x25519", 30: "x448",
    31: "brainpoolP256r1tls13", 32: "brainpoolP384r1tls13", 33: "brainpoolP512r1tls13", 41: "curveSM2",
    256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096", 259: "ffdhe6144", 260: "ffdhe8192",
    512: "MLKEM512", 513: "MLKEM768", 514: "MLKEM1024", 4587: "SecP256r1MLKEM768", 4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024", 25497: "X25519Kyber768Draft00",
}  # fmt: skip
# A client that prefers what is common is answered by servers that follow the client.
CURVES = (29, 23, 24, 30, 25, 26, 27, 28, 22, *range(1, 22))  # TLS 1.2 and older
GROUPS_13 = (29, 23, 4588, 24, 30, 25, 256, 257, 258, 259, 260, 31, 32, 33, 41, 512, 513, 514, 4587, 4589, 25497)

# IANA, TLS SignatureScheme, by the kind of certificate that they go with.
ECDSA = (0x0403, 0x0503, 0x0603, 0x081A, 0x081B, 0x081C, 0x0303, 0x0203)
EDDSA = (0x0807, 0x0808)
RSA = (0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601, 0x0301, 0x0201, 0x0101)
DSA = (0x0402, 0x0302, 0x0202)
SCHEMES = (*ECDSA, *EDDSA, *RSA, *DSA)

FALLBACK = 0x5600  # RFC 7507
RENEGOTIATION = 0x00FF  # RFC 5746, 3.3
RENEGOTIATION_INFO = 0xFF01
SSL2_SUITES = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
_PADDED = range(256, 512)  # lengths at which some load balancers hang (RFC 7685)


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client says it can do. ``shares`` are its halves of a key agreement (TLS 1.3); none asks for a choice.

    ``older`` are versions that a hello of TLS 1.3 offers as well. ``server_name`` is ASCII.
    """

    version: Version
    suites: Sequence[int]
    groups: Sequence[int]
    server_name: str | None = None
    shares: Sequence[Share] = ()
    schemes: Sequence[int] = SCHEMES
    compressions: bytes = b"\0"
    fallback: bool = False
    older: Sequence[Version] = ()

    def message(self) -> bytes:
        """Return the handshake message."""
        body = self._body(b"")
        if len(body) + 4 in _PADDED and self.version is not Version.SSL3:
            body = self._body(_extension(21, bytes(max(0, 512 - len(body) - 8))))
        return b"\1" + _vector(body, 3)

    def records(self) -> bytes:
        """Return what goes over the line."""
        if self.version is Version.SSL2:
            return ssl2_hello()
        outer = min(max(WIRE[self.version], 0x0300), 0x0301)
        return b"\x16" + outer.to_bytes(2) + _vector(self.message(), 2)

    def _body(self, padding: bytes) -> bytes:
        suites = [*self.suites]
        if self.fallback:
            suites.append(FALLBACK)
        if self.version is Version.SSL3:
            suites.append(RENEGOTIATION)
        number = min(WIRE[self.version], 0x0303)
        session = secrets.token_bytes(32) if self.version is Version.TLS13 else b""  # RFC 8446, D.4
        start = number.to_bytes(2) + secrets.token_bytes(32) + _vector(session, 1)
        start += _vector(_numbers(suites), 2) + _vector(self.compressions, 1)
        return start if self.version is Version.SSL3 else start + _vector(self._extensions() + padding, 2)

    def _extensions(self) -> bytes:
        parts = [_extension(10, _vector(_numbers(self.groups), 2))] if self.groups else []
        if self.server_name is not None:
            name = b"\0" + _vector(self.server_name.encode("ascii"), 2)
            parts.insert(0, _extension(0, _vector(name, 2)))
        if self.version in {Version.TLS12, Version.TLS13}:
            parts.append(_extension(13, _vector(_numbers(self.schemes), 2)))
        if self.version is Version.TLS13:
            shares = b"".join(share.group.to_bytes(2) + _vector(share.public, 2) for share in self.shares)
            parts += [
                _extension(43, _vector(_numbers(WIRE[version] for version in (self.version, *self.older)), 1)),
                _extension(45, _vector(b"\1", 1)),
                _extension(51, _vector(shares, 2)),
            ]
        if self.version is not Version.TLS13 or self.older:
            parts += [_extension(11, _vector(b"\0", 1)), _extension(23, b""), _extension(RENEGOTIATION_INFO, b"\0")]
        return b"".join(parts)


def ssl2_hello() -> bytes:
    """Return the CLIENT-HELLO of SSL 2.0 with all of its suites."""
    suites = b"".join(number.to_bytes(3) for number in SSL2_SUITES)
    lengths = len(suites).to_bytes(2) + (0).to_bytes(2) + (16).to_bytes(2)
    message = b"\1" + WIRE[Version.SSL2].to_bytes(2) + lengths + suites + secrets.token_bytes(16)
    return (0x8000 | len(message)).to_bytes(2) + message


def _vector(data: bytes, size: int) -> bytes:
    return len(data).to_bytes(size) + data


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2) + _vector(data, 2)


def _numbers(numbers: Iterable[int]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)
