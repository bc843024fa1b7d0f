"""The file of the index: its tables, how it is opened, and how rows get in, together with the place they reach to."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.kernel.search import fold

VERSION = 1  # another number in the file: made by another Sekisho, so it is made again
FILE = "register.sqlite3"
OUTCOMES = ("success", "failure", "denied")
# The kinds of names that an event is found by; each is stored once and stands in the rows as a number.
COLUMNS = ("action", "patient", "session", "system", "device", "network", "reason")
_CACHE_KIB = 131_072
_MOST_REMEMBERED = 200_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), origin TEXT NOT NULL, size INTEGER NOT NULL,
                    leaf BLOB NOT NULL) STRICT;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, key TEXT NOT NULL) STRICT;
CREATE INDEX name_key ON name (key);
CREATE TABLE actor (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
                    key TEXT NOT NULL, UNIQUE (kind, code, name)) STRICT;
CREATE INDEX actor_code ON actor (code);
CREATE TABLE subject (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, code TEXT NOT NULL, label TEXT NOT NULL,
                      key TEXT NOT NULL, UNIQUE (kind, code, label)) STRICT;
CREATE INDEX subject_code ON subject (code);
CREATE TABLE event (place INTEGER PRIMARY KEY, moment INTEGER NOT NULL, outcome INTEGER NOT NULL,
                    actor INTEGER NOT NULL, subject INTEGER, action INTEGER NOT NULL, patient INTEGER, session INTEGER,
                    system INTEGER, device INTEGER, network INTEGER, reason INTEGER) STRICT;
CREATE INDEX event_moment ON event (moment);
CREATE INDEX event_actor ON event (actor, moment);
CREATE INDEX event_action ON event (action, moment);
CREATE INDEX event_subject ON event (subject, moment) WHERE subject IS NOT NULL;
CREATE INDEX event_patient ON event (patient, moment) WHERE patient IS NOT NULL;
CREATE INDEX event_session ON event (session, moment) WHERE session IS NOT NULL;
CREATE INDEX event_device ON event (device, moment) WHERE device IS NOT NULL;
CREATE INDEX event_outcome ON event (outcome, moment) WHERE outcome > 0;
"""
_INSERT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
Row = tuple[int | None, ...]


class IndexUnusable(Exception):
    """The file cannot be used: damaged, of another version, or about another log. It is made again from the log."""


def microseconds(moment: datetime) -> int:
    """Return an aware moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(microseconds_since: int) -> datetime:
    """Return the moment, in UTC, of what :func:`microseconds` returned."""
    return _EPOCH + timedelta(microseconds=microseconds_since)


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the index for reading; None where there is none yet. Raises IndexUnusable, also for what the work meets."""
    path = folder / FILE
    if not path.exists():
        yield None
        return
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as database:
            if not _is_ours(database):
                raise IndexUnusable
            database.execute("BEGIN")  # every look in it sees the same state
            yield database
    except sqlite3.Error as error:
        raise IndexUnusable(str(error)) from error


def open_for_writing(folder: Path) -> sqlite3.Connection:
    """Open the index, made empty where there is none. Raises IndexUnusable, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    if not path.exists():
        path.touch(mode=0o600)
    try:
        database = sqlite3.connect(path, isolation_level=None, timeout=30)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if not database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
    except sqlite3.Error as error:
        raise IndexUnusable(str(error)) from error
    if not _is_ours(database):
        database.close()
        raise IndexUnusable
    return database


def _is_ours(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA user_version").fetchone()[0] == VERSION)


def remove(folder: Path) -> None:
    """Remove the file of the index and what SQLite keeps beside it."""
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal"):
        (folder / name).unlink(missing_ok=True)


def state(database: sqlite3.Connection) -> tuple[str, int, bytes]:
    """Return the log that the index is about, how many of its entries it has, and the hash of the last of them."""
    row = database.execute("SELECT origin, size, leaf FROM state").fetchone()
    return ("", 0, b"") if row is None else (str(row[0]), int(row[1]), bytes(row[2]))


def set_state(database: sqlite3.Connection, origin: str, size: int, leaf: bytes) -> None:
    """Note how far the index reaches; in the transaction of the rows, so that no crash parts the two."""
    database.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)", (origin, size, leaf))


class Names:
    """The numbers of names: looked up once, remembered, given out where they are new."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[tuple[str, ...], int] = {}

    def forget(self) -> None:
        """Forget everything: what was given out in a transaction that failed is not stored."""
        self._known.clear()

    def row(self, place: int, document: Mapping[str, Any]) -> Row:
        """Return the row of an entry. Raises KeyError, TypeError, ValueError where it is none."""
        actor, subject = document["actor"], document["subject"]
        action, *rest = (document[column] for column in COLUMNS)
        return (
            place,
            microseconds(datetime.fromisoformat(document["occurred_at"])),
            OUTCOMES.index(document["outcome"]),
            self._number("actor", (actor["kind"], actor["id"], actor["name"])),
            self._number("subject", (subject["kind"], subject["id"], subject["label"])) if subject else None,
            self._name(action),
            *(self._name(text) if text else None for text in rest),
        )

    def _name(self, text: str) -> int:
        return self._number("name", (text,))

    def _number(self, table: str, texts: tuple[str, ...]) -> int:
        found = self._known.get((table, *texts))
        if found is None:
            if len(self._known) > _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[(table, *texts)] = self._stored(table, texts)
        return found

    def _stored(self, table: str, texts: tuple[str, ...]) -> int:
        columns = {"name": ("text",), "actor": ("kind", "code", "name"), "subject": ("kind", "code", "label")}[table]
        clean = tuple(_storable(text) for text in texts)
        where = " AND ".join(f"{column} = ?" for column in columns)
        query = f"SELECT id FROM {table} WHERE {where}"  # noqa: S608  # names of our own tables
        if row := self._database.execute(query, clean).fetchone():
            return int(row[0])
        marks = ", ".join("?" * (len(columns) + 1))
        insert = f"INSERT INTO {table} ({', '.join(columns)}, key) VALUES ({marks})"  # noqa: S608
        return int(self._database.execute(insert, (*clean, fold(clean[-1]))).lastrowid or 0)


def _storable(text: str) -> str:
    """Return what SQLite can keep and compare: no NUL, no half of a pair."""
    return text.replace("\0", " ").encode("utf8", "replace").decode("utf8")


def insert(database: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Store rows."""
    database.executemany(_INSERT, rows)


def transact(database: sqlite3.Connection, work: Callable[[], None]) -> None:
    """Do ``work`` in one transaction, alone among writers."""
    database.execute("BEGIN IMMEDIATE")
    try:
        work()
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
