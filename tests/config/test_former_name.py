"""What a former host name answers through the real Caddy: the names its keys are good for, and where we are now."""

import json
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.config.running import free_port, prepare, run, until
from tests.config.test_caddy import Front, front, upstream  # noqa: F401  # a fixture

FORMER = "kyu.clinic.example"
NEW = "shin.clinic.example"


def ask(caddy: Front, name: str, path: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a path under any name that Caddy may have, at this computer."""
    there = ("127.0.0.1", caddy.environment.port)
    wrapped = caddy.context().wrap_socket(socket.create_connection(there, timeout=10), server_hostname=name)
    connection = HTTPSConnection(name, caddy.environment.port)
    connection.sock = wrapped
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.processes
def test_a_former_name_leads_to_the_present_one(front: Callable[..., Front]) -> None:  # noqa: F811
    """Whole addresses are kept, nothing reaches the web process, and both names are listed for browsers."""
    caddy = front(former_host=FORMER)
    port = caddy.environment.port
    until(lambda: _has_certificate(caddy), what="the former name's certificate")
    with upstream(caddy.environment):
        status, headers, body = ask(caddy, FORMER, "/invitation/abc?x=1")
        assert (status, headers["location"], body) == (307, f"https://localhost:{port}/invitation/abc?x=1", b"")
        status, headers, body = ask(caddy, FORMER, "/.well-known/webauthn")
        assert (status, headers["content-type"]) == (200, "application/json")
        assert json.loads(body) == {"origins": [f"https://localhost:{port}", f"https://{FORMER}:{port}"]}
        assert "server" not in headers
        assert ask(caddy, "localhost", "/")[0] == 200
        assert caddy.send(headers={"Host": "evil.example"})[0] == 421


def _has_certificate(caddy: Front) -> bool:
    try:
        return ask(caddy, FORMER, "/.well-known/webauthn")[0] == 200
    except ssl.SSLError:
        return False


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.usefixtures("prepared")
def test_a_start_under_another_name_is_loud_and_goes_on(home: Path) -> None:
    """Doctor names it before the start, the start says it once, and doctor says it until it is finished."""
    settings = {"host": NEW, "port": str(free_port())}
    before = doctor_says(home, settings)
    assert (before["state"], "unprepared" in before["found"]) == ("bad", True)
    started = prepare(home, settings)
    assert started.returncode == 0
    assert "was changed from localhost to shin.clinic.example" in started.stdout
    assert "not prepared" in started.stdout
    after = doctor_says(home, settings)
    assert (after["state"], "without preparation" in after["found"]) == ("warn", True)
    assert "was changed" not in prepare(home, settings).stdout


def doctor_says(home: Path, settings: dict[str, str]) -> dict[str, str]:
    """Return what doctor says of the host name."""
    rows = json.loads(run(home, ["doctor", "--json"], settings).stdout)
    return next(row for row in rows if row["name"] == "host_name")
