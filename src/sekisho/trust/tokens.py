"""Secrets handed out once: random tokens of which only the hash is kept."""

import hashlib
import secrets

_TOKEN_BYTES = 32


def new_token() -> str:
    """Return a fresh 256-bit token, safe in an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the hex SHA-256 that is stored instead of ``token``. A 256-bit token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
