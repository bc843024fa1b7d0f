"""The search index: made from the log, equal to it, and made again whenever it is not."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sekisho.register.errors import LogDamaged
from sekisho.register.index.build import alone, differing, follow, missing
from sekisho.register.index.find import NEWEST, find, matches
from sekisho.register.index.store import FILE, IndexUnusable, microseconds, reading, state
from sekisho.register.rules import read_timestamp
from sekisho.register.rules.searching import Search
from tests.register.index_log import BEGIN, ORIGIN, Hospital, document

ALL = 1 << 30


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    """A log of 700 events."""
    made = Hospital(tmp_path / "log")
    made.add([document(number) for number in range(700)])
    return made


def size_of(folder: Path) -> int:
    with reading(folder) as index:
        assert index is not None
        assert missing(index, state(index)[1]) == []
        return state(index)[1]


def found(folder: Path, search: Search) -> list[int]:
    with reading(folder) as index:
        assert index is not None
        return [key[1] for key, is_match in find(index, search) if is_match]


def test_it_follows_the_log_in_steps_of_any_size(hospital: Hospital, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert follow(folder, hospital.tree, ORIGIN, 100) == 100
    assert follow(folder, hospital.tree, ORIGIN, 333) == 433
    assert follow(folder, hospital.tree, ORIGIN, ALL) == 700
    hospital.add([document(number) for number in range(700, 705)])
    assert follow(folder, hospital.tree, ORIGIN, ALL) == 705
    assert size_of(folder) == 705
    assert differing(folder, hospital.tree, 0, 705) == []
    assert found(folder, Search()) == list(reversed(range(705)))


def test_only_its_owner_reads_it(hospital: Hospital, tmp_path: Path) -> None:
    follow(tmp_path / "index", hospital.tree, ORIGIN, ALL)
    assert (tmp_path / "index").stat().st_mode & 0o077 == 0
    assert (tmp_path / "index" / FILE).stat().st_mode & 0o077 == 0


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def _torn(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = bytes(len(data) // 2 - 4096)
    path.write_bytes(data)


def _older_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version=0")


def _ahead(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE state SET size = 10000")
        database.commit()


def _another_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE state SET origin = 'sekisho-register/other'")
        database.commit()


def _another_past(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE state SET leaf = zeroblob(32)")
        database.commit()


@pytest.mark.parametrize("harm", [_garbage, _torn, _older_version, _ahead, _another_log, _another_past])
def test_what_cannot_be_used_is_made_anew(hospital: Hospital, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    folder = tmp_path / "index"
    follow(folder, hospital.tree, ORIGIN, ALL)
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harm(folder / FILE)
    hospital.add([document(700)])
    assert follow(folder, hospital.tree, ORIGIN, ALL) == 701
    assert size_of(folder) == 701
    assert differing(folder, hospital.tree, 0, 701) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET patient = NULL WHERE place = 300",
        "UPDATE event SET moment = moment + 1 WHERE place = 300",
        "UPDATE event SET actor = (SELECT max(id) FROM actor) WHERE place = 300",
        "DELETE FROM event WHERE place = 300",
    ],
)
def test_a_row_that_was_changed_is_seen(hospital: Hospital, tmp_path: Path, change: str) -> None:
    folder = tmp_path / "index"
    follow(folder, hospital.tree, ORIGIN, ALL)
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.execute(change)
        database.commit()
    assert differing(folder, hospital.tree, 0, 700) == [300]


def test_a_row_that_is_gone_is_named(hospital: Hospital, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    follow(folder, hospital.tree, ORIGIN, ALL)
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.execute("DELETE FROM event WHERE place = 300")
        database.commit()
    with reading(folder) as index:
        assert index is not None
        assert missing(index, 700) == [300]


def test_nothing_is_made_of_an_entry_that_was_changed(hospital: Hospital, tmp_path: Path) -> None:
    bundle = hospital.files.root / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace("鈴木".encode(), "佐木".encode(), 1))
    with pytest.raises(LogDamaged, match="tile/entries/001"):
        follow(tmp_path / "index", hospital.tree, ORIGIN, ALL)
    with reading(tmp_path / "index") as index:
        assert index is not None
        assert state(index)[1] in {0, 256}  # what came before in the same transaction is not there either


def test_a_file_that_is_damaged_while_reading_is_said(hospital: Hospital, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    follow(folder, hospital.tree, ORIGIN, ALL)
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _torn(folder / FILE)
    with pytest.raises(IndexUnusable), reading(folder) as index:
        assert index is not None
        list(find(index, Search()))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path, wait=False) as first, alone(tmp_path, wait=False) as second:
        assert (first, second) == (True, False)
    with alone(tmp_path, wait=False) as again:
        assert again


_KILLED = """
import sys
from pathlib import Path
from sekisho.register.index.build import follow
from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
log, index, size = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for most in range(64, size + 64, 64):
    follow(index, Tree(Disk(log), size), "sekisho-register/test", 64)
    print(most, flush=True)
