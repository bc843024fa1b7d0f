"""A witness on the network: one address, small requests, nothing of ours but the standard library."""

import fcntl
import os
import ssl
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog

from sekisho.kernel import clock
from sekisho.register.errors import WitnessInUse, WitnessStateBroken
from sekisho.register.log.files import Disk, Files
from sekisho.register.log.witness import LARGEST_REQUEST, SIZE_TYPE, TEXT_TYPE, Reply, Witness
from sekisho.trust.cosignatures import NamedKey

log = structlog.get_logger(__name__)
PATH = "/add-checkpoint"
MOST_AT_ONCE = 16
PATIENCE = 10.0  # seconds that one connection may take for its next byte
_TOO_LONG = 413
_NOT_FOUND = 404
_FAILED = 500


class WitnessServer(ThreadingHTTPServer):
    """Answers requests of logs until it is shut down. ``certificate`` and its key, both in PEM, make it HTTPS."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], witness: Witness, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(place, _Handler)
        self.witness = witness
        self.free = threading.BoundedSemaphore(MOST_AT_ONCE)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(*tls)
            # The handshake is done by the thread of the connection, under its time limit.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, unless too many are at work: then the connection is closed at once."""
        if not self.free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that a connection broke off; the standard library would print a whole trace for each."""
        log.info("a connection to the witness broke off", address=client_address[0], error=repr(sys.exc_info()[1]))


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server_version = "sekisho-witness"
    sys_version = ""
    server: WitnessServer

    def do_POST(self) -> None:
        """Take a checkpoint."""
        if self.path.rstrip("/") != PATH:
            self._send(_NOT_FOUND, b"", TEXT_TYPE)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            self._send(_TOO_LONG, b"", TEXT_TYPE)
            return
        try:
            reply = self.server.witness.answer(self.rfile.read(int(length)))
        except (WitnessStateBroken, OSError) as error:
            log.error("the witness cannot answer", error=str(error))
            self._send(_FAILED, b"", TEXT_TYPE)
            return
        self._tell(reply)
        self._send(int(reply.status), reply.body, reply.kind)

    def _tell(self, reply: Reply) -> None:
        say = log.info if reply.status in {200, 409} else log.warning
        known = reply.body.decode().strip() if reply.kind == SIZE_TYPE else None
        say("a head was shown to the witness", address=self.client_address[0], status=int(reply.status), known=known)

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Say nothing here: what matters was said."""


def open_witness(folder: Path, name: str, seed: bytes, logs: Sequence[NamedKey], files: Files | None = None) -> Witness:
    """Return the witness whose memory lies in ``folder``, which it keeps to itself until the process ends.

    Raises WitnessInUse, WitnessStateBroken, OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise WitnessInUse(path=folder) from error
    witness = Witness(files or Disk(folder), name, seed, logs, lambda: int(clock.now().timestamp()))
    for key in logs:
        witness.last(key)
    return witness
