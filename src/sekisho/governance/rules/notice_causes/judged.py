"""Causes of notices from what is judged: checks that do not pass, verdicts that turned worse. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency
from sekisho.governance.rules.verdicts import SEVERITY, Verdict
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Outcome, Severity

_OPERATOR = frozenset({Role.SYSTEM_OPERATOR})
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
