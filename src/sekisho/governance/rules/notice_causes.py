"""From what is known to the causes of notices: one pure function a kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency, by_day
from sekisho.governance.rules.verdicts import SEVERITY, Verdict
from sekisho.kernel.access import MANAGERS, Role
from sekisho.kernel.declarations import Outcome, Severity

_OPERATOR = frozenset({Role.SYSTEM_OPERATOR})
_PATIENCE_DAYS = 7
_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """The newest run of a check: what failed or raised by subject id, and the names; ``broken`` without an end."""

    control: str
    severity: Severity
    broken: bool
    at: datetime
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def failing(checks: Iterable[CheckSeen]) -> Iterator[Cause]:
    """Yield one cause a check that does not pass, however many subjects fail: their ids are its members."""
    for seen in checks:
        members = {f"{name}:{outcome.value}" for name, outcome in seen.outcomes.items()}
        members |= {"run:broken"} if seen.broken else set()
        if not members:
            continue
        fails = Outcome.FAIL in seen.outcomes.values()
        names = sorted(seen.labels[name] for name in seen.outcomes)
        yield Cause(
            kind=NoticeKind.FAILS,
            key=seen.control,
            urgency=_urgency(seen.severity, fails=fails),
            subject="、".join(names[:_SHOWN_NAMES]),
            ref=seen.control,
            since=seen.at,
            members=frozenset(members),
            roles=_OPERATOR,
            facts={"number": len(names), "fails": fails, "broken": seen.broken},
        )


def _urgency(severity: Severity, *, fails: bool) -> Urgency:
    if severity is Severity.LOW:
        return Urgency.KNOW
    return Urgency.TODAY if severity is Severity.HIGH and fails else Urgency.WEEK


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of the verdict of one leaf for one subject; None where there was none, or is none any more."""

    requirement: str
    subject_id: str
    label: str
    before: Verdict | None
    after: Verdict | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Fall:
    """A verdict that is worse than it once was: what it was, what it is, and since when."""

    turn: Turn
    stood: Verdict


# What was never judged, or stands outside, did not stand better. What a check newly finds is told as a failing check.
_STOOD = frozenset({Verdict.CONFORMING, Verdict.PARTIAL, Verdict.EXPIRED, Verdict.CANNOT_TELL})


def still_fallen(turns: Iterable[Turn]) -> list[Fall]:
    """Return what stands worse than before. ``turns`` come in the order of time, those of a place among others.

    A fall ends when the verdict is as good again as what it fell from, does not apply, or its subject is gone.
    """
    falls: dict[tuple[str, str], Fall] = {}
    for turn in turns:
        place = turn.requirement, turn.subject_id
        known = falls.pop(place, None)
        stood = known.stood if known else turn.before
        if turn.after in SEVERITY and stood in _STOOD and SEVERITY[turn.after] > SEVERITY[stood]:
            falls[place] = Fall(turn, stood)
    return list(falls.values())


def worsened(falls: Iterable[Fall], roles: Mapping[str, Role]) -> Iterator[Cause]:
    """Yield one cause a requirement; ``roles`` are responsible, by requirement: what is not among them is left out."""
    grouped: dict[str, list[Fall]] = {}
    for fall in falls:
        grouped.setdefault(fall.turn.requirement, []).append(fall)
    for requirement, found in grouped.items():
        if requirement not in roles:
            continue
        verdicts = [fall.turn.after for fall in found if fall.turn.after is not None]
        worst = max(verdicts, key=SEVERITY.__getitem__)
        names = sorted(fall.turn.label for fall in found)
        yield Cause(
            kind=NoticeKind.WORSE,
            key=requirement,
            urgency=Urgency.WEEK if worst is Verdict.NONCONFORMING else Urgency.KNOW,
            subject="、".join(names[:_SHOWN_NAMES]),
            ref=requirement,
            since=max(fall.turn.at for fall in found),
            members=frozenset(f"{fall.turn.subject_id}:{fall.turn.after}" for fall in found),
            roles=frozenset({roles[requirement]}),
            facts={"number": len(names), "verdict": worst.value},
        )


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
