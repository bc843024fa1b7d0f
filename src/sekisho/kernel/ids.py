"""Identifiers that sort by time: UUID version 7 (RFC 9562 section 5.7)."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sekisho.kernel import clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def uuid7(moment: datetime, randomness: int) -> UUID:
    """Build the UUIDv7 of ``moment`` (aware) from 62 bits of ``randomness``.

    ``rand_a`` carries the fraction of the millisecond (RFC 9562 section 6.2, method 3), so ids
    made in one process sort in the order they were made, finer than a millisecond.
    """
    microseconds = (moment - _EPOCH) // _MICROSECOND
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = rest * 4096 // 1000
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | randomness & (1 << 62) - 1
    return UUID(int=value)


def new_id() -> UUID:
    """Return a fresh UUIDv7 of the present moment."""
    return uuid7(clock.now(), secrets.randbits(62))
