"""The key agreement of TLS 1.3, far enough to read the server's side of the handshake (RFC 8446, 7.1 and 5.2).

The certificate and the request for one are encrypted there. The keys are thrown away with the connection; nothing is
sent under them.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CURVES: dict[int, type[ec.EllipticCurve]] = {23: ec.SECP256R1, 24: ec.SECP384R1, 25: ec.SECP521R1}
_HASHES = {0x1301: "sha256", 0x1302: "sha384", 0x1303: "sha256", 0x1304: "sha256", 0x1305: "sha256"}
_KEY_BYTES = {0x1301: 16, 0x1302: 32, 0x1303: 32, 0x1304: 16, 0x1305: 16}
AGREEABLE = (29, 23, 24, 25, 30)
Public = TypeVar("Public")


class NotAgreed(Exception):
    """The server's half cannot be used, or its records do not open."""


@dataclass(frozen=True, slots=True)
class Share:
    """Our half of a key agreement in one group; ``agree`` takes the server's half and raises NotAgreed."""

    group: int
    public: bytes
    agree: Callable[[bytes], bytes]


def new_share(group: int) -> Share:
    """Return a fresh half for one of ``AGREEABLE``."""
    if group == 29:
        key = X25519PrivateKey.generate()
        return Share(
            29, key.public_key().public_bytes_raw(), _agreeing(key.exchange, X25519PublicKey.from_public_bytes)
        )
    if group == 30:
        old = X448PrivateKey.generate()
        return Share(30, old.public_key().public_bytes_raw(), _agreeing(old.exchange, X448PublicKey.from_public_bytes))
    curve = _CURVES[group]()
    private = ec.generate_private_key(curve)

    def exchange(other: ec.EllipticCurvePublicKey) -> bytes:
        return private.exchange(ec.ECDH(), other)

    def read(data: bytes) -> ec.EllipticCurvePublicKey:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, data)

    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Share(group, public, _agreeing(exchange, read))


def _agreeing(exchange: Callable[[Public], bytes], read: Callable[[bytes], Public]) -> Callable[[bytes], bytes]:
    def agree(data: bytes) -> bytes:
        try:
            return exchange(read(data))
        except ValueError as error:  # no point of the curve, or one that gives away the secret
            raise NotAgreed from error

    return agree


class Opener:
    """Opens the server's encrypted handshake records, in their order."""

    def __init__(self, suite: int, secret: bytes, transcript: bytes) -> None:
        """Derive the keys from the agreed ``secret`` and the two hellos. Raises NotAgreed for an unknown suite."""
        if suite not in _HASHES:
            raise NotAgreed
        name = _HASHES[suite]
        size = hashlib.new(name).digest_size
        early = hmac.digest(bytes(size), bytes(size), name)
        derived = expand_label(name, early, b"derived", hashlib.new(name).digest(), size)
        handshake = hmac.digest(derived, secret, name)
        traffic = expand_label(name, handshake, b"s hs traffic", hashlib.new(name, transcript).digest(), size)
        key = expand_label(name, traffic, b"key", b"", _KEY_BYTES[suite])
        self._iv = int.from_bytes(expand_label(name, traffic, b"iv", b"", 12))
        self._cipher = _cipher(suite, key)
        self._count = 0

    def open(self, header: bytes, body: bytes) -> tuple[int, bytes]:
        """Return the inner type and content of one record. Raises NotAgreed."""
        nonce = (self._iv ^ self._count).to_bytes(12)
        self._count += 1
        try:
            inner = self._cipher.decrypt(nonce, body, header).rstrip(b"\0")
        except (InvalidTag, ValueError) as error:
            raise NotAgreed from error
        if not inner:
            raise NotAgreed
        return inner[-1], inner[:-1]


def _cipher(suite: int, key: bytes) -> AESGCM | AESCCM | ChaCha20Poly1305:
    if suite == 0x1303:
        return ChaCha20Poly1305(key)
    if suite in {0x1304, 0x1305}:
        return AESCCM(key, tag_length=16 if suite == 0x1304 else 8)
    return AESGCM(key)


def expand_label(name: str, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1) with the hash ``name``."""
    label = b"tls13 " + label
    info = size.to_bytes(2) + len(label).to_bytes(1) + label + len(context).to_bytes(1) + context
    block = output = b""
    while len(output) < size:
        block = hmac.digest(secret, block + info + (len(output) // hashlib.new(name).digest_size + 1).to_bytes(1), name)
        output += block
    return output[:size]
