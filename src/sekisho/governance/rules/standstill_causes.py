"""From endpoints that do not answer to the causes of notices. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency
from sekisho.kernel.access import Role


class StandingStill(Protocol):
    """An endpoint that does not answer outside its quiet times."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def since(self) -> datetime:
        """Since when."""
        ...

    @property
    def late(self) -> bool:
        """Whether it lasts so long that a manager is told too."""
        ...


def standing_still(found: Iterable[StandingStill]) -> Iterator[Cause]:
    """Yield one cause for each endpoint. Once it is late it is told again, and to the planning manager too."""
    for one in found:
        yield Cause(
            kind=NoticeKind.STANDSTILL,
            key=one.id,
            urgency=Urgency.TODAY,
            subject="",
            ref=one.id,
            since=one.since,
            members=frozenset({"late"} if one.late else ()),
            overdue=one.late,
            roles=frozenset({Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER} if one.late else {Role.SYSTEM_OPERATOR}),
            facts={"late": one.late},
        )
