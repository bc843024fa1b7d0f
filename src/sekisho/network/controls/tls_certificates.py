"""13⑩, 7⑭: the certificate is valid and names the endpoint, and nobody can be talked down to an old version."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe
from sekisho.network.queries.endpoint_findings import findings
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.sightings import LookedAt, newest_sightings
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.observation import Observation
from sekisho.network.rules.tls import judge

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
_CODES = frozenset({"UNREACHABLE", "NO-TLS", "TLS-OLD", "DOWNGRADE", "CA-UNKNOWN"})
_OF_CERTIFICATES = "CERT"


def _judge(_endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
    remarks = judge(high_security(), _observation.validate_json(document), clock.now())
    return [remark for remark in remarks if remark.code in _CODES or remark.code.startswith(_OF_CERTIFICATES)]


def check() -> Iterator[Finding]:
    """Judge the certificate that was last seen of every endpoint."""
    return findings(_judge, newest_sightings(Probe.TLS))


control = Control(
    id="network.tls_certificates",
    title=_("Server certificates, and no way down to old versions"),
    subject_kind=SubjectKind.ENDPOINT,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Ask the vendor to renew the certificate, or register the authority that signed it."),
    parameters={},
)
