"""`sekisho check reach`: what it contacts, what it says, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate.models import Entry
from sekisho.kernel.declarations import Outcome
from sekisho.network.commands import check
from sekisho.network.commands.answers import AddressInvalid
from sekisho.network.commands.reach import split_host
from sekisho.network.controls.exposure import control
from sekisho.network.queries import reachability
from sekisho.network.rules.looks import read_look
from sekisho.network.services.bundles import BundleFile, import_bundles
from sekisho.network.services.tickets import issue_ticket
from tests.network import exposure
from tests.network.exposure import FAST, OPERATOR, TELNET
from tests.network.listeners import Listener, says, silent


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback bears more than a medical device."""
    probe = reachability.probe
    monkeypatch.setattr(reachability, "probe", lambda targets: probe(targets, FAST))


def run(*arguments: str) -> tuple[int, str]:
    """Run the command and return exit code and output."""
    done = CliRunner().invoke(check, ["reach", *arguments], standalone_mode=False)
    return (done.return_value if done.exception is None else -1), done.output


def test_nothing_open_conforms() -> None:
    code, said = run("127.0.9.81")
    assert code == 0, said


def test_what_is_named_may_answer_and_nothing_else() -> None:
    with Listener(silent, "127.0.9.82", 8443).running():
        assert run("127.0.9.82:8443")[0] == 0
        code, said = run("127.0.9.82")
    assert code == 1
    assert "exposure.not_registered" in said


def test_telnet_fails_even_if_it_is_named() -> None:
    with Listener(says(b"login: "), "127.0.9.83", TELNET).running():
        code, said = run(f"127.0.9.83:{TELNET}", "--json")
    document = json.loads(said)
    assert (code, document["outcome"]) == (1, "fail")
    assert "exposure.cleartext" in {remark["code"] for remark in document["remarks"]}
    look = read_look(json.dumps(document["observation"]).encode())
    assert ([port.banner for port in look.open], look.port) == (["login: "], TELNET)


def test_from_outside_management_is_forbidden() -> None:
    """The same port is fine from inside."""
    with Listener(says(b"SSH-2.0-x\r\n"), "127.0.9.84").running() as port:
        assert run(f"127.0.9.84:{port}")[0] == 0
        code, said = run(f"127.0.9.84:{port}", "--from", "open")
    assert code == 1
    assert "exposure.forbidden_management" in said


def test_who_cannot_be_reached_cannot_be_told() -> None:
    code, said = run("x" * 64 + ".example")
    assert code == 2
    assert "exposure.way_unproven" in said


def test_only_the_host_given_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ports are named."""
    hosts: set[str] = set()
    probe = reachability.probe

    def watched(targets: Any) -> Any:
        hosts.update(target.host for target in targets)
        return probe(targets)

    monkeypatch.setattr(reachability, "probe", watched)
    run("127.0.9.85:1,2,3")
    assert hosts == {"127.0.9.85"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("router.example.jp", ("router.example.jp", ())),
        ("router.example.jp:22", ("router.example.jp", (22,))),
        ("192.0.2.1:22,443", ("192.0.2.1", (22, 443))),
        ("fd00::1", ("fd00::1", ())),
        ("[fd00::1]", ("fd00::1", ())),
        ("[fd00::1]:22,80", ("fd00::1", (22, 80))),
    ],
)
def test_how_a_host_is_written(text: str, expected: tuple[str, tuple[int, ...]]) -> None:
    assert split_host(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", ":22", "host:", "host:0", "host:65536", "host:22,", "host:２２", "a b", "http://host", "10.0.0.0/24", "a:b:1"],
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(AddressInvalid):
        split_host(text)


@given(st.text(max_size=40))
def test_anything_is_a_host_or_refused(text: str) -> None:
    try:
        host, ports = split_host(text)
    except AddressInvalid:
        return
    assert host
    assert all(0 < port < 65536 for port in ports)


def test_the_program_knows_it() -> None:
    """Under the group that only looks."""
    done = CliRunner().invoke(check, ["reach", "--help"])
    assert done.exit_code == 0
    assert "--from" in done.output


@pytest.mark.django_db
def test_a_look_from_outside_is_carried_home(tmp_path: Path) -> None:
    """With a ticket, on another machine: the item about outside is told by what comes back."""
    router, host = exposure.system("ルーター"), "127.0.9.86"
    with Listener(silent, host).running() as port:
        exposure.endpoint(router, host, port, exposure="open", protocol="other")
        exposure.see(exposure.look(host, (port,)))
        assert _said_of(router) is Outcome.UNKNOWN
        (tmp_path / "ticket").write_bytes(issue_ticket(actor=OPERATOR, vantage="open", days=1).to_bytes())
        carry = ("--ticket", str(tmp_path / "ticket"), "--out", str(tmp_path / "bundle"))
        code, said = run(f"{host}:{port}", "--json", *carry)
    assert (code, json.loads(said)["observation"]["vantage"]) == (0, "open")
    import_bundles(actor=OPERATOR, files=[BundleFile("bundle", (tmp_path / "bundle").read_bytes())])
    assert _said_of(router) is Outcome.PASS


def _said_of(system: Entry) -> Outcome:
    return next(found.outcome for found in control.check() if found.subject.id == str(system.pk))
