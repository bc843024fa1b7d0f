"""When a session rests, is locked or over, and how long a proof of the second factor counts. Pure; the time is passed.

NIST SP 800-63B-4, 2.2.3: at AAL 2 a session ends or is proven again after 24 hours at most and an hour without use.
"""

from datetime import datetime, timedelta
from enum import StrEnum

IDLE_LIMIT = timedelta(minutes=60)
IDLE_MINUTES_OF_A_TERMINAL = (1, 30)  # least and most
UNLOCK_WITHIN = timedelta(hours=4)
PROOF_COUNTS_FOR = timedelta(minutes=10)
SEEN_EVERY = timedelta(seconds=30)  # so exactly is it known when a session was used last


class SessionState(StrEnum):
    """What a session is good for."""

    OPEN = "open"
    IDLE = "idle"  # to be locked now
    LOCKED = "locked"
    OVER = "over"


def state_of(
    moment: datetime, seen_at: datetime | None, locked_at: datetime | None, idle: timedelta | None
) -> SessionState:
    """Return the state of a session used last at ``seen_at`` (None: never told) that rests at most ``idle``."""
    if locked_at is not None:
        return SessionState.LOCKED if moment - locked_at <= UNLOCK_WITHIN else SessionState.OVER
    rests = idle is not None and seen_at is not None and moment - seen_at > idle
    return SessionState.IDLE if rests else SessionState.OPEN


def is_fresh(proved_at: datetime | None, moment: datetime) -> bool:
    """Tell whether a second factor shown at ``proved_at`` still counts for what is sensitive."""
    return proved_at is not None and moment - proved_at <= PROOF_COUNTS_FOR
