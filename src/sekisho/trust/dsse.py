"""Signed envelopes: DSSE version 1 (Dead Simple Signing Envelope) with exactly one Ed25519 signature (RFC 8032).

The signature is over the type and the very bytes of the payload, so nothing has to be understood before it is known to
be genuine. An envelope is read only in the one form in which it is written here: canonical JSON, padded base64.
"""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.kernel.canonical import NotCanonical, canonical_json
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.strict_json import NotJson, read_json
from sekisho.kernel.text import _

_LEVELS = 4


class EnvelopeBroken(InvalidInput):
    """The bytes are no envelope in the form in which one is written."""

    code = "trust.envelope_broken"
    message = _("This is no signed envelope, or it was changed.")


class SignatureBroken(InvalidInput):
    """The signature is not of this key over these bytes."""

    code = "trust.signature_broken"
    message = _("The signature does not belong to this key and these bytes.")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type, and who signed it. ``key_id`` is a hint for finding the key and is not signed itself."""

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes

    def signed_bytes(self) -> bytes:
        """Return what the signature is over: the pre-authentication encoding of DSSE."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)

    def to_bytes(self) -> bytes:
        """Return the envelope as canonical JSON."""
        signature = {"keyid": self.key_id, "sig": _encode(self.signature)}
        return canonical_json(
            {"payload": _encode(self.payload), "payloadType": self.payload_type, "signatures": [signature]}
        )


def new_seed() -> bytes:
    """Return the 32 bytes of a fresh Ed25519 private key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(seed: bytes) -> bytes:
    """Return the 32 bytes of the public key that belongs to ``seed``."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, key_id: str, payload_type: str, payload: bytes) -> Envelope:
    """Return ``payload`` in an envelope signed with ``seed``."""
    blank = Envelope(payload_type, payload, key_id, b"")
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(blank.signed_bytes())
    return Envelope(payload_type, payload, key_id, signature)


def verify(envelope: Envelope, public: bytes, payload_type: str) -> bytes:
    """Return the payload of a genuine envelope of this type. Raises SignatureBroken."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(envelope.signature, envelope.signed_bytes())
    except (InvalidSignature, ValueError) as error:
        raise SignatureBroken from error
    if envelope.payload_type != payload_type:
        raise SignatureBroken
    return envelope.payload


def read_envelope(data: bytes) -> Envelope:
    """Return an envelope, unverified, if ``data`` is exactly what ``to_bytes`` writes. Raises EnvelopeBroken."""
    try:
        match read_json(data, _LEVELS):
            case {
                "payload": str(payload),
                "payloadType": str(kind),
                "signatures": [{"keyid": str(key), "sig": str(sig)}],
            }:
                envelope = Envelope(kind, _decode(payload), key, _decode(sig))
            case _:
                raise EnvelopeBroken
        if envelope.to_bytes() != data:
            raise EnvelopeBroken
    except (NotJson, NotCanonical, UnicodeEncodeError, binascii.Error) as error:
        raise EnvelopeBroken from error
    return envelope


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)
