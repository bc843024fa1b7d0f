"""The platform's own HTTPS, looked at through the network port like any other endpoint and judged by the same profile.

Its own certificate authority is the registered one. What stands before it (another proxy, a router) is not seen.
"""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.config.environment import environment
from sekisho.config.processes.caddy import root_certificate
from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.tls_scan import scan
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.observation import Observation
from sekisho.network.rules.tls import judge

# It listens there always, whether the other networks of this computer are let in or not.
ADDRESS = "127.0.0.1"
_observation: TypeAdapter[Observation] = TypeAdapter(Observation)


def look() -> Observation | None:
    """Return what a client sees, None before there is an authority to check against."""
    settings = environment()
    root = root_certificate(settings)
    if not root.exists():
        return None
    return scan(ADDRESS, settings.port, ca_pem=root.read_text(encoding="ascii"), server_name=settings.host)


def check() -> Iterator[Finding]:
    """Scan our own port and judge it by the whole profile, name and authority included."""
    seen = look()
    moment = clock.now()
    remarks = judge(high_security(), seen, moment) if seen else ()
    facts: dict[str, Json] = {"remarks": [remark.document() for remark in remarks]}
    raw = _observation.dump_json(seen) if seen else None
    outcome = outcome_of(remarks)
    for subject in platform_systems():
        yield Finding(subject, outcome, _words(remarks, outcome), moment, facts, raw)


def _words(remarks: tuple[Judged, ...], outcome: Outcome) -> Text:
    if not remarks:
        return _("There is no root certificate yet: Sekisho was not started.")
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}.get(outcome)
    found = next((remark.message for remark in remarks if remark.level is level), None)
    return found or _("Sekisho's own HTTPS is set up by the high-security type.")


control = Control(
    id="config.platform_tls",
    title=_("Sekisho's own HTTPS by the high-security type"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Look whether another program answers on the port of Sekisho, and whether SEKISHO_CADDY names the right one."
    ),
    parameters={"tls_profile": "high_security", "tls_minimum_version": 1.3},
)
