"""Figures of the house, printed as ratios in one run: ``make bench``.

Each figure stands beside its bound and beside a floor measured in the same minute on the same machine: a bare Django
project (one view, no apps of ours) behind the same server on the same kind of socket. Absolute times on a busy machine
mean little; the ratios hold.
"""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROUNDS = 5
REQUESTS = 300
BARE = """
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bench", MIDDLEWARE=[])
urlpatterns = [path("healthz", lambda request: HttpResponse("ok"))]
application = get_wsgi_application()
"""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def ask(path: Path, address: str) -> int:
    """Return the status of one request."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", address, headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def served(target: str, folder: Path, variables: dict[str, str]) -> Iterator[tuple[Path, float, list[psutil.Process]]]:
    """Serve ``target`` with granian; yield its socket, the seconds to the first answer, and its processes."""
    path = folder / "bench.sock"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--uds", str(path), "--no-ws", target]
    environment = {**os.environ, **variables, "PYTHONPATH": str(folder)}
    started = time.perf_counter()
    server = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                if ask(path, "/healthz") == 200:
                    break
            except OSError:
                if time.perf_counter() - started > 30:
                    raise
                time.sleep(0.005)
        seconds = time.perf_counter() - started
        yield path, seconds, psutil.Process(server.pid).children()
    finally:
        server.terminate()
        server.wait(15)


def median(measure: Callable[[], float]) -> float:
    """Return the median of several rounds."""
    return statistics.median(measure() for _ in range(ROUNDS))


def fresh_database(folder: Path) -> float:
    """Return the seconds from an empty folder to a database of this version."""
    home = folder / "fresh"
    shutil.rmtree(home, ignore_errors=True)
    variables = {**os.environ, "SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.config.settings"}
    started = time.perf_counter()
    command = [str(Path(sys.executable).with_name("sekisho")), "process", "prepare", "--parent", str(os.getpid())]
    subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def page_milliseconds(path: Path, address: str) -> float:
    """Return the median milliseconds of one request after a warm-up."""
    for _ in range(20):
        ask(path, address)
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        ask(path, address)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def cold_start(target: str, folder: Path, variables: dict[str, str]) -> float:
    """Return the seconds until a new server answers."""
    with served(target, folder, variables) as (_path, seconds, _processes):
        return seconds


def line(name: str, value: float, unit: str, bound: float, floor: float | None) -> None:
    """Print one figure with its ratio to the bound and to the floor."""
    beside = f"{value / floor:6.2f} x bare Django ({floor:.2f} {unit})" if floor else ""
    print(f"{name:<34}{value:9.2f} {unit:<3} = {value / bound:5.2f} of the bound {bound:g} {unit}   {beside}")


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="skbench"))
    try:
        (folder / "bare.py").write_text(BARE)
        database = median(lambda: fresh_database(folder))
        ours = {"SEKISHO_HOME": str(folder / "fresh"), "SEKISHO_LOG_LEVEL": "warning"}
        target = "sekisho.config.wsgi:application"
        floor = median(lambda: cold_start("bare:application", folder, {}))
        start = median(lambda: cold_start(target, folder, ours))
        with served("bare:application", folder, {}) as (path, _, processes):
            bare_page = page_milliseconds(path, "/healthz")
            bare_memory = max(process.memory_info().rss for process in processes) / 2**20
        with served(target, folder, ours) as (path, _, processes):
            page = page_milliseconds(path, "/sign-in/")
            memory = max(process.memory_info().rss for process in processes) / 2**20
        line("fresh database ready", database, "s", 5, None)
        line("cold start of the web worker", start, "s", 2, floor)
        line("memory of the web worker", memory, "MiB", 120, bare_memory)
        line("plain page (sign-in), server time", page, "ms", 30, bare_page)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
