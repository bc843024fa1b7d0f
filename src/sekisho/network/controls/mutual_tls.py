"""13⑥⑫: nobody connects without a registered client certificate, tried without one and with a foreign one."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe
from sekisho.network.queries.endpoint_findings import Looks, findings
from sekisho.network.queries.registration import registrations
from sekisho.network.queries.sightings import LookedAt, newest_sightings, sightings_from_elsewhere
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.mutual_tls import judge_mutual_tls
from sekisho.network.rules.observation import MutualObservation

_observation: TypeAdapter[MutualObservation] = TypeAdapter(MutualObservation)


def _judge(_endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
    return judge_mutual_tls(_observation.validate_json(document))


def looks() -> Looks:
    """Return what this rule goes by; also for the page of an endpoint.

    Where devices are told apart in another way there is no certificate to insist on: the signed paper stands for it.
    """
    excused = {
        subject: _("Devices are told apart in another way, as registered: %(how)s", how=known.restricted_by)
        for subject, known in registrations().items()
        if known.restricted_by
    }
    elsewhere = sightings_from_elsewhere(Probe.MUTUAL_TLS)
    return Looks(_judge, newest_sightings(Probe.MUTUAL_TLS), elsewhere, excused)


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
