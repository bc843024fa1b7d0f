"""From readings of clocks to findings: about the platform itself, and about every system whose endpoints tell the time.

A system is judged with the platform's own clock beside its hosts: agreeing with a wrong clock is worth nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.clocks import ReadClocks, ReadHost, ReadSource, read_clocks
from sekisho.network.queries.judging import judged_alone
from sekisho.network.queries.sightings import Newest, registered
from sekisho.network.rules.clocks import judge
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.readings import Answer, ClockObservations
from sekisho.network.rules.unusable import Unusable

_NO_ENDPOINT = _(
    "No endpoint of this system tells its time. Register one that speaks HTTPS, HTTP, SMB or NTP: its page, its file "
    "sharing, or the time service of its server."
)
_NOT_ASKED = _("It was not asked for the time yet.")
_PASSES = _("Its clocks agree with the platform's, and the platform's agrees with standard time.")


def platform_findings() -> Iterator[Finding]:
    """Yield whether the platform's clock agrees with standard time."""
    sources = read_clocks().sources
    for subject in platform_systems():
        yield judged_alone(subject, partial(_finding, subject, sources, ()))


def system_findings() -> Iterator[Finding]:
    """Yield for every open system whether the clocks of its hosts are right. The platform needs no endpoint."""
    read = read_clocks()
    for system in registered(SubjectKind.SYSTEM):
        hosts = [host for host in read.hosts if system.id in host.clock.systems]
        if not hosts and system.facts.get("kind") != "platform":
            yield Finding(system, Outcome.UNKNOWN, _NO_ENDPOINT, clock.now())
        else:
            yield judged_alone(system, partial(_finding, system, read.sources, hosts))


def _finding(subject: Subject, sources: Sequence[ReadSource], hosts: Sequence[ReadHost]) -> Finding:
    """Judge sources and hosts together; as old as the oldest answer, with all of them as they were stored.

    Raises Unusable where one of them proves nothing any more, unless the others break a rule.
    """
    seen = [*(one.seen for one in sources if one.seen), *(one.seen for one in hosts if one.seen)]
    if not seen and (sources or hosts):
        return Finding(subject, Outcome.UNKNOWN, _NOT_ASKED, clock.now())
    remarks = list(remarks_of(ReadClocks(tuple(sources), tuple(hosts))))
    outcome = outcome_of(remarks)
    faults = (*(one.fault for one in sources), *(one.fault for one in hosts))
    fault = next(filter(None, faults), None)
    if fault is not None and outcome is not Outcome.FAIL:
        raise Unusable(fault)
    facts: dict[str, Json] = {"remarks": [remark.document() for remark in remarks]}
    raw = b"[" + b",".join(one.document for one in seen) + b"]"
    return Finding(subject, outcome, _words(remarks, outcome, alone=not hosts), _oldest(seen), facts, raw)


def remarks_of(read: ReadClocks) -> Iterator[Judged]:
    """Yield the platform's remark, those about sources, and one for each clock of a host.

    A host that tells its time in one way need not in another. One not asked yet is unknown.
    """
    sources = tuple(one.reading for one in read.sources if one.reading)
    told = {one.clock.host for one in read.hosts if one.reading and one.reading.answer is Answer.TIME}
    counted = [
        one.reading
        for one in read.hosts
        if one.reading and (one.reading.answer is Answer.TIME or one.clock.host not in told)
    ]
    platform, *others = judge(ClockObservations(sources, tuple(counted)))
    asked = bool(sources) or not read.sources
    yield platform if asked else _not_asked(platform, _("The time sources were not asked yet."))
    yield from others
    unasked = [one for one in read.hosts if not one.seen and one.clock.host not in told]
    for host in dict.fromkeys(one.clock.host for one in unasked):
        yield _not_asked(platform, _("%(name)s was not asked for the time yet.", name=host))


def _not_asked(like: Judged, message: Text) -> Judged:
    return Judged("clock.not_asked", Level.UNKNOWN, message, None, None, like.source, like.certainty)


def _words(remarks: Iterable[Judged], outcome: Outcome, *, alone: bool) -> Text:
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}.get(outcome, Level.OK)
    if level is Level.OK and not alone:
        return _PASSES
    return next(remark.message for remark in remarks if remark.level is level)


def _oldest(seen: Sequence[Newest]) -> datetime:
    return min((one.observed_at for one in seen), default=clock.now())
