"""17①: the log of every system arrives, without a gap longer than its source allows.

Per system: each of its sources is asked when it was heard of last. A system without a source, or with one that nothing
has come from yet, is not known to be recorded, and that is said.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.register.models import LogSource
from sekisho.register.queries.sources import LastSeen, last_seen, sources_by_system

_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


def check() -> Iterator[Finding]:
    """Look at the sources of every system."""
    now = clock.now()
    for system, sources in sources_by_system():
        facts: dict[str, Json] = {}
        outcome, words = _judged(sources, now, facts)
        yield Finding(system, outcome, words, now, facts)


def _judged(sources: Sequence[LogSource], now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    if not sources:
        return Outcome.UNKNOWN, _("No source is entered for the log of this system, nor a work diary.")
    judged = [judge(source, last_seen(source), now, facts) for source in sources]
    return min(judged, key=lambda one: _ORDER.index(one[0]))


def judge(source: LogSource, seen: LastSeen, now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    """Judge one source and add its facts."""
    facts[source.name] = {
        "kind": source.kind,
        "interval_hours": source.interval_hours,
        "last_event": seen.occurred_at.isoformat() if seen.occurred_at else None,
        "received": seen.recorded_at.isoformat() if seen.recorded_at else None,
        "dated_in_the_future": seen.ahead,
    }
    names = {"name": source.name, "hours": source.interval_hours}
    if seen.ahead:
        return Outcome.FAIL, _(
            "“%(name)s” has brought %(count)s events dated in the future: its clock is wrong, and when it was heard of "
            "last cannot be told.",
            count=seen.ahead,
            **names,
        )
    limit = timedelta(hours=source.interval_hours)
    if seen.occurred_at is None:
        if now - source.created_at <= limit:
            return Outcome.UNKNOWN, _("Nothing has come from “%(name)s” yet.", **names)
        return Outcome.FAIL, _("Nothing has ever come from “%(name)s”, for more than %(hours)s hours.", **names)
    if now - seen.occurred_at > limit:
        return Outcome.FAIL, _("The last event of “%(name)s” is older than %(hours)s hours.", **names)
    return Outcome.PASS, _("The log arrives: no source has been silent for longer than it may.")


control = Control(
    id="register.log_collection",
    title=_("The logs of the systems arrive without a gap"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=1),
    severity=Severity.HIGH,
    remedy=_(
        "Open “Sources of logs”, look when the source was heard of last, and import its log or see why it stopped. "
        "For a system without a log, keep a work diary."
    ),
)
