"""What happened in the ledgers in some days, for the planning manager: which happenings of an entry are told. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.text import Text, _

BOOK_REPORT = "governance.book_report"
LOG_REVIEW = "governance.log_review"
LONGEST_PERIOD = timedelta(days=366)
_ENDS_FIRST = _("The last day lies before the first.")
_NOT_OVER = _("It reaches into the future: of days that are not over nothing can be told.")
_TOO_LONG = _("The period is longer than a year.")


class Happening(StrEnum):
    """What is told of an entry. The last three are how it stands now, the others what was done in the period."""

    ADDED = "added"
    CHANGED = "changed"
    APPROVED = "approved"
    CLOSED = "closed"
    STRUCK = "struck"
    RUN_OUT = "run_out"
    UNCONFIRMED = "unconfirmed"
    UNAPPROVED = "unapproved"

    @property
    def label(self) -> Text:
        """What happened in words."""
        return HAPPENINGS[self]


HAPPENINGS: dict[Happening, Text] = {
    Happening.ADDED: _("Newly entered"),
    Happening.CHANGED: _("Corrected"),
    Happening.APPROVED: _("Approved"),
    Happening.CLOSED: _("Closed"),
    Happening.STRUCK: _("Struck out"),
    Happening.RUN_OUT: _("Day has passed"),
    Happening.UNCONFIRMED: _("Not confirmed in time"),
    Happening.UNAPPROVED: _("Not approved"),
}


DOING = (Happening.ADDED, Happening.CHANGED, Happening.APPROVED, Happening.CLOSED, Happening.STRUCK)
STANDING = (Happening.RUN_OUT, Happening.UNCONFIRMED, Happening.UNAPPROVED)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days at the facility, both ends included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time.min, FACILITY_ZONE)

    @property
    def end(self) -> datetime:
        """The moment after the last."""
        return datetime.combine(self.last + timedelta(days=1), time.min, FACILITY_ZONE)

    def holds(self, moment: datetime | None) -> bool:
        """Tell whether a moment lies in it; none does not."""
        return moment is not None and self.start <= moment < self.end

    def fault(self, today: date) -> Text | None:
        """Return why nothing can be told of these days, None where it can."""
        if self.last < self.first:
            return _ENDS_FIRST
        if self.last > today:
            return _NOT_OVER
        return _TOO_LONG if self.last - self.first >= LONGEST_PERIOD else None


def month_of(day: date) -> Period:
    """Return the month of a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def month_before(day: date) -> Period:
    """Return the month before that of a day."""
    return month_of(day.replace(day=1) - timedelta(days=1))


def happenings(done: Collection[Happening], lacks: Collection[Happening]) -> Iterator[Happening]:
    """Yield what is told of an entry: what was done with it in the period, and what it ``lacks`` as it stands now.

    One that was entered in the period is not told as corrected too.
    """
    for one in DOING:
        if one in done and not (one is Happening.CHANGED and Happening.ADDED in done):
            yield one
    yield from (one for one in STANDING if one in lacks)
