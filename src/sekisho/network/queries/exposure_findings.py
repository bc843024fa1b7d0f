"""From looks at hosts to findings about endpoints, systems, network lines and the facility.

Each place one looks from is judged by itself. A look of the platform is one from inside: it shows what is open in here.
That nothing can be entered from outside is shown by looks from outside alone: at the hosts of the subject that face it,
or, for a subject with none, at every door of the facility. Without such a look it cannot be told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.exposure import HostState, about_port, host_states
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.judged import Judged, Level, outcome_of

_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_MOST_REMARKS = 50
_NOT_LOOKED_AT = _("%(host)s was not looked at yet.")
_NO_OUTSIDE = _(
    "%(host)s was not looked at from outside. Look at it from a connection outside the facility "
    "and bring in the result."
)
_NO_DOOR = _(
    "No address that faces outside is registered. Register the address of the router towards the internet as an "
    "endpoint, and have it looked at from outside."
)
_OTHER_DOOR = _("%(host)s does not look right from outside, and it cannot be told where that leads.")
_SOUND = {
    Vantage.INTERNAL: _("From inside, nothing is reachable that must not be."),
    Vantage.SECURE: _("From the secure network, nothing is reachable that must not be."),
    Vantage.OPEN: _("From outside, nothing is reachable that must not be."),
}
_SOUND_THROUGHOUT = _("Nothing is reachable that must not be, from inside or outside.")
_NOTHING = {
    SubjectKind.SYSTEM: _("No endpoint is registered for this system."),
    SubjectKind.LINK: _("No endpoint is registered for this line."),
    SubjectKind.FACILITY: _("No endpoint is registered."),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one host, seen from one place, says about a subject."""

    host: str
    vantage: Vantage
    outcome: Outcome
    message: Text
    at: datetime
    remarks: tuple[Judged, ...] = ()


def exposure_findings() -> Iterator[Finding]:
    """Yield a finding for every endpoint that is looked at, every open system, every open line, and the facility."""
    states = host_states()
    for state in states.values():
        yield from (_of_endpoint(state, endpoint) for endpoint in state.endpoints)
    for kind, belongs in _BELONGS.items():
        for subject in registered(kind):
            own = [one for one in states.values() if any(belongs(endpoint, subject) for endpoint in one.endpoints)]
            yield _of_hosts(subject, own, states)


_BELONGS: Mapping[SubjectKind, Callable[[Subject, Subject], bool]] = {
    SubjectKind.SYSTEM: lambda endpoint, system: endpoint.facts.get("system") == system.id,
    SubjectKind.LINK: lambda endpoint, link: endpoint.facts.get("link") == link.id,
    SubjectKind.FACILITY: lambda _endpoint, _facility: True,
}


def _of_endpoint(state: HostState, endpoint: Subject) -> Finding:
    """Return what was seen of one registered port, from every place that looked.

    Of a port that is to be reached from outside, a look from inside alone tells nothing.
    """
    port = int(endpoint.facts["port"] or 0)
    parts = [
        _part(state, vantage, about_port(state.remarks[vantage], port))
        for vantage in state.remarks
        if vantage is Vantage.INTERNAL or port in state.looks[vantage].seen.ports
    ]
    parts += [_faulty(state, vantage) for vantage in state.faults]
    if not parts:
        return Finding(endpoint, Outcome.UNKNOWN, _NOT_LOOKED_AT.with_params(host=state.host), clock.now())
    if endpoint.facts["exposure"] == Vantage.OPEN and all(part.vantage is not Vantage.OPEN for part in parts):
        parts.append(_missing(state.host, Vantage.OPEN, _NO_OUTSIDE))
    inside = state.looks.get(Vantage.INTERNAL)
    return _finding(endpoint, parts, inside.document if inside else None)


