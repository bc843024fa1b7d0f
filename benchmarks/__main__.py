"""Figures of the house, printed as ratios in one run: ``make bench``.

Each figure stands beside its bound and beside a floor measured in the same minute on the same machine: a bare Django
project (one view, no apps of ours) behind the same server on the same kind of socket. Absolute times on a busy machine
mean little; the ratios hold.
"""

import http.client
import importlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import psutil

from sekisho.config.processes.children import MALLOC
from sekisho.config.processes.web import TARGET, THREADS

ROUNDS = 5
REQUESTS = 300
SIGN_INS = 20
SESSION_COOKIE = "__Host-sekisho"
OURS = {"Host": "localhost", "X-Forwarded-Proto": "https"}
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


def send(path: Path, method: str, address: str, headers: Mapping[str, str], body: str = "") -> tuple[int, str, str]:
    """Return the status, the cookies and the body of one answer."""
    connection = UnixConnection(path)
    try:
        connection.request(method, address, body or None, {**OURS, **headers})
        answer = connection.getresponse()
        cookies = "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie", []))
        return answer.status, cookies, answer.read().decode()
    finally:
        connection.close()


def ask(path: Path, address: str, cookies: str = "") -> int:
    """Return the status of one request."""
    return send(path, "GET", address, {"Cookie": cookies})[0]


@contextmanager
def served(target: str, folder: Path, variables: dict[str, str]) -> Iterator[tuple[Path, float, list[psutil.Process]]]:
    """Serve ``target`` with granian; yield its socket, the seconds to the first answer, and its processes."""
    path = folder / "bench.sock"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--uds", str(path), "--no-ws"]
    command += ["--blocking-threads", str(THREADS), target]
    environment = {**os.environ, **MALLOC, **variables, "PYTHONPATH": str(folder)}
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


def page_milliseconds(path: Path, address: str, cookies: str = "") -> float:
    """Return the median milliseconds of one request after a warm-up."""
    for _ in range(20):
        assert ask(path, address, cookies) == 200
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        ask(path, address, cookies)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def cold_start(target: str, folder: Path, variables: dict[str, str]) -> float:
    """Return the seconds until a new server answers."""
    with served(target, folder, variables) as (_path, seconds, _processes):
        return seconds


def sign_in_wrongly(path: Path, number: int) -> None:
    """Send one sign-in as a browser does: the form first, then a name nobody has, from an address of its own.

    Every one is to cost a hash, so none may be held back for those before it.
    """
    _, cookies, form = send(path, "GET", "/sign-in/", {})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    headers = {
        "Cookie": cookies,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "https://localhost",
        "X-Forwarded-For": f"192.0.2.{number}",
    }
    fields = {"csrfmiddlewaretoken": token[1], "login": f"nobody{number}", "password": "nobody has this password"}
    status, _, page = send(path, "POST", "/sign-in/", headers, urlencode(fields))
    assert status < 500
    assert "people.sign_in_refused" in page or "csrfmiddlewaretoken" in page


def memory_after_sign_ins(path: Path, processes: list[psutil.Process]) -> float:
    """Return the MiB of the largest process after sign-ins with wrong passwords, one a thread at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: sign_in_wrongly(path, number), range(1, SIGN_INS + 1)))
    return max(process.memory_info().rss for process in processes) / 2**20


def signed_in_cookie(home: Path, name: str = "測定", role: str = "system_operator") -> str:
    """Make a person with a session in the database of ``home``, through Django in here; return the cookie."""
    os.environ |= {"SEKISHO_HOME": str(home), "SEKISHO_LOG_LEVEL": "warning"}
    importlib.import_module("sekisho.config.processes.django_start").start_django()
    # Only now: models cannot be imported before Django knows its settings.
    clock, ids, access = (importlib.import_module(f"sekisho.kernel.{name}") for name in ("clock", "ids", "access"))
    staff = importlib.import_module("sekisho.people.services.staff")
    user_model = importlib.import_module("sekisho.people.models").User
    person = staff.add_staff(staff.PersonData(name=name, kana=""))
    importlib.import_module("sekisho.people.services.links").grant_roles(person, [access.Role(role)], "benchmark")
    user = user_model.objects.create(staff=person, login="bench", password="!", created_at=clock.now())
    store = importlib.import_module("sekisho.people.sessions").SessionStore()
    store.update(
        {
            "user_id": str(user.pk),
            "revision": user.revision,
            "public_id": str(ids.new_id()),
            "assurance": 2,
            "signed_in_at": clock.now().isoformat(),
        }
    )
    store.save(must_create=True)
    return f"{SESSION_COOKIE}={store.session_key}"


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
        floor = median(lambda: cold_start("bare:application", folder, {}))
        start = median(lambda: cold_start(TARGET, folder, ours))
        with served("bare:application", folder, {}) as (path, _, processes):
            bare_page = page_milliseconds(path, "/healthz")
            bare_memory = max(process.memory_info().rss for process in processes) / 2**20
        with served(TARGET, folder, ours) as (path, _, processes):
            page = page_milliseconds(path, "/sign-in/")
            signed_in_page = page_milliseconds(path, "/", signed_in_cookie(folder / "fresh"))
            memory = memory_after_sign_ins(path, processes)
        line("fresh database ready", database, "s", 5, None)
        line("cold start of the web worker", start, "s", 2, floor)
        line("memory after sign-ins, 4 at once", memory, "MiB", 120, bare_memory)
        line("plain page (sign-in), server time", page, "ms", 30, bare_page)
        line("first page, signed in, server time", signed_in_page, "ms", 30, bare_page)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
