"""13④⑨: what encrypts and protects is on the CRYPTREC list, and every suite notices changed data."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe
from sekisho.network.queries.endpoint_findings import Looks, findings, seen_at_their_addresses
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.sightings import LookedAt
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.observation import Observation
from sekisho.network.rules.tls import judge

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
_CODES = frozenset({"UNREACHABLE", "NO-TLS", "CRYPTREC", "SUITE", "GROUP", "DH-BITS"})


def _judge(_endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
    remarks = judge(high_security(), _observation.validate_json(document), clock.now())
    return [remark for remark in remarks if remark.code in _CODES]


def check() -> Iterator[Finding]:
    """Judge the algorithms that were last seen of every endpoint."""
    return findings(Looks(_judge, seen_at_their_addresses(Probe.TLS)))


control = Control(
    id="network.tls_ciphers",
    title=_("Algorithms of TLS on the CRYPTREC list"),
    subject_kind=SubjectKind.ENDPOINT,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Ask the vendor to switch off the suites that are named."),
    parameters={"cipher_list": "e_government_recommended"},
)
