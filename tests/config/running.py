"""Runs the real command and talks to the real processes."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from sekisho.config.processes.health import ask_health

UP = ["-m", "sekisho.config.cli", "up"]
COMMAND = [sys.executable, "-P", "-m", "sekisho.config.cli"]
READY = "Sekisho is ready"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def variables(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which only ``settings`` speak to Sekisho, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEKISHO_", "COV_", "PYTEST"))}
    ours = {f"SEKISHO_{name.upper()}": value for name, value in {"language": "en", **settings}.items()}
    return {**kept, "SEKISHO_HOME": str(home), "PYTHONUTF8": "1", **ours}


def run(
    home: Path, arguments: Sequence[str], settings: Mapping[str, str] | None = None, wrapper: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, behind ``wrapper`` when given."""
    return subprocess.run(
        [*wrapper, *COMMAND, *arguments],
        env=variables(home, settings or {}),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def prepare(home: Path, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the preparing step alone, as the supervisor does."""
    return run(home, ["process", "prepare", "--parent", str(os.getpid())], settings)


def until(condition: Callable[[], Any], seconds: float = 30.0, what: str = "") -> Any:
    """Return the first true answer of ``condition``; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


class Instance:
    """``sekisho up`` in its own data directory."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.port = int(settings["port"])
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home.parent / "log"
        self.out = home.parent / "out"
        self.seen: set[int] = set()

    def start(self) -> "Instance":
        """Start it and return at once."""
        with self.log.open("ab") as log, self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *UP],
                env=variables(self.home, self.settings),
                cwd="/",
                stdout=out,
                stderr=log,
                start_new_session=True,
            )
        return self

    def ready(self, seconds: float = 30.0) -> "Instance":
        """Wait until it says that it is ready."""
        until(lambda: READY in self.out.read_text() or self.ended, seconds, "ready")
        assert not self.ended, self.log.read_text()
        self.remember()
        return self

    @property
    def ended(self) -> bool:
        """Tell whether the supervisor has ended."""
        return self.process is None or self.process.poll() is not None

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self.process is not None
        return self.process.pid

    def remember(self) -> set[int]:
        """Return every process of the instance, and remember them for the end."""
        if not self.ended:
            tree = psutil.Process(self.pid).children(recursive=True)
            self.seen |= {self.pid, *(process.pid for process in tree)}
        return self.seen

    def children(self) -> dict[str, int]:
        """Return the process ids that the supervisor reports."""
        report = ask_health(self.home / "run" / "supervisor.sock")
        assert report is not None
        return {name: facts["pid"] for name, facts in report["children"].items() if facts["pid"]}

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 40.0) -> int:
        """Send a signal and return the exit code."""
        self.remember()
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def left_over(self) -> set[int]:
        """Return the processes of the instance that are still there."""
        return {pid for pid in self.seen if is_there(pid)}

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, host: str = "localhost", seconds: float = 15.0
    ) -> tuple[int, bytes]:
        """Ask through Caddy, trusting only its root certificate."""
        root = self.home / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        context = ssl.create_default_context(cafile=str(root))
        connection = http.client.HTTPSConnection(host, self.port, context=context, timeout=seconds)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def destroy(self) -> None:
        """End whatever this instance started and is still there."""
        if self.process is not None and self.process.poll() is None:
            self.remember()
            self.process.kill()
        if self.process is not None:
            self.process.wait(10)
        until(lambda: not self.left_over(), 15, "no process left over")


def is_there(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
