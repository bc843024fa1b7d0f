"""The database of a test process: migrated once for all of them, and emptied after tests that commit."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

# Django makes these two lists anew after every flush; no test changes them, so they stay.
KEPT = frozenset({"django_content_type", "auth_permission"})


@contextmanager
def copied_database(shared: Path, worker: str) -> Iterator[None]:
    """Use a copy of the one database that the first process of this run has migrated; drop it in the end.

    ``shared`` is a folder that all processes of the run see, ``worker`` the name of this one. Whoever leaves last drops
    the original too.
    """
    creation, before = connection.creation, connection.settings_dict["NAME"]
    note = shared / f"uses-the-database-{worker}"
    with _alone(shared):
        original = creation._get_test_db_name()
        if not any(shared.glob("uses-the-database-*")):
            creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
        note.touch()
        _use(original)
        creation.clone_test_db(worker, verbosity=0, autoclobber=True)
        copy = creation.get_test_db_clone_settings(worker)["NAME"]
    _use(copy)
    try:
        yield
    finally:
        connection.close()
        with _alone(shared):
            note.unlink()
            creation._destroy_test_db(copy, verbosity=0)
            if not any(shared.glob("uses-the-database-*")):
                creation._destroy_test_db(original, verbosity=0)
        _use(before)


def _use(name: object) -> None:
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


@contextmanager
def _alone(shared: Path) -> Iterator[None]:
    with (shared / "database-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def empty_what_is_filled(_case: TransactionTestCase) -> None:
    """Delete the rows of all tables that have any, whatever their triggers say.

    In place of Django's ``flush``, which deletes from every table and makes its lists of types and permissions anew.
    """
    tables = [name for name in connection.introspection.django_table_names() if name not in KEPT]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(asked)
        filled = [name for (name,) in cursor.fetchall()]
        with _without_triggers(cursor, filled):
            for name in filled:
                cursor.execute(f"DELETE FROM {name}")


@contextmanager
def _without_triggers(cursor: CursorWrapper, tables: Sequence[str]) -> Iterator[None]:
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        return
    cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    triggers = [(name, sql) for name, sql, table in cursor.fetchall() if table in tables]
    for name, _sql in triggers:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _name, sql in triggers:
        cursor.execute(sql)
