"""Nothing that a server does makes a scan long or large, and nothing is read into silence."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.network.queries import tls_scan
from sekisho.network.queries.tls_scan import SCANNER, Address, scan, scan_all
from sekisho.network.rules.observation import Observation, Version, Why
from tests.network import misbehaving, servers
from tests.network.servers import LOOPBACK, NAME

V = Version
pytestmark = pytest.mark.processes
AUTHORITY = servers.identity("Clinic CA", authority=True)


def look(port: int, **more: object) -> Observation:
    """Scan a port of this machine under the clinic's name."""
    return scan(LOOPBACK, port, **{"server_name": NAME, "ca_pem": AUTHORITY.pem, **more})  # type: ignore[arg-type]


HOSTILE: dict[str, tuple[Callable[..., None], bool | None, Why | None]] = {
    "never answers": (misbehaving.never_answers, None, Why.SILENT),
    "garbage": (misbehaving.garbage, False, Why.NOT_TLS),
    "plain http": (misbehaving.plain_http, False, Why.NOT_TLS),
    "trickle": (misbehaving.trickle, None, Why.SILENT),
    "flood": (misbehaving.flood, None, Why.TOO_MUCH),
    "huge record": (misbehaving.huge_record, None, Why.UNREADABLE),
    "reset": (misbehaving.resets, None, Why.HUNG_UP),
    "half a hello": (misbehaving.half_hello, None, Why.SILENT),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_costs_little_and_passes_nothing(name: str) -> None:
    serve, tls, why = HOSTILE[name]
    begun = time.monotonic()
    with misbehaving.listening(serve) as port:
        seen = look(port, deadline=10.0, patience=0.7)
    assert time.monotonic() - begun < 8
    assert (seen.reachable, seen.tls) == (True, tls)
    assert seen.offered() == ()
    if tls is None:
        assert set(seen.versions.values()) == {None}
    assert why in {seen.why[f"versions.{version}"] for version in V}, seen.why
    assert seen.chains is None
    assert seen.trust is None
    assert "chains" in seen.why


def test_what_a_server_that_is_no_tls_says_can_be_shown() -> None:
    with misbehaving.listening(misbehaving.plain_http) as port:
        assert look(port).plain == "HTTP/1.1 400 Bad Request", "the first line, as a person reads it"
    with misbehaving.listening(misbehaving.garbage) as port:
        plain = look(port).plain or ""
    assert "READY" in plain
    assert plain.isprintable()


def test_nobody_there() -> None:
    refused = look(servers.free_port())
    assert (refused.reachable, refused.why) == (False, {"reachable": Why.REFUSED})
    nameless = scan("no-such-host.invalid", 443)
    assert (nameless.reachable, nameless.why) == (False, {"reachable": Why.NO_NAME})


def test_a_port_that_swallows_everything() -> None:
    """A full queue stands for a firewall that drops: no answer at all to the first packet."""
    with servers.swallowing() as port:
        begun = time.monotonic()
        seen = look(port, deadline=8.0, patience=1.0)
    assert time.monotonic() - begun < 8
    assert (seen.reachable, seen.why) == (False, {"reachable": Why.SILENT})


@pytest.mark.parametrize(("serve", "version"), [(misbehaving.ssl2_server, V.SSL2), (misbehaving.ssl3_server, V.SSL3)])
def test_the_oldest_versions(serve: Callable[..., None], version: Version) -> None:
    with misbehaving.listening(serve) as port:
        seen = look(port)
    assert seen.offered() == (version,)
    if version is V.SSL3:
        assert seen.suites[version] == ("TLS_RSA_WITH_RC4_128_SHA",)
        assert seen.secure_renegotiation is False


# GCM and CBC with RSA, common; SEED, rare enough to be asked for in another hello.
PICKS = [0x009D, 0x0096, 0x002F]
PICKED = ("TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_SEED_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA")


@pytest.mark.parametrize("alert", [True, False])
def test_a_server_that_hangs_up_instead_of_saying_no(alert: bool) -> None:
    with misbehaving.listening(misbehaving.picky(PICKS, alert=alert)) as port:
        seen = look(port)
    assert seen.offered() == (V.TLS12,)
    assert {seen.versions[version] for version in V if version is not V.TLS12} == {False}
    assert seen.suites[V.TLS12] == PICKED
    assert seen.server_order[V.TLS12] is True
    assert not [field for field in seen.why if field.startswith(("suites", "groups", "versions"))]
    assert seen.secure_renegotiation is False
    assert seen.downgrade_protection is True  # there is nothing to force anybody down to


@pytest.mark.parametrize("most", [1, 2, 3, 8, 10, 15, 20, 25])
def test_a_server_that_has_had_enough_is_not_taken_for_one_that_refuses(most: int) -> None:
    with misbehaving.listening(misbehaving.picky(PICKS, most=most)) as port:
        seen = look(port)
    assert seen.offered() in {(), (V.TLS12,)}
    if most <= 2:
        assert False not in seen.versions.values()
    incomplete = [field for field in seen.why if field.startswith(("suites", "versions"))]
    assert incomplete or seen.suites[V.TLS12] == PICKED
    assert Why.HUNG_UP in seen.why.values()


def test_a_scanner_that_breaks_off_has_seen_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("raise SystemExit(3)", "print('[]')", "print('[null]')", "print('{')", "import time; time.sleep(60)"):
        program = tmp_path / "broken.py"
        program.write_text(text)
        monkeypatch.setattr(tls_scan, "SCANNER", program)
        monkeypatch.setattr("sekisho.network.queries.child.START", 0.2)
        monkeypatch.setattr(tls_scan, "START", 0.2)
        seen = scan(LOOPBACK, 1, deadline=0.2)
        assert (seen.reachable, seen.why) == (None, {"reachable": Why.BROKEN_OFF})


BROKEN = """
import os, time
from sekisho.network.queries import child
from sekisho.network.rules.observation import Observation
child.START = 0.3
def work(request):
    match request["host"]:
        case "slow": time.sleep(60)
        case "dead": os.kill(os.getpid(), 9)
        case "fails": raise ValueError("no")
        case "large": bytearray(2**30)
        case "odd": return Observation(["odd"], {})
        case "talks": return Observation("x" * 3_000_000, 1)
    return Observation(request["host"], 1, reachable=True)
child.answer_requests(work, 2)
"""


def test_one_that_breaks_off_does_not_take_the_others_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "scanner.py"
    program.write_text(BROKEN)
    monkeypatch.setattr(tls_scan, "SCANNER", program)
    names = ["a", "slow", "dead", "b", "fails", "odd", "large", "talks", "c"]
    seen = list(scan_all([Address(name, 1) for name in names], deadline=0.3))
    assert [one.host for one in seen if one.reachable] == ["a", "b", "c"]
    assert all(one.why == {"reachable": Why.BROKEN_OFF} for one in seen if not one.reachable)
    assert [one.host for one in seen] == names
    assert list(scan_all([])) == []


def test_the_scanner_is_a_program_of_its_own() -> None:
    nothing = dict.fromkeys(("starttls", "server_name", "ca_pem"))
    request = json.dumps([{"host": LOOPBACK, "port": servers.free_port(), "seconds": 5, "patience": 1, **nothing}])
    command = [sys.executable, "-I", SCANNER]
    done = subprocess.run(command, input=request, capture_output=True, text=True, env={}, check=True)
    assert json.loads(done.stdout)[0]["reachable"] is False
