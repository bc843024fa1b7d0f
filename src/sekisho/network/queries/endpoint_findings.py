"""From what was seen of endpoints to findings about them, about the links they are reached over, and the facility.

A link is as good as the worst endpoint that is registered for it, and nothing is known of a link without one. The
facility speaks of its endpoints on open networks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.sightings import LookedAt, Newest, registered, tls_endpoints
from sekisho.network.rules.judged import Judged, Level, outcome_of

Judge = Callable[[LookedAt, bytes], Iterable[Judged]]
_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_SAID = {
    Outcome.PASS: _("Nothing breaks the rule."),
    Outcome.FAIL: _("The rule is broken."),
    Outcome.UNKNOWN: _("It cannot be told."),
    Outcome.ERROR: _("It cannot be told."),
}


def findings(judge: Judge, seen: Mapping[str, Newest]) -> Iterator[Finding]:
    """Yield a finding for every endpoint that is looked at, every open link, and every facility."""
    by_endpoint = [
        (endpoint, _of_endpoint(endpoint, seen.get(endpoint.subject.id), judge)) for endpoint in tls_endpoints()
    ]
    yield from (finding for _endpoint, finding in by_endpoint)
    for link in registered(SubjectKind.LINK):
        over = [finding for endpoint, finding in by_endpoint if endpoint.subject.facts.get("link") == link.id]
        yield _over(link, over, _("No endpoint is registered for this line."))
    for facility in registered(SubjectKind.FACILITY):
        outside = [finding for endpoint, finding in by_endpoint if endpoint.subject.facts.get("exposure") == "open"]
        yield _over(facility, outside, _("No endpoint over an open network is registered."))


def _of_endpoint(endpoint: LookedAt, newest: Newest | None, judge: Judge) -> Finding:
    if newest is None:
        return Finding(endpoint.subject, Outcome.UNKNOWN, _("It was not looked at yet."), clock.now())
    remarks = list(judge(endpoint, newest.document))
    outcome = outcome_of(remarks)
    facts: dict[str, Json] = {"remarks": [remark.document() for remark in remarks]}
    message = _worst_words(remarks, outcome)
    return Finding(endpoint.subject, outcome, message, newest.observed_at, facts, newest.document)


def _worst_words(remarks: Sequence[Judged], outcome: Outcome) -> Text:
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}.get(outcome)
    return next((remark.message for remark in remarks if remark.level is level), _SAID[outcome])


def _over(subject: Subject, below: Sequence[Finding], nothing: Text) -> Finding:
    """Return the finding about what several endpoints belong to: the worst of theirs, as old as the oldest."""
    if not below:
        return Finding(subject, Outcome.UNKNOWN, nothing, clock.now())
    worst = min(below, key=lambda finding: _WORST.index(finding.outcome))
    oldest = min(finding.observed_at for finding in below)
    facts: dict[str, Json] = {"endpoints": {finding.subject.label: finding.outcome.value for finding in below}}
    message = _("%(endpoint)s: %(what)s", endpoint=worst.subject.label, what=worst.message)
    return Finding(subject, worst.outcome, message, oldest, facts)
