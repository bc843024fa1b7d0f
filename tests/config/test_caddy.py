import json
import os
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sekisho.config.environment import Environment
from sekisho.config.processes.caddy import (
    BODY_LIMIT,
    CaddyMissing,
    CaddyUnfit,
    caddy_configuration,
    caddy_version,
    find_caddy,
    mend_storage,
    root_certificate,
)
from sekisho.config.processes.home import prepare_home
from sekisho.config.processes.supervisor import is_configured, is_trusted
from sekisho.ledgers.services import LARGEST_TOGETHER
from tests.config.running import COMMAND, free_port, until, variables

Seen = dict[str, list[str]]


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it was sent."""

    def do_GET(self) -> None:
        if "cut" in self.path:
            self.cut()
        else:
            self.answer()

    def cut(self) -> None:
        """Break off in the middle of the answer: Caddy then logs the whole request."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(bytes(1000))
        self.close_connection = True

    def do_POST(self) -> None:
        remaining = int(self.headers.get("Content-Length", 0))
        while remaining > 0 and (chunk := self.rfile.read(min(remaining, 65536))):
            remaining -= len(chunk)
        self.answer()

    def answer(self) -> None:
        headers: Seen = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        body = json.dumps(headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass

    def address_string(self) -> str:
        return ""


class Upstream(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """Caddy hangs up on bodies that are too large."""


@contextmanager
def upstream(environment: Environment) -> Iterator[None]:
    with Upstream(str(environment.run / "web.sock"), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class Front:
    """A running Caddy."""

    def __init__(self, environment: Environment, log: Path) -> None:
        self.environment = environment
        self.log = log

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(root_certificate(self.environment)))

    def send(
        self, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        host = self.environment.host
        connection = HTTPSConnection(host, self.environment.port, context=self.context(), timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def front(home: Path) -> Iterator[Callable[..., Front]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(**settings: str) -> Front:
        environment = Environment(home=home, port=free_port(), **settings)  # type: ignore[arg-type]
        prepare_home(environment)
        log = home.parent / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*COMMAND, "process", "caddy", "--parent", str(os.getpid())],
                env=variables(home, {"port": str(environment.port), **settings}),
                stderr=file,
            )
        running.append(process)
        until(
            lambda: process.poll() is not None or (is_configured(environment) and is_trusted(environment, "127.0.0.1")),
            what="Caddy",
        )
        assert process.poll() is None, log.read_text()
        return Front(environment, log)

    yield start
    for process in running:
        process.terminate()
        process.wait(15)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"listen": "all"},
        {"host": "sekisho.clinic.example"},
        {"host": "192.168.1.10"},
        {"port": 443},
        {"log_format": "json"},
    ],
)
def test_caddy_accepts_the_configuration(home: Path, settings: dict[str, object]) -> None:
    environment = Environment(home=home, **settings)  # type: ignore[arg-type]
    prepare_home(environment)
    file = home / "caddy.json"
    file.write_text(json.dumps(caddy_configuration(environment, ("127.0.0.1", "::1"))))
    answer = subprocess.run(
        [find_caddy(environment), "validate", "--config", file],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"HOME": str(home)},
    )
    assert answer.returncode == 0, answer.stderr


def test_the_program_is_the_one_of_the_operator(home: Path) -> None:
    assert find_caddy(Environment(home=home)).name == "caddy"
    assert caddy_version(find_caddy(Environment(home=home))).startswith("v2.")
    for wrong in (home / "no-caddy", home.parent):
        with pytest.raises(CaddyMissing) as caught:
            find_caddy(Environment(home=home, caddy=wrong))
        assert caught.value.exit_code == 69


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo v1.0.5", "v1.0.5"),
        ("echo version", "version"),
        ("echo broken >&2; exit 2", "broken"),
        ("true", ""),
        ("echo v2.11.7; exit 1", "v2.11.7"),
    ],
)
def test_a_program_that_is_no_caddy_2_is_refused(home: Path, script: str, words: str) -> None:
    program = home.parent / "caddy"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    with pytest.raises(CaddyUnfit) as caught:
        caddy_version(find_caddy(Environment(home=home, caddy=program)))
    assert caught.value.exit_code == 69
    assert words in str(caught.value.text)
    assert "SEKISHO_CADDY" in str(caught.value.advice)


