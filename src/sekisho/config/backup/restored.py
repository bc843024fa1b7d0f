"""The second half of restoring, with Django: the database of a server."""

from pathlib import Path

import psycopg
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from sekisho.config.backup.archive import reading
from sekisho.config.backup.manifest import Manifest
from sekisho.config.backup.postgres_copy import restore_database
from sekisho.config.backup.verify import reading_part
from sekisho.config.processes.database import explain


def fill_server(generation: Path, manifest: Manifest, key: bytes) -> None:
    """Make the tables as they were when the backup was made, and fill them, in one transaction.

    Raises DatabaseUnreachable, DatabaseHalfMigrated, BackupBroken; the server's database is empty then.
    """
    part = manifest.part("database")
    assert part is not None  # noqa: S101  # no manifest without one is read
    try:
        with transaction.atomic():
            MigrationExecutor(connection).migrate(leaves(manifest.migrations))
            with reading_part(generation, part, key) as reader, reading(reader) as tar:
                restore_database(tar)
    except (DatabaseError, psycopg.Error) as error:
        raise explain(error) from error
    finally:
        connections.close_all()


def leaves(migrations: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the last applied migration of each app; their numbers order them."""
    last: dict[str, str] = {}
    for migration in sorted(migrations):
        app, _dot, name = migration.partition(".")
        last[app] = name
    return sorted(last.items())
