"""From what was seen of endpoints to findings about them, about the links they are reached over, and the facility.

A link is as good as the worst endpoint that is registered for it, and nothing is known of a link without one. The
facility speaks of its endpoints on open networks. What does not speak TLS cannot be looked at this way, and is never
passed over: what is in the clear by its nature breaks the rule on an open network, of the rest nothing can be told.

Looks from inside and from where an endpoint is reached stand side by side, own ones and carried ones, and the worst
counts. An endpoint that is reached from outside must have been seen from there: something may stand in front of it that
is not seen from inside.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.models import Probe, Vantage
from sekisho.network.queries.judging import judged_alone
from sekisho.network.queries.registration import NOTHING, Registered, looked_at_endpoints, registrations
from sekisho.network.queries.sightings import LookedAt, Newest, all_sightings, registered
from sekisho.network.queries.tls_scan import sni_name
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.reached import normal
from sekisho.network.rules.unlooked import remark_unlooked
from sekisho.network.rules.unusable import Unusable

Judge = Callable[[LookedAt, bytes], Iterable[Judged]]
Seen = Mapping[str, Sequence[Newest]]
# Beside a newer look from the same place an older one counts as long as evidence about TLS stands (mapping.yaml).
COUNTS_BESIDE = timedelta(days=7)
_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_SAID = {
    Outcome.PASS: _("Nothing breaks the rule."),
    Outcome.FAIL: _("The rule is broken."),
    Outcome.UNKNOWN: _("It cannot be told."),
    Outcome.ERROR: _("It cannot be told."),
}
_FROM_INSIDE_ONLY = _(
    "It was not looked at from outside yet. Issue a ticket for the network that it is reached over, and look from"
    " there."
)


@dataclass(frozen=True, slots=True)
class Looks:
    """What a rule about endpoints goes by: how it judges what was seen, and what was last seen by subject id.

    ``excused`` says by subject id why the rule does not apply to an endpoint, ``registered`` what was registered and
    counted.
    """

    judge: Judge
    seen: Seen
    excused: Mapping[str, Text] = field(default_factory=dict)
    registered: Mapping[str, Json] = field(default_factory=dict)

    def about(self, endpoint: LookedAt) -> Finding:
        """Return the finding about one endpoint."""
        subject = endpoint.subject
        if subject.id in self.excused:
            return Finding(subject, Outcome.NOT_APPLICABLE, self.excused[subject.id], clock.now())
        finding = _of_endpoint(endpoint, self.counting(endpoint), self.judge)
        counted = {"registered": self.registered[subject.id]} if subject.id in self.registered else {}
        return replace(finding, facts={**finding.facts, **counted})

    def counting(self, endpoint: LookedAt) -> Sequence[Newest]:
        """Return the looks that count for an endpoint: those from where it is reached first, the newest first."""
        found: list[Newest] = []
        for vantage in dict.fromkeys((str(endpoint.subject.facts["exposure"]), Vantage.INTERNAL.value)):
            looks = [look for look in self.seen.get(endpoint.subject.id, ()) if look.vantage == vantage]
            since = clock.now() - COUNTS_BESIDE
            found += [look for place, look in enumerate(looks) if place == 0 or look.observed_at >= since]
        return found

    def about_unlooked(self, subject: Subject, *, over_open: bool) -> Finding:
        """Return the finding about an endpoint that does not speak TLS. ``over_open``: its line is an open network."""
        if subject.id in self.excused:
            return Finding(subject, Outcome.NOT_APPLICABLE, self.excused[subject.id], clock.now())
        is_open = over_open or subject.facts["exposure"] == Vantage.OPEN
        remark = remark_unlooked(str(subject.facts["protocol"]), is_open=is_open)
        facts: dict[str, Json] = {"remarks": [remark.document()]}
        return Finding(subject, outcome_of([remark]), remark.message, clock.now(), facts)


def seen_at_their_addresses(probe: Probe) -> Seen:
    """Return what was last seen of the endpoints that are looked at, as they are registered now, by subject id.

    What was asked for by another name, or turned to TLS in another way, may have been another server.
    """
    kept, known = all_sightings(probe), registrations()
    return {
        endpoint.subject.id: [
            look
            for look in kept.get(endpoint.subject.id, ())
            if _is_about(endpoint, look, known.get(endpoint.subject.id, NOTHING))
        ]
        for endpoint in looked_at_endpoints(known)
    }


def _is_about(endpoint: LookedAt, look: Newest, known: Registered) -> bool:
    """Tell whether a look was at an endpoint as it is registered. One that cannot be read may have been: it counts."""
    try:
        return endpoint.is_meant_by(look) and _as_registered(endpoint, look, known)
    except Unusable:
        return True


def _as_registered(endpoint: LookedAt, look: Newest, known: Registered) -> bool:
    usual = sni_name(endpoint.host) or ""

    def asked(document: bytes) -> tuple[str, object]:
        seen = json.loads(document)
        return normal(seen["server_name"] or usual), seen["starttls"]

    return look.opened(asked) == (normal(known.server_name or usual), known.starttls)


def findings(looks: Looks) -> Iterator[Finding]:
    """Yield a finding for every endpoint that is looked at or should be, every open link, and every facility."""
    links = registered(SubjectKind.LINK)
    by_endpoint = [(endpoint.subject, looks.about(endpoint)) for endpoint in looked_at_endpoints()]
    by_endpoint += _unlooked(looks, {subject.id for subject, _finding in by_endpoint}, links)
    yield from (finding for _subject, finding in by_endpoint)
    for link in links:
        over = [finding for subject, finding in by_endpoint if subject.facts.get("link") == link.id]
        yield _over(link, over, _("No endpoint is registered for this line."))
    for facility in registered(SubjectKind.FACILITY):
        outside = [finding for subject, finding in by_endpoint if subject.facts.get("exposure") == Vantage.OPEN]
        yield _over(facility, outside, _("No endpoint over an open network is registered."))


def _unlooked(looks: Looks, looked_at: set[str], links: Sequence[Subject]) -> list[tuple[Subject, Finding]]:
    """Return the findings about endpoints on a line, or reached from outside, that are not looked at."""
    over_open = {link.id: str(link.facts["line"]).startswith("open_") for link in links}
    meant = [
        subject
        for subject in registered(SubjectKind.ENDPOINT)
        if subject.id not in looked_at
        and (subject.facts["link"] in over_open or subject.facts["exposure"] != Vantage.INTERNAL)
    ]
    return [
        (subject, looks.about_unlooked(subject, over_open=over_open.get(str(subject.facts["link"]), False)))
        for subject in meant
    ]


def _of_endpoint(endpoint: LookedAt, looks: Sequence[Newest], judge: Judge) -> Finding:
    """Return what the worst look says. Passed is only what all of them pass, as old as the oldest."""
    if not looks:
        return Finding(endpoint.subject, Outcome.UNKNOWN, _("It was not looked at yet."), clock.now())
    found = [_of_look(endpoint, look, judge) for look in looks]
    place = min(range(len(found)), key=lambda one: _WORST.index(found[one].outcome))
    worst = found[place]
    others: list[Json] = [_seen(look, found[one].outcome) for one, look in enumerate(looks) if one != place]
    if others:
        worst = replace(worst, facts={**worst.facts, "other_looks": others})
    if worst.outcome is Outcome.PASS:
        worst = replace(worst, observed_at=min(one.observed_at for one in found))
    vantage = Vantage(str(endpoint.subject.facts["exposure"]))
    return worst if any(look.vantage is vantage for look in looks) else _from_inside_only(worst)


def _from_inside_only(inside: Finding) -> Finding:
    """Return that nothing can be told of an endpoint that was not seen from where it is reached.

    Only a broken rule stays broken, what the endpoint offers inside it is able to offer outside, and what could not be
    judged keeps its reason.
    """
    facts: dict[str, Json] = {**inside.facts, "seen_from_inside": inside.outcome.value}
    if inside.outcome in {Outcome.FAIL, Outcome.ERROR}:
        return replace(inside, facts=facts)
    return replace(inside, outcome=Outcome.UNKNOWN, message=_FROM_INSIDE_ONLY, facts=facts)


def _of_look(endpoint: LookedAt, look: Newest, judge: Judge) -> Finding:
    found = judged_alone(endpoint.subject, partial(_judged, endpoint, look, judge))
    return replace(found, observed_at=look.observed_at, facts={**found.facts, **_brought_by(look)})


def _judged(endpoint: LookedAt, look: Newest, judge: Judge) -> Finding:
    if look.fault is not None:
        raise Unusable(look.fault)
    remarks = list(judge(endpoint, look.document))
    outcome = outcome_of(remarks)
    facts: dict[str, Json] = {"remarks": [remark.document() for remark in remarks]}
    return Finding(endpoint.subject, outcome, _worst_words(remarks, outcome), look.observed_at, facts, look.document)


def _seen(look: Newest, outcome: Outcome) -> dict[str, Json]:
    return {**_brought_by(look), "outcome": outcome.value, "observed_at": look.observed_at.isoformat()}


def _brought_by(look: Newest) -> dict[str, Json]:
    """Return from where it was looked, and what brought it here if the platform did not look itself."""
    carried: dict[str, Json] = {"bundle": look.bundle, "ticket": look.ticket} if look.bundle else {}
    return {"seen_from": look.vantage.value, **carried}


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
