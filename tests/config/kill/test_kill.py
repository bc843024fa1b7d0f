"""kill -9 of anything, at any moment: the next start is clean, and what was said to be written is there."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.config.processes.health import ask_health
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT, WIDTH
from sekisho.register.log.tree import Tree, read_head, verify_bundle, verify_edge
from sekisho.trust.dsse import public_key
from tests.config.running import Instance, until, variables

pytestmark = pytest.mark.processes
CHOICE = secrets.SystemRandom()
LATEST = 3.0


def ask(home: Path, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / "sekisho.sqlite3", timeout=20)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def integrity(home: Path) -> str:
    return str(ask(home, "PRAGMA quick_check")[0][0])


class Writer:
    """A process that writes into the register all the time, and what it said was written, over all its lives."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said = home.parent / "acknowledged"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is at work."""
        before = self.said.stat().st_size if self.said.exists() else 0
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("writer.py"))],
                env=variables(self.home, {}),
                cwd="/",
                stdout=said,
            )
        until(lambda: self.said.stat().st_size > before, what="the first event of the writer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def acknowledged(self) -> list[str]:
        """Return the ids it said; a line that the kill cut short is none."""
        return [line.rstrip() for line in self.said.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture
def writer(home: Path) -> Iterator[Writer]:
    one = Writer(home)
    yield one
    one.kill()


def check_register(home: Path, acknowledged: list[str]) -> int:
    """Check that nothing is lost, doubled or out of its order; return how many events there are."""
    # One statement, one state: the platform goes on writing meanwhile, if only its heartbeat.
    last = "(SELECT last FROM register_head WHERE name = '{}')"
    columns = f"source_seq, log_index, id, {last.format('outbox')}, {last.format('log')}"
    numbers = ask(home, f"SELECT {columns} FROM register_event WHERE source = 'outbox' ORDER BY 1")
    count, log = len(numbers), numbers[-1][4] or 0
    assert [row[0] for row in numbers] == list(range(1, count + 1))
    assert numbers[-1][3] == count
    placed = [row[1] for row in numbers if row[1] is not None]
    assert placed == list(range(log))
    assert {event.replace("-", "") for event in acknowledged} <= {row[2].replace("-", "") for row in numbers}
    assert ask(home, "SELECT count(*) FROM register_body")[0][0] >= len(acknowledged)
    assert len(set(acknowledged)) == len(acknowledged)
    return count


def check_log(home: Path, acknowledged: list[str]) -> None:
    """Check the log from its files: every hash, and what was said to be written, once, where the database says."""
    files = Disk(home / "register")
    note = files.read(CHECKPOINT)
    assert note is not None
    head = read_head(note, public_key((home / "keys" / "register.key").read_bytes()))
    tree = Tree(files, head.size)
    verify_edge(tree, head)
    for index in range(-(-head.size // WIDTH)):
        verify_bundle(tree, index)
    ids = [json.loads(entry)["id"] for entry in tree.entries(0, head.size)]
    assert len(set(ids)) == len(ids)
    assert set(acknowledged) <= set(ids)
    rows = ask(home, "SELECT id FROM register_event WHERE log_index IS NOT NULL ORDER BY log_index")
    assert [row[0].replace("-", "") for row in rows] == [one.replace("-", "") for one in ids]


def is_all_placed(home: Path) -> bool:
    return ask(home, "SELECT count(*) FROM register_event WHERE log_index IS NULL") == [(0,)]


def kill_somebody(one: Instance) -> str:
    """Kill the supervisor or one of its processes, whichever; return which."""
    family = [one.pid, *sorted(one.remember() - {one.pid})]
    victim = family[0] if CHOICE.random() < 0.3 else CHOICE.choice(family)
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "nobody"
    return "supervisor" if victim == one.pid else "child"


def round_of_killing(make: Callable[..., Instance], home: Path, writer: Writer) -> None:
    writer.start()
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
    writer.kill()

    acknowledged = writer.acknowledged()
    check_register(home, acknowledged)
    two = make().start().ready()
    assert two.get("/healthz")[0] == 200
    for name in ("worker", "sequencer"):
        until(lambda name=name: ask_health(home / "run" / f"{name}.sock"), what=name)
    until(lambda: is_all_placed(home), what="a place for every event")
    check_register(home, acknowledged)
    assert integrity(home) == "ok"
    assert two.stop() == 0
    assert two.left_over() == set()
    check_log(home, acknowledged)


def rounds_of_killing(make: Callable[..., Instance], home: Path, writer: Writer, times: int) -> None:
    make().start().ready().stop()
    for _time in range(times):
        round_of_killing(make, home, writer)
    assert len(writer.acknowledged()) >= times


@pytest.mark.timeout(120)
def test_once(instance: Callable[..., Instance], home: Path, writer: Writer) -> None:
    rounds_of_killing(instance, home, writer, 1)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_fifty_times(instance: Callable[..., Instance], home: Path, writer: Writer) -> None:
    rounds_of_killing(instance, home, writer, 50)


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
