"""Figures of the search index: ``python -m benchmarks.register_index``.

Events per second into the index beside the floor, SQLite's bare ``executemany`` of as many rows of as many numbers
without any index of its own; and how long a page and a patient's whole history take, each entry read from the log and
checked. SEKISHO_BENCH_EVENTS sets how many events there are (a million). Ratios hold, absolute times mean little.
"""

import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from sekisho.register.index.build import follow
from sekisho.register.index.entries import Entries
from sekisho.register.index.find import find
from sekisho.register.index.store import FILE, reading
from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
from sekisho.register.log.writer import create_log
from sekisho.register.rules import encode_entry
from sekisho.register.rules.searching import Search

EVENTS = int(os.environ.get("SEKISHO_BENCH_EVENTS", "1000000"))
PEOPLE, PATIENTS = 2_000, 20_000
ORIGIN = "sekisho-register/bench"
_STEP = 8192


def entry(number: int, chance: random.Random) -> bytes:
    """Return event ``number`` of a hospital with 20,000 patients, about 700 bytes."""
    person, patient = chance.randrange(PEOPLE), f"{chance.randrange(PATIENTS):010d}"
    second = number // 4
    at = f"2026-{1 + second // 2_419_200:02d}-{1 + second // 86_400 % 28:02d}T{second // 3600 % 24:02d}"
    at = f"{at}:{second // 60 % 60:02d}:{second % 60:02d}.{number % 4:06d}Z"
    return encode_entry(
        {
            "id": f"01978f6e-3a00-7000-8000-{number:012d}", "occurred_at": at, "recorded_at": at, "source": "gate-1",
            "source_seq": number + 1, "session": f"01978f6e-3a00-7000-8001-{person * 100 + second // 28_800:012d}",
            "actor": {"kind": "person", "id": f"01978f6e-3a00-7000-8002-{person:012d}", "name": f"職員 {person}",
                      "roles": ["staff"], "assurance": 2},
            "action": "patient.read", "subject": {"kind": "patient", "id": patient, "label": f"患者 {patient}"},
            "patient": patient, "system": "01978f6e-3a00-7000-8000-000000000003", "device": f"PC-{person % 300}",
            "network": "192.0.2.17", "outcome": "success", "reason": "",
            "details": {"method": "GET", "path": f"/karte/{patient}"}, "commitment": None,
        }
    )  # fmt: skip


def floor(folder: Path) -> float:
    """Return rows a second that SQLite takes without indexes."""
    database = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"CREATE TABLE event ({', '.join(f'c{number} INTEGER' for number in range(12))})")
    began = time.perf_counter()
    for start in range(0, EVENTS, 2 * _STEP):
        database.execute("BEGIN")
        rows = ((number, number * 7, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11) for number in range(start, start + 2 * _STEP))
        database.executemany(f"INSERT INTO event VALUES ({', '.join('?' * 12)})", rows)
        database.execute("COMMIT")
    taken = time.perf_counter() - began
    database.close()
    return EVENTS / taken


def seconds(work: Callable[[], int], rounds: int = 20) -> tuple[float, float, float]:
    """Return median and longest time, and what ``work`` returned on average."""
    times, sizes = [], []
    for _round in range(rounds):
        began = time.perf_counter()
        sizes.append(work())
        times.append(time.perf_counter() - began)
    return statistics.median(times), max(times), statistics.mean(sizes)


def look(index: Path, tree: Tree, search: Search, most: int) -> int:
    """Find, read and check; return how many."""
    with reading(index) as database:
        assert database is not None
        entries = Entries(tree)
        keys = islice((key for key, is_match in find(database, search) if is_match), most)
        return sum(bool(entries.entry(place)) for _moment, place in keys)


def main() -> None:
    """Print the figures."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-", dir=os.environ.get("SEKISHO_BENCH_FOLDER")) as name:
        place, index = Path(name) / "log", Path(name) / "index"
        place.mkdir()
        log = create_log(Disk(place), bytes(range(32)), ORIGIN)
        for start in range(0, EVENTS, _STEP):
            log.append([entry(number, chance) for number in range(start, min(start + _STEP, EVENTS))])
        bare = floor(Path(name))
        began = time.perf_counter()
        follow(index, log.tree, ORIGIN, EVENTS)
        rate = EVENTS / (time.perf_counter() - began)
        size = (index / FILE).stat().st_size
        print(f"floor, executemany without indexes   {bare:12,.0f} rows/s")
        print(f"reindex, checked against the hashes  {rate:12,.0f} events/s   {rate / bare:.3f} of the floor")
        print(f"the index                            {size / EVENTS:12,.0f} bytes an event")
        tree = log.tree
        patient: Callable[[], Search] = lambda: Search(patient=f"{chance.randrange(PATIENTS):010d}")  # noqa: E731
        for title, search, most in (
            ("a patient's history", patient, 2_000),
            ("the newest page", Search, 50),
            ("a person's newest page", lambda: Search(person=f"職員 {chance.randrange(PEOPLE)}"), 50),
        ):
            middle, longest, count = seconds(lambda make=search, upto=most: look(index, tree, make(), upto))  # type: ignore[misc]
            print(f"{title:36} {middle * 1000:8.1f} ms   longest {longest * 1000:8.1f} ms   {count:.0f} events")


if __name__ == "__main__":
    main()
