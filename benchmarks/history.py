"""How long a patient's history takes: ``python -m benchmarks.history``.

Two logs by the real writer, each with its index by the real indexer: the live one of SEKISHO_BENCH_LIVE events (a
million) and one of SEKISHO_BENCH_EVENTS (20 million). Measured is the whole way to the page but its HTML: found in the
index, read from the log and checked against the hashes, decoded, grouped into visits. A usual patient has 5 or 100
events, one patient every thousandth event, each in a bundle of its own: the most work a page can be, 500 events.
The floor beside it, in the same run, is SQLite naming as many places from the same file. Seconds of processor time; the
time on the clock stands behind. The folder (in SEKISHO_BENCH_FOLDER, 850 bytes an event) is removed afterwards.
"""

import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.register_index import ORIGIN, entry
from sekisho.register.index.build import follow
from sekisho.register.index.entries import Entries
from sekisho.register.index.find import NEWEST, Key, find
from sekisho.register.index.store import FILE, microseconds, moment_of, reading
from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
from sekisho.register.log.writer import create_log
from sekisho.register.rules import encode_entry
from sekisho.register.rules.searching import Search
from sekisho.register.rules.visits import visits

LIVE = int(os.environ.get("SEKISHO_BENCH_LIVE", "1000000"))
EVENTS = int(os.environ.get("SEKISHO_BENCH_EVENTS", "20000000"))
PATIENTS, PEOPLE = 200_000, 2_000
OFTEN = "9999999999"  # one event in a thousand is about this patient
MOST_READ, PAGE, YEARS = 500, 50, 2_000  # a page of a history, a page of the list, four pages of a history
ROUNDS = 11
_STEP = 16_384
_MARKS = {"patient": "1111111111", "person": "222222222222", "at": "3333-33-33T33:33:33.333333Z", "id": "444444444444"}


def entries(count: int) -> Iterator[bytes]:
    """Yield events over two years."""
    chance, begin, step = random.Random(7), datetime(2024, 11, 1, tzinfo=UTC), timedelta(days=730) / count
    form = _form()
    for number in range(count):
        patient = OFTEN if number % 1000 == 0 else f"{chance.randrange(PATIENTS):010d}"
        yield form.format(
            patient=patient,
            person=f"{chance.randrange(PEOPLE):012d}",
            at=(begin + step * number).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            id=f"{number:012d}",
        ).encode()


def _form() -> str:
    """Return an entry with its changing parts left open; made once, as encoding each would take most of the time."""
    made = entry(0, random.Random(7))
    document = json.loads(made)
    document["id"] = document["id"][:24] + _MARKS["id"]
    document["actor"]["id"] = document["actor"]["id"][:24] + _MARKS["person"]
    document["occurred_at"] = document["recorded_at"] = _MARKS["at"]
    document["patient"] = document["subject"]["id"] = _MARKS["patient"]
    document["subject"]["label"] = f"患者 {_MARKS['patient']}"
    document["details"]["path"] = f"/karte/{_MARKS['patient']}"
    text = encode_entry(document).decode().replace("{", "{{").replace("}", "}}")
    for name, mark in _MARKS.items():
        text = text.replace(mark, f"{{{name}}}")
    return text


def write(folder: Path, count: int) -> tuple[Path, Tree]:
    """Write a log of ``count`` events and its index; return both."""
    place, index = folder / "log", folder / "index"
    place.mkdir(parents=True)
    log = create_log(Disk(place), bytes(range(32)), ORIGIN)
    made = entries(count)
    while batch := list(islice(made, _STEP)):
        log.append(batch)
    follow(index, log.tree, ORIGIN, count)
    return index, log.tree


def look(index: Path, tree: Tree, search: Search, most: int, before: Key = NEWEST) -> int:
    """Do what a page does: find, read and check ``most`` events, make visits of them; return how many."""
    with reading(index) as database:
        assert database is not None
        kept = Entries(tree)
        keys = islice((key for key, is_match in find(database, search, before) if is_match), most)
        events = [(moment_of(moment), json.loads(kept.entry(place))) for moment, place in keys]
        visits(events)
        return len(events)


def bare(index: Path, patient: str, most: int) -> int:
    """Let SQLite itself name as many places."""
    with closing(sqlite3.connect(f"{(index / FILE).as_uri()}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT place FROM event WHERE patient = (SELECT id FROM name WHERE text = ?) ORDER BY moment DESC LIMIT ?",
            (patient, most),
        )
        return len(found.fetchall())


def timed(work: Callable[[], int]) -> tuple[float, float, int]:
    """Return the median of the processor time, the longest time on the clock, in ms, and what came back last."""
    used, passed, count = [], [], 0
    for _round in range(ROUNDS):
        cpu, wall = time.process_time(), time.perf_counter()
        count = work()
        used.append((time.process_time() - cpu) * 1000)
        passed.append((time.perf_counter() - wall) * 1000)
    return statistics.median(used), max(passed), count


def figures(folder: Path, count: int) -> None:
    """Print the figures of a log of ``count`` events."""
    index, tree = write(folder, count)
    chance = random.Random(11)
    some: Callable[[], Search] = lambda: Search(patient=f"{chance.randrange(PATIENTS):010d}")  # noqa: E731
    often = Search(patient=OFTEN)
    middle: Key = (microseconds(datetime(2025, 11, 1, tzinfo=UTC)), 0)
    print(f"{count:,} events, load {os.getloadavg()[0]:.1f}")
    for title, work in (
        ("floor: SQLite names 500 places", lambda: bare(index, OFTEN, MOST_READ)),
        ("a usual patient's history", lambda: look(index, tree, some(), MOST_READ)),
        ("the page of a history with most work", lambda: look(index, tree, often, MOST_READ)),
        ("as much, a year back", lambda: look(index, tree, often, MOST_READ, middle)),
        ("four such pages in one", lambda: look(index, tree, often, YEARS)),
        ("a page of 50 of the list", lambda: look(index, tree, often, PAGE)),
    ):
        used, longest, found = timed(work)
        print(f"  {title:36} {used:8.1f} ms   longest on the clock {longest:8.1f} ms   {found:,} events")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-", dir=os.environ.get("SEKISHO_BENCH_FOLDER")) as name:
        for title, count in (("live", LIVE), ("whole", EVENTS)):
            figures(Path(name) / title, count)


if __name__ == "__main__":
    main()
