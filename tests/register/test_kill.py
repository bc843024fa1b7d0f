"""kill -9 of a process that records and merges: whatever it acknowledged is in the log or in the spool, once."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sekisho.register.inbox import finished_parts
from sekisho.register.log.files import Disk
from sekisho.register.log.writer import open_log
from tests.register.test_log_writer import SEED

pytestmark = pytest.mark.processes
CHOICE = secrets.SystemRandom()
ROOT = Path(__file__).resolve().parents[2]


def one_life(home: Path, said: Path) -> None:
    """Let the writer live for a moment after its first word, and kill it."""
    before = said.stat().st_size if said.exists() else 0
    with said.open("ab") as out:
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.register.kill_writer", str(home)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            cwd=ROOT,
            stdout=out,
        )
    deadline = time.monotonic() + 30
    while said.stat().st_size == before and writer.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(CHOICE.uniform(0.0, 0.06))
    assert writer.poll() is None, "ended by itself"
    writer.kill()
    writer.wait(10)


def check(home: Path, said: Path) -> None:
    log = open_log(Disk(home / "register"), SEED)
    assert log is not None
    entries = [json.loads(entry)["source_seq"] for entry in log.tree.entries(0, log.head.size)]
    assert entries == list(range(1, log.head.size + 1))
    spooled = [number for part in finished_parts(home / "inbox", "gate-1") for number, _entry in part.entries]
    kept = sorted({*entries, *spooled})
    acknowledged = [int(line) for line in said.read_text().splitlines(keepends=True) if line.endswith("\n")]
    assert kept == list(range(1, kept[-1] + 1))
    assert len(set(acknowledged)) == len(acknowledged), "a number was given twice"
    assert set(acknowledged) <= set(kept)


def rounds(home: Path, times: int) -> None:
    (home / "register").mkdir()
    for _life in range(times):
        one_life(home, home / "said")
        check(home, home / "said")


@pytest.mark.timeout(120)
def test_some_lives(tmp_path: Path) -> None:
    rounds(tmp_path, 5)


@pytest.mark.full
@pytest.mark.timeout(3000)
def test_a_thousand_lives(tmp_path: Path) -> None:
    rounds(tmp_path, 1000)
