"""13⑥: endpoints speak TLS by the high-security profile of the IPA's guide. Whose certificate it is stands apart."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe
from sekisho.network.queries.endpoint_findings import Looks, findings, seen_at_their_addresses
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.registration import NOTHING, registrations
from sekisho.network.queries.sightings import LookedAt
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.observation import Observation
from sekisho.network.rules.tls import judge

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
# A private authority is usual in a hospital and says nothing about the strength of what it signs.
_APART = frozenset({"CA-UNKNOWN", "CERT-NAME"})


def looks() -> Looks:
    """Return what this rule goes by; also for the page of an endpoint. A registered reason excuses TLS 1.2."""
    known = registrations()

    def judge_newest(endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
        reason = known.get(endpoint.subject.id, NOTHING).tls12_reason
        remarks = judge(high_security(), _observation.validate_json(document), clock.now(), tls12_reason=reason)
        return [remark for remark in remarks if remark.code not in _APART]

    reasons: dict[str, Json] = {
        subject: {"tls12_until": one.tls12_until.isoformat(), "allowed_by": one.allowed_by}
        for subject, one in known.items()
        if one.tls12_reason and one.tls12_until
    }
    return Looks(judge_newest, seen_at_their_addresses(Probe.TLS), registered=reasons)


def check() -> Iterator[Finding]:
    """Judge what was last seen of every endpoint by the whole profile."""
    return findings(looks())


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