"""


def test_it_survives_kill_9_at_any_moment(hospital: Hospital, tmp_path: Path) -> None:
    folder, size = tmp_path / "index", len(hospital.documents)
    arguments = [sys.executable, "-c", _KILLED, str(hospital.files.root), str(folder), str(size)]
    for rounds in range(4):
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rounds * 0.003)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert differing(folder, hospital.tree, 0, size_of(folder)) == []
    assert follow(folder, hospital.tree, ORIGIN, ALL) == size
    assert differing(folder, hospital.tree, 0, size) == []


_maybe = st.one_of(st.none(), st.sampled_from(["1", "２", "abc", "ABC"]))
_documents = st.lists(
    st.builds(
        lambda second, person, kind, patient, device, outcome, reason, action: {
            "at": BEGIN + timedelta(seconds=second),
            "person": person,
            "kind": kind,
            "patient": patient,
            "device": device,
            "outcome": outcome,
            "reason": reason,
            "action": action,
        },
        st.integers(0, 5),
        st.integers(0, 3),
        st.sampled_from(["person", "console"]),
        _maybe,
        _maybe,
        st.sampled_from(["success", "failure", "denied"]),
        st.sampled_from(["", "救急", "ｷｭｳｷｭｳ"]),
        st.sampled_from(["patient.read", "patient.change"]),
    ),
    max_size=12,
)
_searches = st.builds(
    Search,
    text=st.sampled_from(["", "鈴木", "すずき", "read", "鈴木 read", "救急", "患者 3", "\0", "%"]),
    action=st.sampled_from(["", "patient.read", "nothing"]),
    outcome=st.sampled_from(["", "success", "failure", "nothing"]),
    since=st.sampled_from([None, BEGIN + timedelta(seconds=2)]),
    until=st.sampled_from([None, BEGIN + timedelta(seconds=4)]),
    person=st.sampled_from(["", "p1", "花子", "スズキ", "無"]),
    kind=st.sampled_from(["", "person", "console"]),
    patient=st.sampled_from(["", "2", "ａｂｃ"]),
    device=st.sampled_from(["", "1"]),
    subject=st.sampled_from(["", "0000001"]),
    system=st.sampled_from(["", "emr"]),
)


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(_documents, st.lists(_searches, min_size=1, max_size=8))
def test_it_finds_what_looking_at_every_event_finds(
    tmp_path_factory: pytest.TempPathFactory, more: list[dict[str, object]], searches: list[Search]
) -> None:
    place = tmp_path_factory.mktemp("hypothesis")
    hospital = Hospital(place / "log")
    hospital.add([document(number, **one) for number, one in enumerate(more)])
    follow(place / "index", hospital.tree, ORIGIN, ALL)
    newest_first = sorted(
        ((microseconds(read_timestamp(one["occurred_at"])), number) for number, one in enumerate(hospital.documents)),
        reverse=True,
    )
    for search in searches:
        wanted = [number for _at, number in newest_first if matches(search, hospital.documents[number])]
        assert found(place / "index", search) == wanted, search
        with reading(place / "index") as index:
            assert index is not None
            for cut, key in enumerate([NEWEST, *newest_first]):
                rest = {number for _at, number in newest_first[cut:]}
                keys = [one[1] for one, is_match in find(index, search, key) if is_match]
                assert keys == [number for number in wanted if number in rest]
