"""13⑥: endpoints speak TLS by the high-security profile of the IPA's guide. Whose certificate it is stands apart."""

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
# A private authority is usual in a hospital and says nothing about the strength of what it signs.
_APART = frozenset({"CA-UNKNOWN", "CERT-NAME"})


def _judge(_endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
    remarks = judge(high_security(), _observation.validate_json(document), clock.now())
    return [remark for remark in remarks if remark.code not in _APART]


def check() -> Iterator[Finding]:
    """Judge what was last seen of every endpoint by the whole profile."""
    return findings(_judge, newest_sightings(Probe.TLS))


control = Control(
    id="network.tls",
    title=_("TLS settings of the high-security type"),
    subject_kind=SubjectKind.ENDPOINT,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Ask the vendor to offer TLS 1.3 with the suites of the high-security type only."),
    parameters={"tls_profile": "high_security", "tls_minimum_version": 1.3, "tls_minimum_version_with_reason": 1.2},
)
