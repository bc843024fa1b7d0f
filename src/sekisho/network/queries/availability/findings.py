"""From the states of endpoints to findings about systems, and to what people are told at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Directory, Subject, SubjectKind
from sekisho.network.models import EndpointState
from sekisho.network.queries.availability.history import states_of
from sekisho.network.queries.availability.plan import Planned, planned_endpoints
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.availability import (
    ESCALATED_AFTER,
    FAILS,
    TOLD_AFTER,
    Judgement,
    Standing,
    Watched,
    judge,
)

TOLD = (Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An endpoint that does not answer outside its quiet times. ``late``: for so long that a manager is told too."""

    id: str
    since: datetime
    late: bool


def alarms(now: datetime) -> Sequence[Alarm]:
    """Return what people are to be told of at ``now``."""
    states = states_of()
    found = []
    for one in planned_endpoints(now):
        row = states.get(one.subject.id)
        if row is None or row.down_since is None or not one.is_watched or one.is_quiet(now):
            continue
        lasted = now - row.down_since
        if lasted >= TOLD_AFTER:
            found.append(Alarm(one.subject.id, row.down_since, lasted >= ESCALATED_AFTER))
    return found


def availability_findings() -> Iterator[Finding]:
    """Yield a finding for every open system."""
    now, states, told = clock.now(), states_of(), somebody_told()
    by_system: dict[str, list[Planned]] = {}
    for one in planned_endpoints(now):
        if one.can_be_asked:
            by_system.setdefault(str(one.subject.facts["system"]), []).append(one)
    for system in registered(SubjectKind.SYSTEM):
        yield _about(system, by_system.get(system.id, ()), states, now, told=told)


def somebody_told() -> bool:
    """Tell whether somebody who works here holds a role that is told."""
    directories = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    return any(person.can_sign_in for one in directories for role in TOLD for person in one.holders(role))


def _about(
    system: Subject, planned: Sequence[Planned], states: Mapping[str, EndpointState], now: datetime, *, told: bool
) -> Finding:
    standings = [_standing(one, states.get(one.subject.id), now) for one in planned]
    found = judge(standings, now, somebody_told=told)
    asked = [one.asked_at for one in standings if one.watched and one.asked_at is not None]
    facts: dict[str, Json] = {"endpoints": [_facts(one) for one in standings], "somebody_told": told}
    return Finding(system, _outcome(found), found.label, min(asked, default=now), facts)


def _outcome(found: Judgement) -> Outcome:
    if found is Judgement.HOLDS:
        return Outcome.PASS
    return Outcome.FAIL if found in FAILS else Outcome.UNKNOWN


def _standing(one: Planned, row: EndpointState | None, now: datetime) -> Standing:
    return Standing(
        label=one.subject.label,
        watched=one.is_watched,
        excused=bool(one.setting.reason),
        state=Watched(row.state) if row else Watched.UNKNOWN,
        asked_at=row.asked_at if row else None,
        down_since=row.down_since if row else None,
        quiet=one.is_quiet(now),
    )


def _facts(one: Standing) -> dict[str, Json]:
    return {
        "endpoint": one.label,
        "watched": one.watched,
        "state": one.state.value,
        "asked_at": one.asked_at.isoformat() if one.asked_at else None,
        "down_since": one.down_since.isoformat() if one.down_since else None,
        "planned": one.quiet,
    }
