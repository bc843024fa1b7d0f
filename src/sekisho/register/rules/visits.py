"""From single events to what people ask: who had a record open from when to when, and what a session touched. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

# Our own sessions, and those that the log of another system tells of.
SIGN_IN = {"session.sign_in", "imported.sign_in"}
SIGN_OUT = {"session.sign_out", "imported.sign_out"}
# A record that nothing is heard of for so long counts as opened anew.
LONGEST_PAUSE = timedelta(minutes=30)
Moment = tuple[datetime, Mapping[str, Any]]


@dataclass(slots=True)
class Visit:
    """Events of one person, in one session and on one system, about one patient, with no longer pause between them.

    From ``first`` to ``last`` is how long at least: when the screen was closed is not seen.
    """

    first: datetime
    last: datetime
    document: Mapping[str, Any]
    actions: Counter[str] = field(default_factory=Counter)
    outcomes: set[str] = field(default_factory=set)

    @property
    def duration(self) -> timedelta:
        """How long at least."""
        return self.last - self.first


def visits(events: Iterable[Moment]) -> list[Visit]:
    """Return the visits among events about one patient, which come in any order; the newest first."""
    found: list[Visit] = []
    open_ones: dict[tuple[object, ...], Visit] = {}
    for moment, document in sorted(events, key=lambda pair: pair[0]):
        actor = document["actor"]
        who = (actor["kind"], actor["id"], document["session"], document["network"], document["system"])
        visit = open_ones.get(who)
        if visit is None or moment - visit.last > LONGEST_PAUSE:
            visit = open_ones[who] = Visit(moment, moment, document)
            found.append(visit)
        visit.last = moment
        visit.actions[document["action"]] += 1
        visit.outcomes.add(document["outcome"])
    return sorted(found, key=lambda visit: visit.first, reverse=True)


@dataclass(frozen=True, slots=True)
class Session:
    """One session as its events show it. ``signed_in``, ``signed_out``: None where the register has no such event.

    ``patients``, ``systems`` and ``actions`` count events.
    """

    first: datetime
    last: datetime
    signed_in: datetime | None
    signed_out: datetime | None
    document: Mapping[str, Any]
    patients: Counter[str]
    systems: Counter[str]
    actions: Counter[str]

    @property
    def duration(self) -> timedelta:
        """From the first to the last event of the session."""
        return self.last - self.first


def session_of(events: Sequence[Moment]) -> Session | None:
    """Return what the events of one session tell together, in any order; None where there are none."""
    ordered = sorted(events, key=lambda pair: pair[0])
    if not ordered:
        return None
    documents = [document for _moment, document in ordered]
    return Session(
        first=ordered[0][0],
        last=ordered[-1][0],
        signed_in=next((moment for moment, document in ordered if document["action"] in SIGN_IN), None),
        signed_out=next((moment for moment, document in ordered if document["action"] in SIGN_OUT), None),
        document=documents[0],
        patients=Counter(document["patient"] for document in documents if document["patient"]),
        systems=Counter(document["system"] for document in documents if document["system"]),
        actions=Counter(document["action"] for document in documents),
    )
