"""One-time codes from an authenticator app: TOTP (RFC 6238) with SHA-1, six digits, thirty seconds.

These parameters are the only ones every authenticator app understands.
"""

import hmac
import secrets
import unicodedata
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
_DIGITS = 6
_SEED_BYTES = 20


def new_seed() -> bytes:
    """Return a fresh 160-bit seed."""
    return secrets.token_bytes(_SEED_BYTES)


def provisioning_uri(seed: bytes, account: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that authenticator apps read as a QR code."""
    return _totp(seed).get_provisioning_uri(account, issuer)


def code_at(seed: bytes, step: int) -> str:
    """Return the six digits of time step ``step`` (seconds since 1970 divided by 30)."""
    return _totp(seed).generate(step * STEP_SECONDS).decode()


def matching_step(seed: bytes, code: str, moment: datetime, *, after: int = -1) -> int | None:
    """Return the time step whose code is ``code``, or None.

    One step of clock drift either way is accepted. Steps up to ``after``, the last one used, are
    refused, so a code that was seen once cannot be used again (RFC 6238 section 5.2).
    """
    typed = "".join(unicodedata.normalize("NFKC", code).split()).encode()
    present = int(moment.timestamp()) // STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(code_at(seed, step).encode(), typed) and step > after:
            return step
    return None


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # HMAC-SHA-1 is what RFC 6238 apps speak
