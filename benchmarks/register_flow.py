"""A hot writer for minutes, and the sequencer behind it: ``python -m benchmarks.register --minutes 10 --rate 10000``.

Three processes as in production: a writer with 100 clients at a given rate, the sequencer that merges and feeds the
index, and with ``--import`` one that writes 10,000 events of the outbox into the database in one transaction, again and
again. Printed are the waits of the clients, the memory of both, what is not merged and what is not indexed yet.
SEKISHO_DATABASE_URL puts the database on PostgreSQL (tests/with_postgres.py).
"""

import argparse
import asyncio
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sekisho.config.processes.django_start import load_django
from sekisho.config.processes.lifeline import die_with_parent
from sekisho.register.inbox import Inbox, first_of, inbox, parts
from sekisho.register.index.store import reading, state

CLIENTS = 100
ROWS = 10_000
SOURCE = "gate-1"
SAMPLES = 12
MOST_TENTHS = 100_000  # ten seconds
SHARES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
DOCUMENT: dict[str, Any] = {
    "occurred_at": "2026-11-21T00:30:00.000000Z",
    "actor": {"kind": "person", "id": "01978f6e-3a00-7000-8000-000000000001", "name": "鈴木 花子", "roles": ["staff"],
              "assurance": 2},
    "session": "01978f6e-3a00-7000-8000-000000000002",
    "action": "patient.read",
    "subject": {"kind": "patient", "id": "0001234567", "label": "試験 太郎"},
    "patient": "0001234567",
    "system": "01978f6e-3a00-7000-8000-000000000003",
    "device": None,
    "network": "192.0.2.17",
    "outcome": "success",
    "reason": "",
    "details": {"method": "GET", "path": "/karte/0001234567"},
    "commitment": None,
}  # fmt: skip


class Waits:
    """How long clients waited, counted by tenths of a millisecond: as large after minutes as at the start."""

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * MOST_TENTHS))
        self.count = 0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[min(int(seconds * 10_000), MOST_TENTHS - 1)] += 1
        self.count += 1

    def share(self, share: float) -> float:
        """Return the milliseconds that this share of all waited at most."""
        rest = share * self.count
        for tenths, count in enumerate(self._counts):
            rest -= count
            if rest <= 0:
                return (tenths + 1) / 10
        return MOST_TENTHS / 10


async def crowd(box: Inbox, rate: int, seconds: float) -> Waits:
    """Append ``rate`` events a second from many clients of one event at a time; return how long they waited."""
    waits = Waits()
    began = time.perf_counter()

    async def client(number: int) -> None:
        due = began + number / rate
        while due < began + seconds:
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            asked = time.perf_counter()
            await box.append_async(DOCUMENT)
            waits.add(time.perf_counter() - asked)
            due += CLIENTS / rate  # who was late asks again at once, until the rate is reached

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return waits


def write(home: Path, rate: int, seconds: float) -> None:
    """Be the writer; say as JSON what came of it."""
    with inbox(home / "inbox", SOURCE) as box:
        asyncio.run(crowd(box, rate, 2.0))  # warm
        used = time.process_time()
        waits = asyncio.run(crowd(box, rate, seconds))
        used = time.process_time() - used
    shares = {name: waits.share(share) for name, share in SHARES.items()}
    print(json.dumps({"count": waits.count, "used": used, **shares}))


def sequence() -> None:
    """Be the sequencer."""
    importlib.import_module("sekisho.config.processes.entry").run_process("sequencer", os.getppid())


