"""Deriving keys of their own purpose from the installation's key: HKDF with SHA-256 (RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32


def derive_key(key: bytes, label: str) -> bytes:
    """Return the 32-byte key for the purpose ``label``; from it neither ``key`` nor another purpose's is found."""
    return HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=label.encode()).derive(key)