def _of_hosts(subject: Subject, own: Sequence[HostState], states: Mapping[str, HostState]) -> Finding:
    if not own:
        return Finding(subject, Outcome.UNKNOWN, _NOTHING[subject.kind], clock.now())
    return _finding(subject, [*(part for state in own for part in _inside(state)), *_outside(own, states)])


def _inside(state: HostState) -> Iterator[Part]:
    if Vantage.INTERNAL not in {*state.remarks, *state.faults}:
        yield _missing(state.host, Vantage.INTERNAL, _NOT_LOOKED_AT)
    for vantage in (Vantage.INTERNAL, Vantage.SECURE):
        yield from _from(state, vantage)


def _from(state: HostState, vantage: Vantage) -> Iterator[Part]:
    """Yield what the looks from one place come to, and that one of them could not be judged."""
    if vantage in state.faults:
        yield _faulty(state, vantage)
    if vantage in state.remarks:
        yield _part(state, vantage, state.remarks[vantage])


def _outside(own: Sequence[HostState], states: Mapping[str, HostState]) -> Iterator[Part]:
    facing = [state for state in own if state.faces_outside]
    for state in facing:
        yield _seen_from_outside(state)
    if len(facing) == len(own):
        return
    # What does not face outside is reached through one of the facility's doors, or not at all.
    doors = [state for state in states.values() if state.faces_outside and not state.in_cloud]
    if not doors:
        yield _missing("", Vantage.OPEN, _NO_DOOR)
    for part in map(_seen_from_outside, doors):
        sound = part.outcome is Outcome.PASS or not part.remarks
        yield part if sound else _missing(part.host, Vantage.OPEN, _OTHER_DOOR)


def _seen_from_outside(state: HostState) -> Part:
    missing = _missing(state.host, Vantage.OPEN, _NO_OUTSIDE)
    return min(_from(state, Vantage.OPEN), key=lambda part: _WORST.index(part.outcome), default=missing)


def _faulty(state: HostState, vantage: Vantage) -> Part:
    fault = state.faults[vantage]
    return Part(state.host, vantage, Outcome.ERROR, fault.text, fault.at)


def _missing(host: str, vantage: Vantage, message: Text) -> Part:
    return Part(host, vantage, Outcome.UNKNOWN, message.with_params(host=host) if host else message, clock.now())


def _part(state: HostState, vantage: Vantage, remarks: Sequence[Judged]) -> Part:
    outcome = outcome_of(remarks)
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}.get(outcome)
    message = next((one.message for one in remarks if one.level is level), _SOUND[vantage])
    return Part(state.host, vantage, outcome, message, state.looks[vantage].at, tuple(remarks))


def _finding(subject: Subject, parts: Sequence[Part], raw: bytes | None = None) -> Finding:
    """Return the worst of the parts, as old as the oldest look among them."""
    worst = min(parts, key=lambda part: _WORST.index(part.outcome))
    oldest = min(part.at for part in parts)
    message = worst.message if worst.outcome is not Outcome.PASS else _sound(parts)
    return Finding(subject, worst.outcome, message, oldest, _facts(worst, parts), raw)


def _sound(parts: Sequence[Part]) -> Text:
    """Return that nothing is wrong, for just those places from which somebody looked."""
    seen_from = {part.vantage for part in parts}
    if {Vantage.INTERNAL, Vantage.OPEN} <= seen_from:
        return _SOUND_THROUGHOUT
    return _SOUND[next(one for one in (Vantage.OPEN, Vantage.INTERNAL, Vantage.SECURE) if one in seen_from)]


def _facts(worst: Part, parts: Sequence[Part]) -> dict[str, Json]:
    """Return who was seen from where with which result, and the remarks that are not fine."""
    looks: list[Json] = [
        {"host": part.host, "vantage": part.vantage.value, "outcome": part.outcome.value, "at": part.at.isoformat()}
        for part in parts
    ]
    remarks = [one.document() for part in parts for one in part.remarks if one.level is not Level.OK]
    return {"host": worst.host, "looks": looks, "remarks": remarks[:_MOST_REMARKS]}
