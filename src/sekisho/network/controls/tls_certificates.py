"""13⑩, 7⑭: the certificate is valid and names the endpoint, and nobody can be talked down to an old version.

The daily look counts where it is newer than the whole one and shows something else.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.models import Probe, Vantage
from sekisho.network.queries.endpoint_findings import Looks, findings, seen_at_their_addresses
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.sightings import LookedAt, Newest
from sekisho.network.queries.tls_changes import changed_since
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.observation import Observation
from sekisho.network.rules.tls import judge

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
_CODES = frozenset({"UNREACHABLE", "NO-TLS", "TLS-OLD", "DOWNGRADE", "CA-UNKNOWN"})
_OF_CERTIFICATES = "CERT"


def _about_certificates(seen: Observation) -> Iterable[Judged]:
    remarks = judge(high_security(), seen, clock.now())
    return [remark for remark in remarks if remark.code in _CODES or remark.code.startswith(_OF_CERTIFICATES)]


def looks() -> Looks:
    """Return what this rule goes by; also for the page of an endpoint."""
    seen = seen_at_their_addresses(Probe.TLS)
    changed = changed_since({subject: look for subject, looks in seen.items() for look in looks if _is_own(look)})

    def judge_newest(endpoint: LookedAt, document: bytes) -> Iterable[Judged]:
        newer = changed.get(endpoint.subject.id)
        known = newer.seen if newer and newer.look.document == document else None
        return _about_certificates(known or _observation.validate_json(document))

    newest = {
        subject: [changed[subject].look if _is_own(look) and subject in changed else look for look in looks]
        for subject, looks in seen.items()
    }
    return Looks(judge_newest, newest)


def _is_own(look: Newest) -> bool:
    return look.bundle is None and look.vantage is Vantage.INTERNAL


def check() -> Iterator[Finding]:
    """Judge the certificate that was last seen of every endpoint."""
    return findings(looks())


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
