"""Exceptions with an end: why something is not done yet, what is done instead, and until when that was approved.

An exception stands beside a verdict and is no part of what verdicts are computed from.
"""

from datetime import date, timedelta
from enum import StrEnum

WORKFLOW = "governance.exception"
ENTRY_WORKFLOW = "governance.exception_entry"
LONGEST_EXCEPTION = timedelta(days=730)
ENDING_SOON = timedelta(days=30)


class ExceptionState(StrEnum):
    """Where an approved exception stands today."""

    IN_FORCE = "in_force"
    ENDING = "ending"
    ENDED = "ended"


def exception_state(valid_until: date, today: date) -> ExceptionState:
    """Return how an exception stands: it holds through its last day, and ends soon in the last 30 days."""
    if valid_until < today:
        return ExceptionState.ENDED
    return ExceptionState.ENDING if valid_until - today <= ENDING_SOON else ExceptionState.IN_FORCE
