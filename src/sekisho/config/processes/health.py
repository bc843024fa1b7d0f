"""How a process says that it is well: ``GET /healthz`` on its own unix socket, and the question from outside."""

import json
import os
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import structlog

from sekisho import __version__
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json

log = structlog.get_logger(__name__)
# A loop that has not come round for this long is called unwell.
LONGEST_TURN = 60.0
PATH = "/healthz"


class Pulse:
    """The life sign of one process: its loop beats once a turn, its health socket answers from it."""

    def __init__(self, process: str, details: Callable[[], Mapping[str, Json]] = dict) -> None:
        self.process = process
        self._details = details
        self._started_at = self._last_turn_at = clock.now()
        # Judged by the clock that nobody can set back.
        self._last_turn = time.monotonic()

    def beat(self) -> None:
        """Note that the loop has come round."""
        self._last_turn_at = clock.now()
        self._last_turn = time.monotonic()

    def is_well(self) -> bool:
        """Tell whether the loop has come round lately."""
        return time.monotonic() - self._last_turn <= LONGEST_TURN

    def report(self) -> dict[str, Json]:
        """Return what the health socket says."""
        return {
            "status": "ok" if self.is_well() else "stalled",
            "process": self.process,
            "pid": os.getpid(),
            "version": __version__,
            "started_at": _stamp(self._started_at),
            "last_turn_at": _stamp(self._last_turn_at),
            **self._details(),
        }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, pulse: Pulse) -> None:
        self.pulse = pulse
        super().__init__(str(path), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that one answer failed, most often because the asker hung up."""
        log.debug("health answer failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "Sekisho"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        """Answer the one question there is."""
        known = self.path == PATH
        pulse = self.server.pulse
        body = json.dumps(pulse.report() if known else {"status": "unknown path"}).encode()
        self.send_response((200 if pulse.is_well() else 503) if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        """Say nothing: the supervisor asks every few seconds."""

    def address_string(self) -> str:
        """Return the name of the asker, who has none on a unix socket."""
        return "local"


@contextmanager
def answering(path: Path, pulse: Pulse) -> Iterator[None]:
    """Answer health questions about ``pulse`` on the unix socket ``path`` inside the block."""
    path.unlink(missing_ok=True)
    server = _Server(path, pulse)
    path.chmod(0o600)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)


class _UnixConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, host: str, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask_unix(path: Path, target: str, host: str = "localhost", timeout: float = 5.0) -> tuple[int, bytes] | None:
    """Send ``GET target`` to the unix socket ``path``; return status and body, or None when nobody answers."""
    connection = _UnixConnection(path, host, timeout)
    try:
        connection.request("GET", target, headers={"X-Forwarded-Proto": "https", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(1024 * 1024)
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def ask_health(path: Path, timeout: float = 5.0, host: str = "localhost") -> dict[str, Any] | None:
    """Ask the process behind the unix socket ``path`` how it is; None when it does not answer or is not well."""
    answer = ask_unix(path, PATH, host, timeout)
    if answer is None or answer[0] != 200:
        return None
    try:
        report = json.loads(answer[1])
    except ValueError:
        return None
    return report if isinstance(report, dict) else None
