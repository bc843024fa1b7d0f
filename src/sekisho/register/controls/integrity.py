"""17② for the platform itself: nothing was cut from, altered in or added to the log of the register.

Compared are the log with its signed checkpoint and with the database. Each run looks at the end of the log and at one
piece of the rest, so that every piece is looked at again within days however long the log becomes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import Text, _
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import LogFault
from sekisho.register.log.heads import Standing
from sekisho.register.log.layout import WIDTH
from sekisho.register.log.tree import verify_bundle
from sekisho.register.queries import LogState, changed_rows, log_state, log_tree, noted_faults
from sekisho.register.queries.heads import (
    held_standing,
    last_heartbeat,
    newest_elsewhere,
    places,
    remembered_heads,
)
from sekisho.register.queries.newest import recorded_between
from sekisho.register.rules import timestamp

TAIL = 32  # bundles
PIECE = 256  # bundles
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_SILENCE = timedelta(minutes=15)
HEAD_WITHIN = timedelta(days=1)
REMEMBERED = 12  # heartbeats, of which the newest are compared
FAULTS_WITHIN = timedelta(days=31)
EVERY = timedelta(hours=1)
_NOTED = (RegisterAction.NOTE_GAP, RegisterAction.NOTE_CONFLICT, RegisterAction.NOTE_BROKEN, RegisterAction.NOTE_CLOCK)


def check() -> Iterator[Finding]:
    """Look at the log, at what waits, and at what was noticed when events were merged."""
    now = clock.now()
    facts: dict[str, Json] = {}
    outcome, words = _judged(now, facts)
    for subject in _platforms():
        yield Finding(subject, outcome, words, now, facts)


def _platforms() -> list[Subject]:
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    systems = [
        one for port in providers if SubjectKind.SYSTEM in port.kinds() for one in port.subjects(SubjectKind.SYSTEM)
    ]
    return [system for system in systems if system.facts.get("kind") == "platform"]


def _judged(now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    state = log_state()
    facts |= {"waiting": state.waiting, "known_to_database": state.known, "heads_kept_elsewhere": 0}
    if state.fault:
        facts["fault"] = state.fault.code
        return Outcome.FAIL, state.fault.text
    if state.head is None or not state.head.size:
        return Outcome.UNKNOWN, _("The log of the register is empty, so nothing can be said of it.")
    facts |= {"size": state.head.size, "root": state.head.root.hex()}
    try:
        changed = _changed(state.head.size, state.known, now, facts)
    except LogFault as fault:
        facts["fault"] = fault.code
        return Outcome.FAIL, fault.text
    if changed:
        facts["changed"] = list(changed[:50])
        return Outcome.FAIL, _(
            "The database holds other events than the log, first at number %(first)s.", first=changed[0]
        )
    return _judged_flow(state, now, facts)


def _changed(size: int, known: int, now: datetime, facts: dict[str, Json]) -> list[int]:
    """Check the pieces; return where database and log differ. Raises LogFault naming what is wrong in the log."""
    tree = log_tree(size)
    changed: list[int] = []
    looked: list[Json] = []
    for first, last in pieces(size, int(now.timestamp() // EVERY.total_seconds())):
        for index in range(first, last):
            verify_bundle(tree, index)
        start, end = first * WIDTH, min(last * WIDTH, known)
        changed += changed_rows(tree, start, end) if start < end else []
        looked.append([start, min(last * WIDTH, size)])
    facts["looked_at"] = looked
    return changed


def pieces(size: int, turn: int) -> list[tuple[int, int]]:
    """Return the ranges of bundles to look at in this turn: one piece of what lies before the end, and the end."""
    count = -(-size // WIDTH)
    tail = max(0, count - TAIL)
    if not tail:
        return [(0, count)]
    first = turn % -(-tail // PIECE) * PIECE
    return [(first, min(first + PIECE, tail)), (tail, count)]


def _judged_flow(state: LogState, now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    noted = noted_faults([str(action) for action in _NOTED], now - FAULTS_WITHIN)
    facts["noted"] = [f"{event.document['action']} {event.document['subject']['id']}" for event in noted]
    if noted:
        return Outcome.FAIL, _(
            "While events were merged, something was wrong with their sources: %(count)s times within %(days)s days.",
            count=len(noted),
            days=FAULTS_WITHIN.days,
        )
    if state.oldest and now - state.oldest > LONGEST_WAIT:
        return Outcome.FAIL, _("Events have waited for their place in the log for too long.")
    return _judged_life(now, facts)


def _judged_life(now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    """Judge the heartbeat: silence with events around it was made, silence alone may be a computer that was off."""
    last = last_heartbeat()
    facts["last_heartbeat"] = timestamp(last) if last else None
    if last and now - last <= LONGEST_SILENCE:
        return _judged_memory(now, facts)
    if last and recorded_between(last + LONGEST_SILENCE, now - LONGEST_SILENCE):
        return Outcome.FAIL, _("Events were recorded and no sign of life among them: it was stopped or cut out.")
    return Outcome.UNKNOWN, _(
        "The register has given no sign of life of late. Whether something was cut off its end cannot be seen."
    )


def _judged_memory(now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    """Hold the log against the heads that earlier heartbeats saw, and against what other places say."""
    for seen_at, head in remembered_heads(REMEMBERED):
        standing = held_standing(head)
        if standing is not Standing.CONSISTENT:
            facts["contradicted_by"] = f"heartbeat {timestamp(seen_at)} ({standing})"
            return Outcome.FAIL, _("The log is not the one that an earlier sign of life saw: it was written anew.")
    known = places()
    facts["head_places"] = [f"{one.place} {one.size} {one.failure}".strip() for one in known]
    against = [one for one in known if one.contradicts]
    if against:
        facts["contradicted_by"] = against[0].place
        return Outcome.FAIL, _(
            "A head of the log that is kept elsewhere contradicts the log: %(place)s", place=against[0].place
        )
    return _judged_elsewhere(now, facts)


def _judged_elsewhere(now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    elsewhere = newest_elsewhere(now, HEAD_WITHIN)
    facts["heads_kept_elsewhere"] = len(elsewhere)
    if not elsewhere:
        return Outcome.UNKNOWN, _(
            "The log agrees with its signed checkpoint and with the database. But no head of it was kept outside this "
            "computer within a day, so whether somebody who holds the key has rewritten all of it cannot be seen. Set "
            "up a witness, or a folder on another computer."
        )
    return Outcome.PASS, _(
        "The log agrees with its signed checkpoint, with the database, and with what is kept elsewhere at %(count)s "
        "places, as far as the newest head there reaches.",
        count=len(elsewhere),
    )


control = Control(
    id="register.integrity",
    title=_("Nothing was cut from, altered in or added to the register's log"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=EVERY,
    severity=Severity.HIGH,
    remedy=_(
        "Keep the folder of the log as it is for an examination. Look in the register for what was noticed, find out "
        "who could write on the server, and put the newest copy of the log back."
    ),
    parameters={
        "waiting_at_most_seconds": LONGEST_WAIT.seconds,
        "faults_within_days": FAULTS_WITHIN.days,
        "silent_at_most_seconds": LONGEST_SILENCE.seconds,
        "heads_kept_elsewhere_at_least": 1,
        "head_elsewhere_within_days": HEAD_WITHIN.days,
    },
)
