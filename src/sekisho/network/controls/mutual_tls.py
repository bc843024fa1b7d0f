"""13⑥⑫: nobody connects without a registered client certificate, tried without one and with a foreign one."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe
from sekisho.network.queries.endpoint_findings import Looks, Seen, findings, seen_at_their_addresses
from sekisho.network.queries.registration import registrations
from sekisho.network.queries.sightings import LookedAt, Newest
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.mutual_tls import Reading, judge_mutual_tls, reading
from sekisho.network.rules.observation import MutualObservation, Way
from sekisho.network.rules.unusable import Unusable

_observation: TypeAdapter[MutualObservation] = TypeAdapter(MutualObservation)


def looks() -> Looks:
    """Return what this rule goes by; also for the page of an endpoint.

    Where devices are told apart in another way there is no certificate to insist on: the signed paper stands for it.
    """
    excused = {
        subject: _(
            "Devices are told apart in another way, as %(name)s allowed: %(how)s",
            name=known.allowed_by,
            how=known.restricted_by,
        )
        for subject, known in registrations().items()
        if known.restricted_by
    }
    seen = seen_at_their_addresses(Probe.MUTUAL_TLS)
    let_in = _let_in(seen)

    def judge_look(endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
        found = _observation.validate_json(document)
        return judge_mutual_tls(found, let_in_elsewhere=endpoint.subject.id in let_in)

    return Looks(judge_look, seen, excused)


def _let_in(seen: Seen) -> frozenset[str]:
    """Return the ids of the endpoints that let the registered certificate in when the platform itself last tried it."""
    own = {subject: look for subject, looks in seen.items() for look in looks if look.bundle is None}
    return frozenset(subject for subject, look in own.items() if _lets_in(look))


def _lets_in(look: Newest) -> bool:
    try:
        return reading(look.opened(_observation.validate_json), Way.REGISTERED) is Reading.LET_IN
    except Unusable:
        return False


def check() -> Iterator[Finding]:
    """Judge what the attempts on every endpoint last showed."""
    return findings(looks())


control = Control(
    id="network.mutual_tls",
    title=_("Connections with registered client certificates only"),
    subject_kind=SubjectKind.ENDPOINT,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Ask the vendor to refuse connections without a client certificate of the facility's authority."),
    parameters={},
)
