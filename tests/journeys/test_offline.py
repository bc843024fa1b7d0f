"""A line seen from outside: a ticket, a machine that has nothing else, and what it brings back, judged by item 13⑥."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.estate import ledgers
from sekisho.estate.models import Link
from sekisho.estate.services import add_entry
from sekisho.governance.commands.evidence import evidence
from sekisho.governance.models import RequestedRun
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.network.errors import BundleReplayed
from sekisho.network.models import Sighting, Vantage
from sekisho.network.services.registration import register_client_certificate
from sekisho.network.services.tls import observe_mutual_tls
from tests.conftest import actor_with
from tests.network import servers
from tests.network.servers import Site

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools"),
]
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
AUTHORITY = servers.identity("Clinic CA", authority=True)
LAPTOP = servers.identity("laptop-1", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[dict[str, tuple[Link, str]]]:
    """A weak and a strict server on open lines, and the addresses at which they are reached."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "ca.pem").write_text(AUTHORITY.pem)
    strict = f"ssl_protocols TLSv1.3; ssl_client_certificate {folder}/ca.pem; ssl_verify_client on;"
    sites = {
        "予約サイト": Site(servers.old_identity(), "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"),
        "在宅端末": Site(servers.identity("ehr.example.jp", issuer=AUTHORITY), strict),
    }
    with ExitStack() as stack:
        ports = stack.enter_context(servers.nginx(folder, sites))
        yield {name: (_line(name, port), f"localhost:{port}") for name, port in ports.items()}


def _line(name: str, port: int) -> Link:
    link = add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": name, "line": "open_tls13_mtls"})
    values = {"name": f"{name}のシステム", "kind": "emr", "form": "on_premises", "holds_medical_information": True}
    system = add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)
    endpoint = {"system": system, "host": "localhost", "port": port, "protocol": "https", "exposure": "open"}
    entry = add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values={**endpoint, "link": link})
    register_client_certificate(
        actor=OPERATOR, endpoint_id=entry.pk, version=0, certificate=LAPTOP.pem.encode(), key=LAPTOP.key_pem.encode()
    )
    assert isinstance(link, Link)
    return link


def on_the_server(*words: str) -> Any:
    """Run ``sekisho evidence`` here."""
    return CliRunner().invoke(evidence, words, standalone_mode=False)


def elsewhere(folder: Path, *words: str) -> int:
    """Run ``sekisho check`` on a machine without installation: nothing in its environment, nothing but the ticket."""
    command = [str(Path(sys.executable).with_name("sekisho")), "check", *words]
    done = subprocess.run(command, env={"PATH": os.defpath}, cwd=folder, capture_output=True, timeout=120, check=False)
    assert b"Traceback" not in done.stderr
    return done.returncode


def states(link: Link) -> tuple[Verdict, dict[str, str]]:
    found: SubjectVerdict
    (found,) = verdicts_of(CURRENT, "SO-13-6", str(link.pk))
    controls = {one["id"]: one["state"] for one in found.proofs if one["kind"] == "control" and not one["planned"]}
    return found.verdict, controls


def test_a_line_is_judged_by_what_was_seen_from_outside(lines: dict[str, tuple[Link, str]], tmp_path: Path) -> None:
    """Ticket, look, carry, preview, take over, judge; and the same file does not count twice."""
    desk, laptop = tmp_path / "desk", tmp_path / "laptop"
    desk.mkdir()
    laptop.mkdir()
    given = on_the_server("ticket", "--from", "open", "--days", "3", "--out", str(desk / "ticket.json"))
    assert given.exception is None, given.output
    (laptop / "ticket.json").write_bytes((desk / "ticket.json").read_bytes())

    codes = {}
    for name, (_link, address) in lines.items():
        for way in ("tls", "mtls"):
            out = f"{way}-{address.rpartition(':')[2]}.json"
            codes[name, way] = elsewhere(laptop, way, address, "--ticket", "ticket.json", "--out", out)
    assert codes == {
        ("予約サイト", "tls"): 1,
        ("予約サイト", "mtls"): 1,
        ("在宅端末", "tls"): 2,
        # Whoever looks from outside has no client certificate, and one who is refused cannot tell who is let in.
        ("在宅端末", "mtls"): 2,
    }

    brought = sorted(str(path) for path in laptop.glob("*tls-*.json"))
    preview = on_the_server("import", *brought, "--dry-run")
    assert (str(Vantage.OPEN.label) in preview.output, Sighting.objects.count()) == (True, 0)
    taken = on_the_server("import", *brought, "--json")
    assert taken.exception is None, taken.output
    assert len(json.loads(taken.output)["bundles"]) == 4
    assert set(Sighting.objects.values_list("vantage", flat=True)) == {"open"}

    asked = set(RequestedRun.objects.values_list("control", flat=True))
    assert {"network.tls", "network.mutual_tls"} <= asked
    judge(asked)
    assert states(lines["在宅端末"][0])[1] == {"network.tls": "holds", "network.mutual_tls": "unknown"}
    observe_mutual_tls(actor=platform("job"))
    judge(asked)
    verdict, weak = states(lines["予約サイト"][0])
    assert (verdict, weak["network.tls"], weak["network.mutual_tls"]) == (Verdict.NONCONFORMING, "fails", "fails")
    assert states(lines["在宅端末"][0])[1] == {"network.tls": "holds", "network.mutual_tls": "holds"}

    again = on_the_server("import", brought[0])
    assert isinstance(again.exception, BundleReplayed)
    assert Sighting.objects.filter(vantage="open").count() == 4


def judge(controls: Iterable[str]) -> None:
    """What the worker does once the bundles are in."""
    for control in controls:
        check_control(actor=platform("check"), control_id=control)
    update_verdicts(actor=platform("worker"))
