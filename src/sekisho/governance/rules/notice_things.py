"""Causes of notices from single things: what was taken out and is not back, stocktakes that nobody closed, reports."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Protocol

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency
from sekisho.kernel.access import Role

_RECEIVERS = frozenset({Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER})
_NEWS = timedelta(days=7)


class OverdueThing(Protocol):
    """Something that was taken out of the building and should have come back, as the room of the assets says it."""

    @property
    def id(self) -> str:
        """The id of its entry in the ledger."""
        ...

    @property
    def number(self) -> int:
        """The number of its entry."""
        ...

    @property
    def due_on(self) -> date:
        """The day by whose end it was to be back."""
        ...

    @property
    def since(self) -> datetime:
        """When it became overdue."""
        ...


def not_back(found: Iterable[OverdueThing]) -> Iterator[Cause]:
    """Yield one cause for each thing that is overdue. Who carries it, and what it is, stays in the ledger."""
    for one in found:
        yield Cause(
            kind=NoticeKind.TAKE_OUT,
            key=one.id,
            urgency=Urgency.TODAY,
            subject="",
            ref=one.id,
            since=one.since,
            until=one.due_on,
            overdue=True,
            roles=_RECEIVERS,
            facts={"entry": one.number},
        )


class LateStocktake(Protocol):
    """A stocktake that goes on after its last day, as the room of the assets says it."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def label(self) -> str:
        """Its number and its name."""
        ...

    @property
    def ends_on(self) -> date:
        """Its last day."""
        ...

    @property
    def since(self) -> datetime:
        """When that day ended."""
        ...


def not_closed(found: Iterable[LateStocktake]) -> Iterator[Cause]:
    """Yield one cause for each stocktake that nobody has closed: what was not found is not settled either."""
    for one in found:
        yield Cause(
            kind=NoticeKind.STOCKTAKE,
            key=one.id,
            urgency=Urgency.TODAY,
            subject=one.label,
            ref=one.id,
            since=one.since,
            until=one.ends_on,
            overdue=True,
            roles=_RECEIVERS,
        )


class MadeReport(Protocol):
    """The newest weekly report of the availability, as the room of the network says it."""

    @property
    def first_day(self) -> date:
        """The Monday of its week."""
        ...

    @property
    def made_at(self) -> datetime:
        """When it was made."""
        ...


def made_lately(found: MadeReport | None, now: datetime) -> Iterator[Cause]:
    """Yield one quiet cause for a report that was made in the last week."""
    if found is not None and now - found.made_at < _NEWS:
        yield Cause(
            kind=NoticeKind.WEEKLY_REPORT,
            key=found.first_day.isoformat(),
            urgency=Urgency.KNOW,
            subject="",
            ref=found.first_day.isoformat(),
            since=found.made_at,
            roles=_RECEIVERS,
        )
