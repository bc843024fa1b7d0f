"""The database before anything works with it: brought up to this version, or a clear word why that cannot be."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

_ROOMS = Path(__file__).resolve().parents[2]


class DatabaseUnreachable(SekishoError):
    """The database server does not answer or refuses us."""

    code = "config.database_unreachable"
    message = _("The database cannot be reached: %(reason)s")
    hint = _(
        "Check that PostgreSQL is running and that SEKISHO_DATABASE_URL names it, the user and the password rightly."
    )
    status = 503
    exit_code = 69


class DatabaseDamaged(SekishoError):
    """The database file is no database or is damaged."""

    code = "config.database_damaged"
    message = _("The database file %(path)s is damaged: %(reason)s")
    hint = _("Keep the file for an examination, restore the last backup in its place, and start again.")
    status = 500
    exit_code = 65


class DatabaseNewer(SekishoError):
    """The database has been used by a newer version of this software."""

    code = "config.database_newer"
    message = _("The database was made by a newer version of Sekisho. This version does not know: %(names)s")
    hint = _("Install the newer version again, or restore a backup from before the update. Nothing was changed.")
    status = 500
    exit_code = 65


class DatabaseHalfMigrated(SekishoError):
    """The tables and the list of applied changes contradict each other."""

    code = "config.database_half_migrated"
    message = _("The database was changed only in part: %(reason)s")
    hint = _("Restore the last backup and start again. This start changed nothing in the database.")
    status = 500
    exit_code = 65


def migrate_database() -> None:
    """Bring the database up to this version.

    Raises DatabaseUnreachable, DatabaseDamaged, DatabaseNewer, DatabaseHalfMigrated; then nothing was changed.
    """
    try:
        _check_history()
        _migrate()
    except InconsistentMigrationHistory as error:
        raise DatabaseHalfMigrated(reason=str(error)) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise explain(error) from error


def _check_history() -> MigrationLoader:
    """Return the migrations if they fit what was applied. Raises DatabaseNewer, InconsistentMigrationHistory."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    loader.check_consistent_history(connection)
    replaced = {key for migration in loader.replacements.values() for key in migration.replaces}
    unknown = set(loader.applied_migrations) - set(loader.disk_migrations) - replaced
    if unknown:
        raise DatabaseNewer(names=", ".join(sorted(f"{app}.{name}" for app, name in unknown)))
    return loader


def refuse_newer() -> None:
    """Look at the list of applied changes only, which costs next to nothing. Raises DatabaseNewer, DatabaseUnreachable.

    Every process and command does, not the first step of a start alone: what an older version wrote into tables that it
    does not know could not be told from damage later.
    """
    if connection.vendor == "sqlite" and not _database_file().exists():
        return
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise explain(error) from error
    folders = {app.label: Path(app.path) / "migrations" for app in apps.get_app_configs()}
    unknown = sorted(
        f"{label}.{name}"
        for label, name in applied
        if label in folders and folders[label].is_relative_to(_ROOMS) and not (folders[label] / f"{name}.py").exists()
    )
    if unknown:
        raise DatabaseNewer(names=", ".join(unknown))


def _migrate() -> None:
    """Apply every pending migration in one transaction, so that a kill -9 leaves the database as it was or finished.

    Django records a migration after the transaction that made its tables; a kill between the two
    would leave tables that no migration has made.
    """
    if connection.vendor == "sqlite":
        # Its schema editor wants this before a transaction; the keys are checked at the end of each migration.
        connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    # Rows written by one migration must not have checks outstanding when the next alters their table.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()


def explain(error: Exception) -> SekishoError:
    """Turn what the database says into an error that tells the operator what to do."""
    reason = str(error).strip()
    sqlite_error = error if isinstance(error, sqlite3.Error) else error.__cause__
    if isinstance(sqlite_error, sqlite3.DatabaseError):
        name = getattr(sqlite_error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return DatabaseDamaged(path=_database_file(), reason=reason)
    if connection.vendor == "postgresql" and isinstance(error, OperationalError) and connection.connection is None:
        return DatabaseUnreachable(reason=reason)
    return DatabaseHalfMigrated(reason=reason)


def _database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What an examination found: the changes applied and those still to come with the next start."""

    applied: int
    pending: int


def examine_database() -> DatabaseState | None:
    """Look at the database without changing it; None when it has not been made yet.

    Raises DatabaseUnreachable, DatabaseDamaged, DatabaseNewer, DatabaseHalfMigrated.
    """
    try:
        if connection.vendor == "sqlite":
            if not _database_file().exists():
                return None
            _check_file(_database_file())
        loader = _check_history()
    except InconsistentMigrationHistory as error:
        raise DatabaseHalfMigrated(reason=str(error)) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise explain(error) from error
    pending = [key for key in loader.graph.nodes if key not in loader.applied_migrations]
    return DatabaseState(applied=len(loader.applied_migrations), pending=len(pending))


def _check_file(path: Path) -> None:
    """Let SQLite look for damage, reading only. Raises DatabaseDamaged, sqlite3.DatabaseError."""
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=20)
    try:
        faults = [str(row[0]) for row in database.execute("PRAGMA quick_check(3)")]
    finally:
        database.close()
    if faults != ["ok"]:
        raise DatabaseDamaged(path=path, reason="; ".join(faults))
