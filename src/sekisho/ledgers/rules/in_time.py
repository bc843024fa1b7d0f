"""Whether an application is decided in time, and what was done without ever being approved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sekisho.ledgers.rules.applications import State

# The notice becomes urgent after a week; what still waits after a second one is no matter of one busy day.
LONGEST_WAIT = timedelta(days=14)
# An emergency that nobody ever approved stays a finding as long as the books look back.
REMEMBERED = timedelta(days=365)
_OPEN = {State.SUBMITTED, State.SENT_BACK}


class Late(StrEnum):
    """Why an application speaks against the approvals."""

    OVERDUE = "overdue"  # done in an emergency, and not approved within its time
    NEVER = "never"  # done in an emergency, and withdrawn: nobody approved what happened
    WAITING = "waiting"  # nobody decided at the step where it stands


@dataclass(frozen=True, slots=True)
class Course:
    """How an application stands: since when at its step, until when what was done already is to be approved.

    ``approved_since`` tells that another application about the same was approved after it was made.
    """

    state: State
    moved_at: datetime
    decide_by: datetime | None = None
    approved_since: bool = False


def lateness(course: Course, now: datetime) -> Late | None:
    """Return why an application is late, None while it is in time. A step taken in the future is no step."""
    if course.decide_by is not None and course.decide_by < now:
        if course.state in _OPEN:
            return Late.OVERDUE
        never = course.state is State.WITHDRAWN and not course.approved_since
        return Late.NEVER if never and now - course.decide_by <= REMEMBERED else None
    waits = course.state is State.SUBMITTED and not timedelta(0) <= now - course.moved_at <= LONGEST_WAIT
    return Late.WAITING if waits else None
