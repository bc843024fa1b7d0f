"""Causes of notices from what waits for somebody: applications, emergency accounts, urgent items of a review. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency
from sekisho.kernel.access import MANAGERS, Role

_PATIENCE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application: submitted, it waits for ``roles``; sent back, for the applicant, whose account ``person`` is.

    ``stage`` counts the steps of its route that are done. What was done already in an emergency is to be approved until
    ``until``; ``late`` tells that this has passed.
    """

    id: str
    workflow: str
    label: str
    version: int
    since: datetime
    waited_days: int
    roles: frozenset[Role] = frozenset()
    person: str = ""
    person_name: str = ""
    stage: int = 0
    until: date | None = None
    late: bool = False


def waiting(applications: Iterable[Waiting]) -> Iterator[Cause]:
    """Yield what waits for somebody; after a week, or done already, it is urgent. Each version and step is a cause."""
    for one in applications:
        overdue = one.waited_days > _PATIENCE_DAYS or one.late
        yield Cause(
            kind=NoticeKind.DECIDE,
            key=f"{one.id}/{one.version}/{one.stage}" if one.stage else f"{one.id}/{one.version}",
            urgency=Urgency.TODAY if overdue or one.until else Urgency.WEEK,
            subject=one.label,
            ref=one.id,
            since=one.since,
            members=frozenset({"late"}) if one.late else frozenset(),
            until=one.until,
            overdue=overdue,
            roles=one.roles,
            person=one.person,
            person_name=one.person_name,
            facts={"workflow": one.workflow, "sent_back": not one.roles, "done_already": one.until is not None},
        )


@dataclass(frozen=True, slots=True)
class EmergencyUsed:
    """An emergency account that was used: ``in_use`` until the return to normal, then it waits for its review.

    ``uses`` names its sign-ins: another one makes it worse.
    """

    id: str
    number: str
    in_use: bool
    since: datetime
    review_until: date
    uses: frozenset[str]


def emergencies(found: Iterable[EmergencyUsed], today: date) -> Iterator[Cause]:
    """Yield one cause an emergency account that is in use, or was and was not reviewed."""
    for one in found:
        yield Cause(
            kind=NoticeKind.EMERGENCY,
            key=one.id,
            urgency=Urgency.TODAY if one.in_use or one.review_until <= today else Urgency.WEEK,
            subject=one.number,
            ref=one.id,
            since=one.since,
            members=one.uses,
            until=one.review_until,
            overdue=one.review_until < today,
            roles=MANAGERS,
            facts={"in_use": one.in_use},
        )


@dataclass(frozen=True, slots=True)
class Raised:
    """An urgent item of the review of the register that nobody has decided about. About whom it is stays there."""

    id: str
    at: datetime


def raised(items: Sequence[Raised]) -> Iterator[Cause]:
    """Yield one cause for all urgent items: how many there are, and no word of who or which patient they are about."""
    if items:
        yield Cause(
            kind=NoticeKind.REVIEW,
            key="urgent",
            urgency=Urgency.TODAY,
            subject="",
            ref="",
            since=min(item.at for item in items),
            members=frozenset(item.id for item in items),
            roles=MANAGERS,
            facts={"number": len(items)},
        )
