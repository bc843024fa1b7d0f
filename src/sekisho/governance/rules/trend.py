"""The trend of the counts over days: what is drawn, where what was measured changed, which days a table lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise

from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.text import Text, _

LISTED_DAILY = 31  # days; a longer period is listed by the last day of each week


@dataclass(frozen=True, slots=True)
class TrendDay:
    """How many leaves stood in which verdict at the end of a day; ``yardstick`` is the digest of what was asked."""

    day: date
    counts: Mapping[Verdict, int]
    yardstick: str


class Period(Enum):
    """How far back a trend looks, in days."""

    WEEKS = ("weeks", 28, _("4 weeks"))
    MONTHS = ("months", 183, _("6 months"))
    YEAR = ("year", 366, _("1 year"))

    def __init__(self, key: str, days: int, label: Text) -> None:
        self.key, self.days, self.label = key, days, label

    def since(self, today: date) -> date:
        """Return the first day of the period that ends today."""
        return today - timedelta(days=self.days - 1)


def changed_days(days: Sequence[TrendDay]) -> list[date]:
    """Return the days from which on something else was measured than on the day before them; ``days`` in order."""
    return [after.day for before, after in pairwise(days) if after.yardstick != before.yardstick]


def listed_days(days: Sequence[TrendDay], period: Period) -> Iterator[TrendDay]:
    """Yield what a table lists: every day of a short period, else the last of each week and the marked ones."""
    marked = set(changed_days(days))
    for one, following in zip(days, [*days[1:], None], strict=True):
        ends_week = following is None or _week(following.day) != _week(one.day)
        if period.days <= LISTED_DAILY or ends_week or one.day in marked:
            yield one


def _week(day: date) -> tuple[int, int]:
    found = day.isocalendar()
    return found.year, found.week
