"""Generations by their names and days: which ones are kept. Pure."""

import re
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sekisho.kernel.dates import FACILITY_ZONE

_NAME = re.compile(r"sekisho-\d{8}T\d{6}Z-[0-9a-f]{8}")
_STAMP = "%Y%m%dT%H%M%SZ"
PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days, weeks and months that have generations keep their newest one; ``least`` are always kept."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12
    least: int = 3


KEEP = Retention()


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation of our own ledger: never one that merely lies on the target."""

    name: str
    made_at: datetime


def name_of(moment: datetime, salt: bytes) -> str:
    """Return the name of a generation made at ``moment``; four bytes of ``salt`` make it unlike any other."""
    return f"sekisho-{moment.astimezone(UTC):{_STAMP}}-{salt[:4].hex()}"


def is_name(name: str) -> bool:
    """Tell whether a folder may be a generation by its name."""
    return _NAME.fullmatch(name) is not None


def to_remove(
    generations: Sequence[Generation], now: datetime, retention: Retention = KEEP, proven: Collection[str] = ()
) -> list[str]:
    """Return the names of the generations that nothing keeps any more, oldest first.

    Counted are days that have a generation, not days that went by, so a clock that ran ahead removes nothing by age.
    Nothing goes while a generation is dated in the future: the clock is wrong then, now or at that time. The newest
    proven one always stays.
    """
    ordered = sorted(generations, key=lambda found: (found.made_at, found.name), reverse=True)
    if any(found.made_at > now for found in ordered):
        return []
    kept = {found.name for found in ordered[: max(retention.least, 1)]}
    kept |= set([found.name for found in ordered if found.name in proven][:1])
    for number, bucket in ((retention.daily, _day), (retention.weekly, _week), (retention.monthly, _month)):
        kept |= _newest_of_each(ordered, bucket, number)
    return [found.name for found in reversed(ordered) if found.name not in kept]


def _newest_of_each(ordered: Sequence[Generation], bucket: Callable[[date], Hashable], number: int) -> set[str]:
    newest: dict[Hashable, str] = {}
    for found in ordered:
        newest.setdefault(bucket(found.made_at.astimezone(FACILITY_ZONE).date()), found.name)
    return set(list(newest.values())[:number])


def _day(day: date) -> Hashable:
    return day


def _week(day: date) -> Hashable:
    return day.isocalendar()[:2]


def _month(day: date) -> Hashable:
    return day.year, day.month