@pytest.mark.parametrize("said", ["v2.11.7 h1:abc=", "2.6.2", "v2.12.0-beta.1"])
def test_every_caddy_2_will_do(home: Path, said: str) -> None:
    program = home.parent / "caddy"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o700)
    assert caddy_version(program) == said.split(maxsplit=1)[0]


def make_authority(environment: Environment, *names: str) -> Path:
    prepare_home(environment)
    folder = root_certificate(environment).parent
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("x")
    return folder


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (["root.crt"], []),
        (["root.crt", "root.key", "intermediate.crt"], ["root.crt", "root.key"]),
        (["root.key", "intermediate.crt", "intermediate.key"], []),
        (
            ["root.crt", "root.key", "intermediate.crt", "intermediate.key"],
            ["intermediate.crt", "intermediate.key", "root.crt", "root.key"],
        ),
    ],
)
def test_a_half_made_authority_is_removed(home: Path, there: list[str], left: list[str]) -> None:
    environment = Environment(home=home)
    folder = make_authority(environment, *there)
    (home / "caddy" / "locks").mkdir()
    mend_storage(environment)
    assert sorted(path.name for path in folder.iterdir()) == left
    assert not (home / "caddy" / "locks").exists()


@pytest.mark.processes
def test_caddy_starts_after_a_kill_between_certificate_and_key(front: Callable[..., Front], home: Path) -> None:
    make_authority(Environment(home=home), "root.crt")
    assert front().send()[0] == 503


@pytest.mark.processes
def test_what_a_client_says_about_itself_is_not_believed(front: Callable[..., Front]) -> None:
    caddy = front()
    lies = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Uri": "/admin",
        "X-Original-Url": "/admin",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
        "Remote-User": "root",
        "X-Client-Fp": "aa",
        "Connection": "close, X-Forwarded-Proto, X-Forwarded-For",
    }
    with upstream(caddy.environment):
        status, answer, body = caddy.send(headers=lies)
    seen: Seen = json.loads(body)
    assert status == 200
    assert seen["x-forwarded-proto"] == ["https"]
    assert seen["x-forwarded-for"][0] in {"127.0.0.1", "::1"}
    assert len(seen["x-forwarded-for"]) == 1
    assert seen["x-forwarded-host"] == [f"localhost:{caddy.environment.port}"]
    assert seen["host"] == [f"localhost:{caddy.environment.port}"]
    for name in ("x-forwarded-uri", "x-original-url", "x-real-ip", "forwarded", "remote-user", "x-client-fp"):
        assert name not in seen
    assert "server" not in answer
    assert "via" not in answer


@pytest.mark.processes
def test_only_tls_1_3_and_only_our_name(front: Callable[..., Front]) -> None:
    caddy = front()
    old = caddy.context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = HTTPSConnection("localhost", caddy.environment.port, context=old, timeout=10)
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        connection.connect()
    status, _headers, _body = caddy.send(headers={"Host": "evil.example"})
    assert status == 421
    plain = HTTPConnection("localhost", caddy.environment.port, timeout=10)
    plain.request("GET", "/")
    assert plain.getresponse().status == 400
    plain.close()


def test_a_name_in_the_handshake_must_be_the_one_that_is_asked_for(home: Path) -> None:
    """No second name can be tested from outside, since there is no certificate for one; so the setting is."""
    named = caddy_configuration(Environment(home=home), ("127.0.0.1",))["apps"]["http"]["servers"]["front"]
    assert named["strict_sni_host"] is True
    assert "default_sni" not in named["tls_connection_policies"][0]


