"""A consistent copy of the SQLite database, taken while everybody works: the online backup, in one step.

In one step it reads one state of the database (write-ahead log) and holds up nobody who writes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sekisho.config.backup.manifest import DatabaseFacts, NewestEvent

KIND = "sqlite"
FILE = "sekisho.sqlite3"
# Nobody is signed in at the new place, and no queue starts there where it stood here.
EMPTIED = ("people_session", "django_tasks_db_dbtaskresult", "config_jobslot")
NEWEST = "SELECT id, source, source_seq FROM register_event ORDER BY {} DESC LIMIT 1"
_WAIT = 60.0


class CopyDamaged(Exception):
    """SQLite finds damage in the copy; the argument is what it says."""


def copy_database(database: Path, into: Path) -> DatabaseFacts:
    """Copy ``database`` to the new file ``into`` and return what is in it. Raises CopyDamaged, sqlite3.Error."""
    with closing(sqlite3.connect(database, timeout=_WAIT)) as source, closing(_fresh(into)) as copy:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        _empty(copy)
        faults = [str(row[0]) for row in copy.execute("PRAGMA quick_check(3)")]
        if faults != ["ok"]:
            raise CopyDamaged("; ".join(faults))
        return facts_of(copy)


def _fresh(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=False)
    return sqlite3.connect(path, isolation_level=None)


def _empty(copy: sqlite3.Connection) -> None:
    copy.execute("PRAGMA secure_delete=ON")
    present = set(tables(copy))
    for table in EMPTIED:
        if table in present:
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608  # a constant of this file


def tables(database: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all tables, in order."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return iter(sorted(str(row[0]) for row in rows))


def facts_of(database: sqlite3.Connection) -> DatabaseFacts:
    """Count and name what is in an open database."""
    rows = {
        table: int(database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608  # names of its own
        for table in tables(database)
    }
    migrations = tuple(f"{app}.{name}" for app, name in database.execute("SELECT app, name FROM django_migrations"))
    newest = database.execute(NEWEST.format("rowid")).fetchone()
    event = NewestEvent(str(newest[0]), str(newest[1]), int(newest[2])) if newest else None
    return DatabaseFacts(KIND, tuple(sorted(migrations)), rows, event)
