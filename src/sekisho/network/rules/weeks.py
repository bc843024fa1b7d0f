"""The weeks of the weekly report: which are due, and when in one nobody was watching. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sekisho.kernel.dates import FACILITY_ZONE, in_facility
from sekisho.network.rules.availability import minute_of, moment_of

MADE_FROM = timedelta(hours=6)  # after the beginning of Monday, in the facility's time
KEPT_WEEKS = 53
WEEK = timedelta(days=7)
WEEK_MINUTES = 7 * 24 * 60
# Below so much of its minutes a week was not watched throughout: a restart costs a minute or two.
WHOLE_SHARE = 99.0


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Seven days from Monday on, in the facility's time."""

    first_day: date

    @property
    def last_day(self) -> date:
        """Its Sunday."""
        return self.first_day + timedelta(days=6)

    @property
    def since(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.first_day, time.min, FACILITY_ZONE)

    @property
    def until(self) -> datetime:
        """When the next one begins."""
        return datetime.combine(self.first_day + WEEK, time.min, FACILITY_ZONE)


def newest_week(now: datetime) -> Week:
    """Return the newest week whose report can be due: it is over, and Monday's hour has come."""
    day = (in_facility(now) - MADE_FROM).date()
    return Week(day - timedelta(days=day.weekday()) - WEEK)


def oldest_kept(now: datetime) -> date:
    """Return the first day of the oldest week whose report is kept."""
    return newest_week(now).first_day - (KEPT_WEEKS - 1) * WEEK


def due_weeks(now: datetime, made: Collection[date], first_asked: datetime | None) -> Sequence[Week]:
    """Return the weeks that lack their report, the oldest first.

    ``made`` are the first days of the reports there are; between them none is left out, however long the computer was
    off. Without any the newest week is the first, if anything was ever asked before its end (``first_asked``).
    """
    newest = newest_week(now)
    known = [day for day in made if oldest_kept(now) <= day <= newest.first_day]
    if not known and (first_asked is None or first_asked >= newest.until):
        return ()
    first = min(known, default=newest.first_day)
    weeks = (Week(first + number * WEEK) for number in range((newest.first_day - first).days // 7 + 1))
    return [one for one in weeks if one.first_day not in known]


def unwatched(
    stretches: Iterable[tuple[int, int]], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when in a period nobody was asked: what is left of it by ``stretches`` of minutes (first one, length).

    The first minutes count from 1970 on. A stretch counts whole, so gaps are as fine as the stretches.
    """
    found, free, end = [], minute_of(since), minute_of(until)
    for first, length in sorted(stretches):
        if first >= end:
            break
        if first > free:
            found.append((moment_of(free), moment_of(first)))
        free = max(free, first + length)
    if free < end:
        found.append((moment_of(free), moment_of(end)))
    return found


def share_asked(asked: int, minutes: int) -> float:
    """Return in how many of a hundred minutes an endpoint was asked: it is asked once in each."""
    return min(100.0, 100 * asked / minutes)
