"""kill -9 of anything, at any moment: the next start is clean."""

import os
import secrets
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.config.processes.health import ask_health
from tests.config.running import Instance, until

pytestmark = pytest.mark.processes
CHOICE = secrets.SystemRandom()
LATEST = 3.0


def integrity(home: Path) -> str:
    connection = sqlite3.connect(home / "sekisho.sqlite3", timeout=20)
    try:
        return str(connection.execute("PRAGMA quick_check").fetchone()[0])
    finally:
        connection.close()


def kill_somebody(one: Instance) -> str:
    """Kill the supervisor or one of its processes, whichever; return which."""
    family = [one.pid, *sorted(one.remember() - {one.pid})]
    victim = family[0] if CHOICE.random() < 0.3 else CHOICE.choice(family)
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "nobody"
    return "supervisor" if victim == one.pid else "child"


def round_of_killing(make: Callable[..., Instance], home: Path) -> None:
    one = make().start()
    # Before it is ready, while it starts its processes, or in the middle of its work.
    time.sleep(CHOICE.uniform(0.05, LATEST))
    for _kill in range(CHOICE.choice([1, 1, 2, 4])):
        kill_somebody(one)
    one.remember()
    if not one.ended:
        assert one.process is not None
        one.process.kill()
        one.process.wait(10)
    until(lambda: not one.left_over(), 10, "the end of all processes")

    two = make().start().ready()
    assert two.get("/healthz")[0] == 200
    for name in ("worker", "sequencer"):
        until(lambda name=name: ask_health(home / "run" / f"{name}.sock"), what=name)
    assert integrity(home) == "ok"
    assert two.stop() == 0
    assert two.left_over() == set()


@pytest.mark.timeout(120)
def test_three_times(instance: Callable[..., Instance], home: Path) -> None:
    for _time in range(3):
        round_of_killing(instance, home)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_fifty_times(instance: Callable[..., Instance], home: Path) -> None:
    for _time in range(50):
        round_of_killing(instance, home)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_twenty_first_starts(instance: Callable[..., Instance], home: Path) -> None:
    """The first start makes everything: keys, tables, certificates. It is cut at ever later moments."""
    for attempt in range(20):
        one = instance().start()
        time.sleep(0.1 + attempt * 0.1)
        one.remember()
        assert one.process is not None
        one.process.kill()
        one.process.wait(10)
        until(lambda one=one: not one.left_over(), 10, "the end of all processes")
        two = instance().start().ready()
        assert two.get("/healthz")[0] == 200
        assert integrity(home) == "ok"
        assert two.stop() == 0
        for path in sorted(home.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        home.rmdir()
