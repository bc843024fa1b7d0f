"""What people are told without asking: what is due, what newly fails, what turned worse, what ends. Pure.

A cause is a state that somebody should know of, as it is now. A notice is what is kept of it: opened when the cause
is first seen, worse when the cause grew worse, ended when the cause is gone. Only what is new, or worse, or overdue
for another week is told again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum

from sekisho.kernel.access import MANAGERS, Role
from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _

WEEK_DAYS = 7
SOON_DAYS = 30
LONGEST_SNOOZE_DAYS = 90


class NoticeKind(StrEnum):
    """What a notice is about."""

    FAILS = "fails"
    WORSE = "worse"
    ENDS = "ends"
    EXCEPTION_ENDS = "exception_ends"
    DUE = "due"
    DECIDE = "decide"
    TARGET = "target"
    REVIEW = "review"
    EMERGENCY = "emergency"
    TAKE_OUT = "take_out"
    STANDSTILL = "standstill"
    STOCKTAKE = "stocktake"
    PROGRAM = "program"
    PLATFORM = "platform"
    WEEKLY_REPORT = "weekly_report"

    @property
    def label(self) -> Text:
        """The kind in words."""
        return KIND_LABELS[self]


KIND_LABELS: dict[NoticeKind, Text] = {
    NoticeKind.FAILS: _("Check not passed"),
    NoticeKind.WORSE: _("Turned worse"),
    NoticeKind.ENDS: _("Proof runs out"),
    NoticeKind.EXCEPTION_ENDS: _("Exception runs out"),
    NoticeKind.DUE: _("Work due"),
    NoticeKind.DECIDE: _("Waits for a decision"),
    NoticeKind.TARGET: _("Target day of the checklist"),
    NoticeKind.REVIEW: _("Raised by the review of the register"),
    NoticeKind.EMERGENCY: _("Emergency account"),
    NoticeKind.TAKE_OUT: _("Taken out and not back"),
    NoticeKind.STANDSTILL: _("Does not answer"),
    NoticeKind.STOCKTAKE: _("Stocktake not closed"),
    NoticeKind.PROGRAM: _("Program at the API"),
    NoticeKind.PLATFORM: _("Sekisho itself"),
    NoticeKind.WEEKLY_REPORT: _("Weekly report"),
}


class Urgency(IntEnum):
    """How soon somebody has to move."""

    KNOW = 0
    WEEK = 1
    TODAY = 2

    @property
    def label(self) -> Text:
        """The urgency in words."""
        return URGENCY_LABELS[self]


URGENCY_LABELS: dict[Urgency, Text] = {
    Urgency.TODAY: _("Act today"),
    Urgency.WEEK: _("This week"),
    Urgency.KNOW: _("Good to know"),
}
Place = tuple[NoticeKind, str]


@dataclass(frozen=True, slots=True)
class Cause:
    """A state that somebody should know of. ``key`` names it within its kind, from one look to the next.

    ``members`` are its parts, such as the subjects that fail: one more makes it worse, one less does not. ``until`` is
    the day it is about; ``ref`` and ``facts`` are what words and link are made from; ``roles`` and ``person`` (an id of
    staff or of an account) are responsible.
    """

    kind: NoticeKind
    key: str
    urgency: Urgency
    subject: str
    ref: str
    since: datetime
    members: frozenset[str] = frozenset()
    until: date | None = None
    overdue: bool = False
    roles: frozenset[Role] = frozenset()
    person: str = ""
    person_name: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """What tells it from every other."""
        return self.kind, self.key


@dataclass(frozen=True, slots=True)
class Known:
    """What the open notice of a cause says so far."""

    urgency: Urgency
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What has to be done with the notices: those to open, those that stay (``worse`` of them), those that end."""

    opened: tuple[Cause, ...]
    kept: tuple[Cause, ...]
    worse: frozenset[Place]
    ended: frozenset[Place]


def reconcile(known: Mapping[Place, Known], causes: Iterable[Cause]) -> Reconciled:
    """Compare the open notices with the causes there are now. The order of causes never matters."""
    present = merged(causes)
    kept = {place: cause for place, cause in present.items() if place in known}
    return Reconciled(
        opened=tuple(cause for place, cause in present.items() if place not in known),
        kept=tuple(kept.values()),
        worse=frozenset(place for place, cause in kept.items() if is_worse(known[place], cause)),
        ended=frozenset(known.keys() - present.keys()),
    )


def is_worse(before: Known, now: Cause) -> bool:
    """Tell whether a cause became more urgent, or took in something that it did not hold before."""
    return now.urgency > before.urgency or bool(now.members - before.members)


def merged(causes: Iterable[Cause]) -> dict[Place, Cause]:
    """Return the causes by their place; of two with one place the more urgent speaks, with the members of both."""
    found: dict[Place, Cause] = {}
    for cause in sorted(causes, key=_order):
        first = found.get(cause.place)
        if first is None:
            found[cause.place] = cause
        else:
            overdue = first.overdue or cause.overdue
            found[cause.place] = replace(first, members=first.members | cause.members, overdue=overdue)
    return found


def _order(cause: Cause) -> tuple[object, ...]:
    return -cause.urgency, cause.until or date.max, cause.kind, cause.key, cause.since, sorted(cause.members)


def by_day(until: date, today: date) -> Urgency | None:
    """Return how urgent it is that something is good, or wanted, to the end of ``until``; None while it is far off."""
    left = (until - today).days
    if left < 0:
        return Urgency.TODAY
    if left <= WEEK_DAYS:
        return Urgency.WEEK
    return Urgency.KNOW if left <= SOON_DAYS else None


def is_snoozed(until: date | None, snoozed_at: datetime | None, worsened_at: datetime, today: date) -> bool:
    """Tell whether a notice is put off today. What grew worse since is not: it is another state than was put off."""
    return until is not None and snoozed_at is not None and today < until and worsened_at <= snoozed_at


@dataclass(frozen=True, slots=True)
class Telling:
    """An open notice and what one receiver was told of it: the state (when it had turned worse last) and the day."""

    worsened_at: datetime
    overdue: bool
    snoozed: bool
    told_state: datetime | None = None
    told_on: date | None = None


def is_to_be_told(notice: Telling, today: date) -> bool:
    """Tell whether a receiver hears of a notice today: it is new, it is worse, or overdue for another week.

    What was put off is not told, whatever else is.
    """
    if notice.snoozed:
        return False
    if notice.told_state != notice.worsened_at or notice.told_on is None:
        return True
    return notice.overdue and (today - notice.told_on).days >= WEEK_DAYS


def concerns(role: Role, responsible: Iterable[Role]) -> bool:
    """Tell whether a receiver with ``role`` hears of a notice: the managing roles of all, others of their own."""
    return role in MANAGERS or role in responsible
