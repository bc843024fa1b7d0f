"""What stands outside an installation in tests: witnesses, authorities and collectors on loopback."""

import contextlib
import http.server
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def process(*words: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a program of ours that prints where it listens; yield it and that address without /add-checkpoint."""
    with subprocess.Popen([sys.executable, *map(str, words)], stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            found = re.search(r"(https?://\S+)/add-checkpoint", running.stdout.readline())
            assert found
            yield running, found[1]
        finally:
            running.kill()


@contextlib.contextmanager
def answering(reply: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    """Answer every post with what ``reply`` makes of its body; yield the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            pass

    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Take connections and never say a word; yield the address."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}"
