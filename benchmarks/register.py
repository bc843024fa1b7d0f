"""Figures of the register: ``python -m benchmarks.register``; with ``--minutes`` see benchmarks/register_flow.py.

Durable events per second, with the floor and the peers in the same run on the same disk: the bare sync of the same
bytes, SQLite and PostgreSQL with one commit an event. Processor time stands beside, as it depends less on the load.
Ratios hold, absolute times on a shared machine mean little. How fast ``sekisho-verify`` reads is measured beside it.
"""

import asyncio
import os
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.register_flow import DOCUMENT, flow
from sekisho.register.inbox import Inbox, finished_parts
from sekisho.register.log.files import Disk
from sekisho.register.log.tree import verify_bundle
from sekisho.register.log.writer import Log, create_log
from sekisho.register.rules import encode_entry
from tests.with_postgres import postgres

ROUNDS = 5
CLIENTS = 100
EACH = 200
SEED = bytes(range(32))
BATCHES = (1, 100, 1000, 5000)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk that the data will lie on."""
    made = Path(tempfile.mkdtemp(prefix="sekisho-bench-", dir=os.environ.get("SEKISHO_BENCH_FOLDER")))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def whole(number: int) -> bytes:
    """Return an entry as it is logged, about 700 bytes."""
    own = {"id": f"01978f6e-3a00-7000-8000-{number:012d}", "source": "gate-1", "source_seq": number + 1}
    return encode_entry({**DOCUMENT, **own, "recorded_at": DOCUMENT["occurred_at"]})


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how many of ``count`` were done in a second."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def bare_sync(batch: int, count: int) -> float:
    """The floor: the same bytes appended to one file, one sync a batch."""
    data = b"".join(whole(number) for number in range(batch))
    with folder() as place:
        descriptor = os.open(place / "bare", os.O_WRONLY | os.O_CREAT, 0o600)

        def work() -> None:
            for _batch in range(count // batch):
                os.write(descriptor, data)
                os.fdatasync(descriptor)

        try:
            return rate(count, work)
        finally:
            os.close(descriptor)


def sqlite_each(count: int) -> float:
    """One commit an event, as durable as Sekisho's own database."""
    with folder() as place:
        database = sqlite3.connect(place / "peer.sqlite3", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, entry BLOB)")

        def work() -> None:
            for number in range(count):
                database.execute("INSERT INTO event VALUES (?, ?)", (number, whole(number)))

        try:
            return rate(count, work)
        finally:
            database.close()


def postgres_each(url: str, count: int) -> float:
    """One commit an event in PostgreSQL, one connection; a table whose rows really have to be durable."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE TABLE event (number bigint PRIMARY KEY, entry bytea)")
        database.execute("SET synchronous_commit = on")

        def work() -> None:
            for number in range(count):
                database.execute("INSERT INTO event VALUES (%s, %s)", (number, whole(number)))

        try:
            return rate(count, work)
        finally:
            database.execute("DROP TABLE event")


def through_inbox(clients: int, each: int) -> tuple[float, float, list[float]]:
    """Clients with one event at a time; return events a second, those a second of processor time, and the waits."""
    waits: list[float] = []

    async def client(box: Inbox) -> None:
        for _number in range(each):
            began = time.perf_counter()
            await box.append_async(DOCUMENT)
            waits.append(time.perf_counter() - began)

    async def crowd(box: Inbox) -> None:
        await asyncio.gather(*(client(box) for _number in range(clients)))

    with folder() as place:
        box = Inbox(place, "gate-1")
        began = time.process_time()
        try:
            found = rate(clients * each, lambda: asyncio.run(crowd(box)))
        finally:
            used = time.process_time() - began
            box.close()
        assert sum(len(part.entries) for part in finished_parts(place, "gate-1")) == clients * each
    return found, clients * each / used, waits


def into_log(batch: int, count: int) -> tuple[float, float]:
    """Return entries a second into the log's files, and bundles' entries a second checked against the hashes."""
    entries = [whole(number) for number in range(batch)]
    with folder() as place:
        log: Log = create_log(Disk(place), SEED, "sekisho-register/bench")

        def work() -> None:
            for _batch in range(count // batch):
                log.append(entries)

        def check() -> None:
            for index in range(log.head.size // 256):
                verify_bundle(log.tree, index)

        return rate(count, work), rate(count, check)


def memory() -> float:
    """Return the largest resident memory so far in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(title: str, figures: list[float], floor: float | None = None) -> float:
    """Print the median of the rounds with its range, and the ratio to a floor; return the median."""
    middle = statistics.median(figures)
    beside = f"   {middle / floor:6.2f} x" if floor else ""
    print(f"{title:<52} {middle:>11,.0f}/s  [{min(figures):,.0f}–{max(figures):,.0f}]{beside}")
    return middle


def measure(url: str, found: dict[str, list[float]], waits: list[float]) -> None:
    """Do one round of everything."""
    found["one"].append(bare_sync(1, 1000))
    found["hundred"].append(bare_sync(100, 20_000))
    found["sqlite"].append(sqlite_each(1000))
    found["postgres"].append(postgres_each(url, 1000))
    throughput, processor, waited = through_inbox(CLIENTS, EACH)
    found["inbox"].append(throughput)
    found["processor"].append(processor)
    waits += waited
    found["lone"].append(through_inbox(1, 1000)[0])
    for batch in BATCHES:
        wrote, checked = into_log(batch, 200 if batch == 1 else 10_000)
        found[f"log {batch}"].append(wrote)
        if batch == BATCHES[-1]:
            found["check"].append(checked)


def report(found: dict[str, list[float]], waits: list[float]) -> None:
    """Print what the rounds came to."""
    one = show("sync of the same bytes, one event each (floor)", found["one"])
    hundred = show("sync of the same bytes, a hundred each (floor)", found["hundred"])
    sqlite = show("SQLite, one commit an event", found["sqlite"])
    show("PostgreSQL, one commit an event", found["postgres"])
    inbox = show(f"inbox, {CLIENTS} clients of one event (beside SQLite)", found["inbox"], sqlite)
    show("inbox, a second of processor time", found["processor"])
    print(f"{'':<52} of the floor of a hundred each: {inbox / hundred:.2f}")
    cut = statistics.quantiles(waits, n=100)
    print(f"{'':<52} waits: p50 {cut[49] * 1000:.2f} ms, p99 {cut[98] * 1000:.2f} ms, max {max(waits) * 1000:.1f} ms")
    show("inbox, one client (beside the floor of one each)", found["lone"], one)
    for batch in BATCHES:
        show(f"log files, {batch} entries a checkpoint", found[f"log {batch}"])
    show("log checked, bundle by bundle", found["check"])
    print(f"largest resident memory: {memory():.0f} MiB")


def main() -> None:
    """Measure in interleaved rounds and print."""
    if len(sys.argv) > 1:
        flow()
        return
    print(f"entry: {len(whole(0))} bytes, load {os.getloadavg()[0]:.1f}, {ROUNDS} rounds, medians")
    found: dict[str, list[float]] = defaultdict(list)
    waits: list[float] = []
    with postgres(durable=True) as url:
        for _round in range(ROUNDS):
            measure(url, found, waits)
    report(found, waits)


if __name__ == "__main__":
    main()
