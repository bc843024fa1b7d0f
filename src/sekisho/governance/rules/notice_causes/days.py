"""Causes of notices from days that come near or have passed: proofs, exceptions, work, promises. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency, by_day
from sekisho.kernel.access import Role


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that holds through ``until``: an approved claim (``ref`` is a requirement), or an exception."""

    kind: NoticeKind
    key: str
    ref: str
    label: str
    until: date
    since: datetime
    roles: frozenset[Role]
    facts: Mapping[str, int | str] = field(default_factory=dict)


def ending(ends: Iterable[Ending], today: date) -> Iterator[Cause]:
    """Yield what has run out, or does so within 30 days."""
    for one in ends:
        urgency = by_day(one.until, today)
        if urgency is not None:
            yield Cause(
                kind=one.kind,
                key=one.key,
                urgency=urgency,
                subject=one.label,
                ref=one.ref,
                since=one.since,
                until=one.until,
                overdue=one.until < today,
                roles=one.roles,
                facts=dict(one.facts),
            )


class WorkItem(Protocol):
    """A requirement that was given to a person with a day, as the room of work says it."""

    @property
    def requirement(self) -> str:
        """The id of the requirement."""
        ...

    @property
    def assignee_id(self) -> str:
        """The id of the person."""
        ...

    @property
    def assignee_name(self) -> str:
        """The name of the person."""
        ...

    @property
    def due_on(self) -> date | None:
        """The last day, None where none was set."""
        ...


def due(items: Iterable[WorkItem], today: date, now: datetime) -> Iterator[Cause]:
    """Yield the work whose day is within a week, or past."""
    for item in items:
        urgency = by_day(item.due_on, today) if item.due_on else None
        if item.due_on is None or urgency is None or urgency is Urgency.KNOW:
            continue
        yield Cause(
            kind=NoticeKind.DUE,
            key=f"{item.requirement}/{item.assignee_id}/{item.due_on.isoformat()}",
            urgency=urgency,
            subject="",
            ref=item.requirement,
            since=now,
            until=item.due_on,
            overdue=item.due_on < today,
            person=item.assignee_id,
            person_name=item.assignee_name,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """An item of the checklist that was answered “no” with the day by which it will be done."""

    item: str
    title: Mapping[str, str]
    year: int
    vendor: str
    vendor_name: str
    until: date
    since: datetime
    person: str
    person_name: str


def targets(found: Sequence[Target], today: date) -> Iterator[Cause]:
    """Yield the target days of the coming week, and those that passed."""
    for one in found:
        urgency = by_day(one.until, today)
        if urgency is None or urgency is Urgency.KNOW:
            continue
        yield Cause(
            kind=NoticeKind.TARGET,
            key=f"{one.year}/{one.vendor}/{one.item}/{one.until.isoformat()}",
            urgency=urgency,
            subject=one.vendor_name,
            ref=one.item,
            since=one.since,
            until=one.until,
            overdue=one.until < today,
            roles=frozenset({Role.PLANNING_MANAGER}),
            person=one.person,
            person_name=one.person_name,
            facts={"year": one.year, "vendor": one.vendor, "ja": one.title["ja"], "en": one.title["en"]},
        )
