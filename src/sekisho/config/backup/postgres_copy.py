"""The database of a PostgreSQL server as text, table by table, out of one REPEATABLE READ transaction; and back.

COPY over the connection that is there: no pg_dump has to be found, and none of the wrong version.
The order is that of the names. Within the one transaction that reads them back, foreign keys are asked at its end.
"""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from sekisho.config.backup.manifest import DatabaseFacts, NewestEvent
from sekisho.config.backup.sqlite_copy import EMPTIED, NEWEST
from sekisho.trust.envelope import StreamBroken

KIND = "postgresql"
FOLDER = "tables"
_SEQUENCES = f"{FOLDER}/sequences"
_PIECE = 1024 * 1024
_COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER' ORDER BY column_name"""


def pack_database(tar: tarfile.TarFile) -> DatabaseFacts:
    """Add every table of the schema to ``tar`` in pieces, all of one moment. Raises DatabaseError."""
    with connection.wrap_database_errors, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        names = _tables()
        rows = {name: 0 if name in EMPTIED else _pack_table(tar, cursor, name) for name in names}
        _add(tar, _SEQUENCES, "\n".join(f"{name} {last}" for name, last in _sequences(cursor)).encode())
        cursor.execute("SELECT app, name FROM django_migrations")
        migrations = tuple(sorted(f"{app}.{name}" for app, name in cursor.fetchall()))
        cursor.execute(NEWEST.format("occurred_at DESC, source_seq"))
        newest = cursor.fetchone()
    event = NewestEvent(newest[0].hex, str(newest[1]), int(newest[2])) if newest else None
    return DatabaseFacts(KIND, migrations, rows, event)


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def is_empty() -> bool:
    """Tell whether the database has no table."""
    return not _tables()


def _sequences(cursor: Any) -> list[tuple[str, int]]:
    cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
    return sorted((str(name), int(last)) for name, last in cursor.fetchall() if last is not None)


def _columns(cursor: Any, table: str) -> sql.Composable:
    cursor.execute(_COLUMNS, [table])
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())


def _pack_table(tar: tarfile.TarFile, cursor: Any, table: str) -> int:
    """Add one table and return the number of its rows."""
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_columns(cursor, table), sql.Identifier(table))
    number, piece, rows = 0, bytearray(), 0
    with cursor.cursor.copy(statement) as copy:
        for data in copy:
            piece += data
            rows += bytes(data).count(b"\n")  # within a value it is written as \n, two signs
            if len(piece) >= _PIECE:
                _add(tar, f"{FOLDER}/{table}/{number:010}", bytes(piece))
                number += 1
                piece.clear()
    _add(tar, f"{FOLDER}/{table}/{number:010}", bytes(piece))
    return rows


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def restore_database(tar: tarfile.TarFile) -> None:
    """Fill the tables, which this version has just made, with what ``tar`` holds; all of it or nothing.

    Raises StreamBroken, DatabaseError.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        names = _tables()
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, names))))
        for name in names:
            _triggers(cursor, name, "DISABLE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # a migration in this transaction may have made them immediate
        reader = _Reader(tar)
        for table, pieces in reader.by_table():
            if table not in names:
                raise StreamBroken
            statement = sql.SQL("COPY {} ({}) FROM STDIN")
            columns = _columns(cursor, table)
            with cursor.cursor.copy(statement.format(sql.Identifier(table), columns)) as copy:
                for piece in pieces:
                    copy.write(piece)
        _set_sequences(cursor, reader.sequences)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            _triggers(cursor, name, "ENABLE")


def _triggers(cursor: Any, table: str, verb: str) -> None:
    """Switch our own triggers; those of foreign keys stay."""
    cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), sql.SQL(verb)))


class _Reader:
    """Reads the pieces of all tables in order; ``sequences`` is known at the end."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sequences = ""
        self._waiting = self._next()

    def by_table(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each table with its pieces, which have to be read before the next table is asked for."""
        while self._waiting is not None:
            table = self._waiting[0]
            yield table, self._pieces(table)

    def _pieces(self, table: str) -> Iterator[bytes]:
        while self._waiting is not None and self._waiting[0] == table:
            yield self._waiting[1]
            self._waiting = self._next()

    def _next(self) -> tuple[str, bytes] | None:
        """Return the next piece with its table, None at the end. Raises StreamBroken."""
        while (entry := self._tar.next()) is not None:
            source = self._tar.extractfile(entry)
            data = source.read() if source is not None else b""
            folder, _slash, rest = entry.name.partition("/")
            table, is_piece, _number = rest.partition("/")
            if folder != FOLDER or not (is_piece or entry.name == _SEQUENCES):
                raise StreamBroken
            if is_piece:
                return table, data
            self.sequences = data.decode()
        return None


def _set_sequences(cursor: Any, lines: str) -> None:
    for line in lines.splitlines():
        name, last = line.split()
        cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, int(last)])
