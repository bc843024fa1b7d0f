"""From what was seen of endpoints to findings about them, about the links they are reached over, and the facility.

A link is as good as the worst endpoint that is registered for it, and nothing is known of a link without one. The
facility speaks of its endpoints on open networks.

An endpoint that is reached from outside counts as it was seen from there, if somebody looked from there: something may
stand in front of it that is not seen from inside. Only a newer look from inside that breaks the rule goes before it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.registration import looked_at_endpoints
from sekisho.network.queries.sightings import LookedAt, Newest, registered
from sekisho.network.rules.judged import Judged, Level, outcome_of

Judge = Callable[[LookedAt, bytes], Iterable[Judged]]
_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_SAID = {
    Outcome.PASS: _("Nothing breaks the rule."),
    Outcome.FAIL: _("The rule is broken."),
    Outcome.UNKNOWN: _("It cannot be told."),
    Outcome.ERROR: _("It cannot be told."),
}


@dataclass(frozen=True, slots=True)
class Looks:
    """What a rule about endpoints goes by: how it judges what was seen, and what was last seen by subject id.

    ``elsewhere`` is what was seen from outside, by subject id and vantage; ``excused`` says by subject id why the rule
    does not apply to an endpoint, ``registered`` what was registered and counted.
    """

    judge: Judge
    seen: Mapping[str, Newest]
    elsewhere: Mapping[tuple[str, str], Newest] = field(default_factory=dict)
    excused: Mapping[str, Text] = field(default_factory=dict)
    registered: Mapping[str, Json] = field(default_factory=dict)

    def about(self, endpoint: LookedAt) -> Finding:
        """Return the finding about one endpoint."""
        subject = endpoint.subject
        if subject.id in self.excused:
            return Finding(subject, Outcome.NOT_APPLICABLE, self.excused[subject.id], clock.now())
        place = subject.id, str(subject.facts.get("exposure"))
        found = [look for look in (self.elsewhere.get(place), self.seen.get(subject.id)) if look is not None]
        finding = _of_endpoint(endpoint, found, self.judge)
        counted = {"registered": self.registered[subject.id]} if subject.id in self.registered else {}
        return replace(finding, facts={**finding.facts, **counted})


def findings(looks: Looks) -> Iterator[Finding]:
    """Yield a finding for every endpoint that is looked at, every open link, and every facility."""
    by_endpoint = [(endpoint, looks.about(endpoint)) for endpoint in looked_at_endpoints()]
    yield from (finding for _endpoint, finding in by_endpoint)
    for link in registered(SubjectKind.LINK):
        over = [finding for endpoint, finding in by_endpoint if endpoint.subject.facts.get("link") == link.id]
        yield _over(link, over, _("No endpoint is registered for this line."))
    for facility in registered(SubjectKind.FACILITY):
        outside = [finding for endpoint, finding in by_endpoint if endpoint.subject.facts.get("exposure") == "open"]
        yield _over(facility, outside, _("No endpoint over an open network is registered."))


def _of_endpoint(endpoint: LookedAt, looks: Sequence[Newest], judge: Judge) -> Finding:
    """Return what the look that counts says; ``looks`` are at most one from outside, then one from inside."""
    if not looks:
        return Finding(endpoint.subject, Outcome.UNKNOWN, _("It was not looked at yet."), clock.now())
    first, *others = [_of_look(endpoint, look, judge) for look in looks]
    worse = [one for one in others if one.outcome is Outcome.FAIL and one.observed_at > first.observed_at]
    return worse[0] if worse else first


def _of_look(endpoint: LookedAt, look: Newest, judge: Judge) -> Finding:
    remarks = list(judge(endpoint, look.document))
    outcome = outcome_of(remarks)
    facts: dict[str, Json] = {
        "remarks": [remark.document() for remark in remarks],
        "seen_from": look.vantage.value,
    }
    return Finding(endpoint.subject, outcome, _worst_words(remarks, outcome), look.observed_at, facts, look.document)


def _worst_words(remarks: Sequence[Judged], outcome: Outcome) -> Text:
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}.get(outcome)
    return next((remark.message for remark in remarks if remark.level is level), _SAID[outcome])


def _over(subject: Subject, below: Sequence[Finding], nothing: Text) -> Finding:
    """Return the finding about what several endpoints belong to: the worst of theirs, as old as the oldest."""
    if not below:
        return Finding(subject, Outcome.UNKNOWN, nothing, clock.now())
    applying = [finding for finding in below if finding.outcome is not Outcome.NOT_APPLICABLE]
    if not applying:
        return Finding(subject, Outcome.NOT_APPLICABLE, below[0].message, clock.now())
    worst = min(applying, key=lambda finding: _WORST.index(finding.outcome))
    oldest = min(finding.observed_at for finding in applying)
    facts: dict[str, Json] = {"endpoints": {finding.subject.label: finding.outcome.value for finding in below}}
    message = _("%(endpoint)s: %(what)s", endpoint=worst.subject.label, what=worst.message)
    return Finding(subject, worst.outcome, message, oldest, facts)