@pytest.mark.processes
def test_only_our_name_even_where_the_handshake_names_none(front: Callable[..., Front]) -> None:
    """With a bare address browsers name nothing in the handshake; what they ask for is looked at all the same."""
    caddy = front(host="127.0.0.1")
    with upstream(caddy.environment):
        assert caddy.send()[0] == 200
        assert caddy.send(headers={"Host": "evil.example"})[0] == 421
        assert caddy.send(headers={"Host": "localhost"})[0] == 421


@pytest.mark.processes
def test_without_the_web_process_there_is_a_page_that_says_so(front: Callable[..., Front]) -> None:
    caddy = front()
    status, headers, body = caddy.send(path="/invitation/tokentoken/?x=geheim", headers={"Cookie": "a=geheim"})
    assert status == 503
    assert headers["retry-after"] == "5"
    assert "server" not in headers
    assert "準備中" in body.decode()
    assert "Please try again soon" in body.decode()
    assert "tokentoken" not in caddy.log.read_text()
    assert "geheim" not in caddy.log.read_text()


@pytest.mark.processes
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_what_caddy_logs_of_a_request_holds_no_secret(front: Callable[..., Front], log_format: str) -> None:
    """Neither its address, which may be a one-time link, nor its headers, which may hold a session."""
    caddy = front(log_format=log_format)
    with upstream(caddy.environment), pytest.raises(IncompleteRead):
        caddy.send(path="/cut/tokentoken/?x=geheim", headers={"Cookie": "a=geheim", "Referer": "https://x/tokentoken"})
    line = until(
        lambda: next((line for line in caddy.log.read_text().splitlines() if "incomplete response" in line), None),
        what="Caddy's line about the broken answer",
    )
    assert '"method"' in line, "the request is in the line, without what is secret"
    assert "tokentoken" not in caddy.log.read_text()
    assert "geheim" not in caddy.log.read_text()


@pytest.mark.processes
def test_a_body_that_is_too_large_is_refused(front: Callable[..., Front]) -> None:
    caddy = front()
    with upstream(caddy.environment):
        assert caddy.send("POST", body=bytes(1024 * 1024))[0] == 200
        try:
            status = caddy.send("POST", body=bytes(BODY_LIMIT + 1))[0]
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            status = 413  # it may hang up before the whole body was sent
    assert status == 413


@pytest.mark.processes
def test_forms_with_files_take_more(front: Callable[..., Front]) -> None:
    """What the ledgers accept passes; the same body is refused elsewhere."""
    caddy, together = front(), bytes(LARGEST_TOGETHER + 2**19)
    with upstream(caddy.environment):
        ledgers = ("/assets/devices/import/", "/assets/devices/x/files/")
        for path in (
            "/requirements/SO-1-1/attest/",
            "/documents/documents.rules/hand-in/",
            "/claims/x/amend/",
            *ledgers,
        ):
            assert caddy.send("POST", path=path, body=together)[0] == 200
        for path in ("/claims/x/y/amend/", "/claims/", "/applications/x/approve/"):
            try:
                status = caddy.send("POST", path=path, body=bytes(BODY_LIMIT + 1))[0]
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                status = 413
            assert status == 413


@pytest.mark.processes
def test_a_bare_address_works_too(front: Callable[..., Front]) -> None:
    caddy = front(host="127.0.0.1")
    with upstream(caddy.environment):
        status, _headers, body = caddy.send()
    assert status == 200
    assert json.loads(body)["x-forwarded-host"] == [f"127.0.0.1:{caddy.environment.port}"]


@pytest.mark.processes
def test_every_network_can_be_served(front: Callable[..., Front]) -> None:
    caddy = front(listen="all")
    with upstream(caddy.environment):
        assert caddy.send()[0] == 200
    assert is_trusted(caddy.environment, "0.0.0.0")
