"""``sekisho check clock``: one address is asked, nothing else, and the exit code says what came of it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sekisho.network.commands import check
from sekisho.network.commands.answers import AddressInvalid
from sekisho.network.commands.clock import split_host
from sekisho.network.queries import clock_doors, ntp
from tests.config.running import run
from tests.network.daemons import chronyd, free_port, needs_chrony, needs_faketime
from tests.network.listeners import PATIENCE, TimeServer
from tests.network.servers import LOOPBACK


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question instead of four with pauses between."""
    real = ntp.ask_host
    quick = ntp.Asking(samples=1, timeout=PATIENCE, gap=0.0)
    monkeypatch.setattr(clock_doors.ntp, "ask_host", lambda host, port, asking=None: real(host, port, asking or quick))


@pytest.fixture
def contacted(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[object]]:
    """Every place that a socket of this process is connected to."""
    places: set[object] = set()
    real = socket.socket.connect

    def watched(self: socket.socket, place: object) -> None:
        places.add(place)
        real(self, place)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", watched)
    return places


def command(*arguments: str) -> Result:
    return CliRunner().invoke(check, ["clock", *arguments], standalone_mode=False)


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (5.0, 0), (120.0, 1), (-7200.0, 1)])
def test_exit_codes_and_whom_it_asks(shift: float, code: int, contacted: set[object]) -> None:
    """Off by more than the bound is 1; a host that answers well is 0. Only the address given is contacted."""
    with TimeServer(shift).running() as port:
        said = command(f"{LOOPBACK}:{port}")
    assert said.return_value == code, said.output
    assert contacted == {(LOOPBACK, port)}
    assert "compared with the clock of this computer" in said.output


def test_json_for_programs() -> None:
    with TimeServer(120.0).running() as port:
        said = command(f"{LOOPBACK}:{port}", "--json")
    found = json.loads(said.output)
    assert (found["outcome"], found["observation"]["answer"]) == ("fail", "time")
    assert [remark["code"] for remark in found["remarks"]] == ["clock.host"]
    assert 119 < found["observation"]["offset"] < 121


@pytest.mark.parametrize("way", ["--ntp", "--smb", "--http", "--https"])
def test_who_does_not_answer_cannot_be_told(way: str) -> None:
    said = command(f"{LOOPBACK}:{free_port(socket.SOCK_STREAM)}", way)
    assert said.return_value == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("router", ("router", 123)),
        ("router:1123", ("router", 1123)),
        ("192.168.1.1", ("192.168.1.1", 123)),
        ("fd00::1", ("fd00::1", 123)),
        ("fe80::1%eth0", ("fe80::1%eth0", 123)),
        ("[fd00::1]", ("fd00::1", 123)),
        ("[fd00::1]:1123", ("fd00::1", 1123)),
        ("時計.example.jp", ("時計.example.jp", 123)),
    ],
)
def test_addresses(text: str, place: tuple[str, int]) -> None:
    assert split_host(text, 123) == place


@pytest.mark.parametrize(
    "text", ["", ":", "router:", "router:0", "router:65536", "http://router", "a b", "[::1", "::1]:5"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(AddressInvalid):
        split_host(text, 123)


@needs_chrony
@needs_faketime
@pytest.mark.processes
def test_the_real_command_against_a_real_server(tmp_path: Path) -> None:
    """As it is typed, with no installation there."""
    with chronyd(tmp_path, 90) as port:
        said = run(tmp_path / "none", ["check", "clock", f"{LOOPBACK}:{port}", "--json"])
    assert said.returncode == 1, said.stderr
    assert 89 < json.loads(said.stdout)["observation"]["offset"] < 91
    assert not (tmp_path / "none").exists()
