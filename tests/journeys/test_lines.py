"""Lines as they really are: real servers are looked at, judged by item 13⑥, and go away again."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.estate import ledgers
from sekisho.estate.models import Endpoint, Link
from sekisho.estate.services import add_entry
from sekisho.governance.models import EvidenceFinding
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.network.models import NewestSighting, Probe, Sighting, Vantage
from sekisho.network.services.registration import register_client_certificate
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.tls import observe_mutual_tls, observe_tls
from tests.conftest import actor_with
from tests.network import servers
from tests.network.servers import Site

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools"),
]
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
JOB, CHECK = platform("job"), platform("check")
AUTHORITY = servers.identity("Clinic CA", authority=True)
LAPTOP = servers.identity("laptop-1", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[tuple[dict[str, Link], ExitStack]]:
    """A weak and a strict server on open lines, a weak one on the LAN; the stack stops all of them."""
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    weak = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"
    strict = f"ssl_protocols TLSv1.3; ssl_client_certificate {tmp_path}/ca.pem; ssl_verify_client on;"
    good = servers.identity("ehr.example.jp", issuer=AUTHORITY)
    sites = {
        "予約サイト": Site(servers.old_identity(), weak),
        "在宅端末": Site(good, strict),
        "院内LAN": Site(servers.old_identity(), weak),
    }
    with ExitStack() as stack:
        ports = stack.enter_context(servers.nginx(tmp_path, sites))
        yield {name: _line(name, port) for name, port in ports.items()}, stack


def _line(name: str, port: int) -> Link:
    values = {"name": name, "line": "lan" if name == "院内LAN" else "open_tls13_mtls"}
    link = add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values=values)
    values = {"name": f"{name}のシステム", "kind": "emr", "form": "on_premises", "holds_medical_information": True}
    system = add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)
    exposure = "internal" if name == "院内LAN" else "open"
    endpoint = {"system": system, "host": "localhost", "port": port, "protocol": "https", "exposure": exposure}
    entry = add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values={**endpoint, "link": link})
    register_client_certificate(
        actor=OPERATOR, endpoint_id=entry.pk, version=0, certificate=LAPTOP.pem.encode(), key=LAPTOP.key_pem.encode()
    )
    assert isinstance(link, Link)
    return link


def look_from_outside() -> None:
    """What a machine on the open network brings back: it sees the very servers that were just seen from inside."""
    reached = Endpoint.objects.filter(exposure=Vantage.OPEN).values_list("pk", flat=True)
    inside = NewestSighting.objects.filter(vantage=Vantage.INTERNAL, subject_id__in=[str(pk) for pk in reached])
    for one in [row.sighting for row in inside.select_related("sighting")]:
        seen = Seen(one.subject_id, one.subject_label, one.observed_at, one.document.encode())
        keep_sightings(actor=JOB, probe=Probe(one.probe), seen=[seen], vantage=Vantage.OPEN)


def look_and_judge() -> None:
    """What the worker does in a day, and somebody outside with a ticket."""
    observe_tls(actor=JOB)
    observe_mutual_tls(actor=JOB)
    look_from_outside()
    for control in registry.current().controls:
        if control.id.startswith("network."):
            check_control(actor=CHECK, control_id=control.id)
    update_verdicts(actor=platform("worker"))


def verdict(requirement: str, link: Link) -> SubjectVerdict:
    """Return the verdict of a requirement for a line."""
    (found,) = verdicts_of(CURRENT, requirement, str(link.pk))
    return found


def states(found: SubjectVerdict) -> dict[str, str]:
    """Return what each built control says."""
    return {
        proof["id"]: proof["state"] for proof in found.proofs if proof["kind"] == "control" and not proof["planned"]
    }


def test_lines_are_judged_by_what_answers(lines: tuple[dict[str, Link], ExitStack]) -> None:
    """Weak: not conforming, with the facts. Strict: as far as proven. Inside: not 13⑥, but 13⑩. Gone: cannot tell."""
    links, stack = lines
    look_and_judge()

    weak = verdict("SO-13-6", links["予約サイト"])
    assert (weak.verdict, states(weak)["network.tls"]) == (Verdict.NONCONFORMING, "fails")
    run = next(proof["ref"] for proof in weak.proofs if proof["id"] == "network.tls")
    findings = EvidenceFinding.objects.filter(run=run, subject_kind="endpoint", outcome="fail")
    remarks = [remark for row in findings for remark in json.loads(row.facts)["remarks"]]
    codes = {remark["code"] for remark in remarks if remark["level"] == "ng"}
    assert {"TLS13-MISSING", "TLS-OLD", "SUITE", "CERT-KEY", "CERT-SIG"} <= codes
    assert all(row.observation is not None for row in findings), "the observation itself is kept"

    strict = verdict("SO-13-6", links["在宅端末"])
    assert states(strict) == {"network.tls": "holds", "network.mutual_tls": "holds"}
    assert strict.verdict is Verdict.PARTIAL

    inside = verdict("SO-13-6", links["院内LAN"])
    assert inside.verdict is Verdict.NOT_APPLICABLE
    assert verdict("SO-13-10", links["院内LAN"]).verdict is Verdict.NONCONFORMING

    stack.close()
    look_and_judge()
    for name in ("予約サイト", "在宅端末"):
        assert verdict("SO-13-6", links[name]).verdict is Verdict.CANNOT_TELL
    assert (Sighting.objects.count(), NewestSighting.objects.count()) == (20, 10)


def test_a_line_that_was_not_seen_from_outside_cannot_be_told(lines: tuple[dict[str, Link], ExitStack]) -> None:
    """However good it looks from inside."""
    links, _stack = lines
    observe_tls(actor=JOB)
    observe_mutual_tls(actor=JOB)
    for control in ("network.tls", "network.mutual_tls"):
        check_control(actor=CHECK, control_id=control)
    update_verdicts(actor=platform("worker"))
    assert states(verdict("SO-13-6", links["在宅端末"])) == {"network.tls": "unknown", "network.mutual_tls": "unknown"}


def test_a_line_without_an_endpoint_cannot_be_told() -> None:
    """No data is no pass; and an endpoint that was never looked at is none either."""
    link = add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_tls13_mtls"})
    assert isinstance(link, Link)
    look_and_judge()
    assert states(verdict("SO-13-6", link)) == {"network.tls": "unknown", "network.mutual_tls": "unknown"}


def test_an_old_look_runs_out(lines: tuple[dict[str, Link], ExitStack], at_nine: clock.FixedClock) -> None:
    """The controls go on judging; what they judge is a week old."""
    links, _stack = lines
    look_and_judge()
    at_nine.moment += timedelta(days=8)
    check_control(actor=CHECK, control_id="network.tls")
    assert states(verdict("SO-13-6", links["在宅端末"]))["network.tls"] == "stale"
