"""Causes of notices from programs at the API that somebody has to look after. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Protocol

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency, by_day
from sekisho.kernel.access import Role

_KEEPERS = frozenset({Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER})
_URGENCIES = {"unused": Urgency.KNOW}


class NeedyProgram(Protocol):
    """A program with one thing that is to be done about it, as the room of people says it."""

    @property
    def id(self) -> str:
        """The id of the program."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def need(self) -> str:
        """What is the matter, as a code."""
        ...

    @property
    def since(self) -> datetime:
        """Since when that is so."""
        ...

    @property
    def until(self) -> date | None:
        """The last day on which the program works, where that is the matter."""
        ...


def needing_care(found: Iterable[NeedyProgram], today: date) -> Iterator[Cause]:
    """Yield one cause for each need of a program; the nearer its last day, the more urgent."""
    for one in found:
        nearness = by_day(one.until, today) if one.until else _URGENCIES.get(one.need, Urgency.WEEK)
        yield Cause(
            kind=NoticeKind.PROGRAM,
            key=f"{one.id}/{one.need}",
            urgency=nearness or Urgency.KNOW,
            subject=one.name,
            ref=one.id,
            since=one.since,
            until=one.until,
            roles=_KEEPERS,
            facts={"need": one.need},
        )
