"""Sealing small secrets for rest in the database: AES-256-GCM, bound to the place they belong to."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(SekishoError):
    """The sealed bytes were changed, belong elsewhere, or were sealed with another key."""

    code = "trust.seal_broken"
    message = _("A stored secret cannot be opened with the key of this installation.")
    hint = _("Restore the keys folder that belongs to this database.")
    status = 500
    exit_code = 65


def seal(key: bytes, plaintext: bytes, context: str) -> bytes:
    """Return ``plaintext`` sealed with the 32-byte ``key`` for ``context``: version, nonce (12), ciphertext and tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, _VERSION + context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Return the plaintext of ``sealed``. Raises SealBroken unless key, bytes and ``context`` all match."""
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION:
        raise SealBroken
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _VERSION + context.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error