def import_rows() -> None:
    """Write 10,000 events into the database in one transaction, again and again."""
    load_django()
    services = importlib.import_module("sekisho.register.services")
    atomic = importlib.import_module("django.db").transaction.atomic
    action = importlib.import_module("sekisho.register.actions").RegisterAction.STATUS
    actor = importlib.import_module("sekisho.kernel.actor").platform("import")
    while True:
        began = time.perf_counter()
        with atomic():
            for _row in range(ROWS):
                services.append(actor=actor, action=action)
        print(f"  {ROWS:,} rows in one transaction: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
        time.sleep(1)


@contextmanager
def role(name: str, home: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Run this module as ``name`` for the block."""
    command = [sys.executable, "-m", "benchmarks.register", "--role", name, "--home", str(home), *more]
    environment = {**os.environ, "SEKISHO_HOME": str(home)}
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(60)


def resident(process: "subprocess.Popen[str]") -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def standing(home: Path) -> tuple[int, int, int]:
    """Return how many events have begun a part, how many entries the log has, and how many the index has."""
    found = parts(home / "inbox" / SOURCE) if (home / "inbox" / SOURCE).exists() else []
    note = home / "register" / "checkpoint"
    size = int(note.read_text().split("\n")[1]) if note.exists() else 0
    with reading(home / "index") as index:
        indexed = state(index)[1] if index is not None else 0
    return (first_of(found[-1]) - 1 if found else 0), size, indexed


def sustain(rate: int, minutes: float, *, importing: bool) -> None:
    """Let all of them work and print what is seen."""
    home = Path(tempfile.mkdtemp(prefix="sekisho-bench-", dir=os.environ.get("SEKISHO_BENCH_FOLDER")))
    seconds = minutes * 60
    try:
        subprocess.run([sys.executable, "-m", "benchmarks.register", "--role", "prepare", "--home", str(home)],
                       env={**os.environ, "SEKISHO_HOME": str(home)}, check=True)  # fmt: skip
        with role("sequencer", home) as sequencer, role("writer", home, str(rate), str(seconds)) as writer:
            if importing:
                with role("import", home):
                    _watch(home, writer, sequencer, seconds)
            else:
                _watch(home, writer, sequencer, seconds)
            facts = json.loads(writer.communicate()[0])
            _report(facts, rate, seconds)
            _drain(home, sequencer)
    finally:
        shutil.rmtree(home)


def _watch(home: Path, writer: "subprocess.Popen[str]", sequencer: "subprocess.Popen[str]", seconds: float) -> None:
    print("   second   load   written    merged   indexed   memory: writer, sequencer")
    began = time.monotonic()
    while writer.poll() is None and time.monotonic() - began < seconds + 60:
        time.sleep(max(1.0, seconds / SAMPLES))
        if writer.poll() is None:
            written, merged, indexed = standing(home)
            print(
                f"{time.monotonic() - began:9.0f} {os.getloadavg()[0]:6.1f} {written:>9,} {merged:>9,} {indexed:>9,}"
                f"   {resident(writer):.0f} MiB, {resident(sequencer):.0f} MiB",
                flush=True,
            )


def _report(facts: dict[str, float], rate: int, seconds: float) -> None:
    count = int(facts["count"])
    print(f"{count:,} events in {seconds:.0f} s: {count / seconds:,.0f}/s of {rate:,}/s asked")
    print(f"load {os.getloadavg()[0]:.1f}; the writer used {facts['used'] / count * 1e6:.1f} µs of processor each")
    print("waits:", ", ".join(f"{name} {facts[name]:.1f} ms" for name in SHARES))


def _drain(home: Path, sequencer: "subprocess.Popen[str]") -> None:
    began = time.monotonic()
    while (stands := standing(home)) and not stands[0] <= stands[1] == stands[2] and time.monotonic() - began < 300:
        time.sleep(0.2)
    written, merged, indexed = standing(home)
    ticks = Path(f"/proc/{sequencer.pid}/stat").read_text().rpartition(")")[2].split()
    used = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    print(f"all merged and indexed {time.monotonic() - began:.1f} s after the last event")
    print(f"{written:,} written, {merged:,} in the log, {indexed:,} in the index")
    print(f"the sequencer used {used / merged * 1e6:.1f} µs of processor each")


def prepare() -> None:
    """Make the database and the folder of sockets."""
    (Path(os.environ["SEKISHO_HOME"]) / "run").mkdir(mode=0o700, exist_ok=True)
    load_django()
    importlib.import_module("django.core.management").call_command("migrate", verbosity=0)


def flow() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.register")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--import", dest="importing", action="store_true")
    parser.add_argument("--role")
    parser.add_argument("--home", type=Path)
    parser.add_argument("rest", nargs="*")
    asked = parser.parse_args()
    if not asked.role:
        sustain(asked.rate, asked.minutes, importing=asked.importing)
        return
    die_with_parent(os.getppid())
    if asked.role == "writer":
        write(asked.home, int(asked.rest[0]), float(asked.rest[1]))
    else:
        {"sequencer": sequence, "import": import_rows, "prepare": prepare}[asked.role]()
