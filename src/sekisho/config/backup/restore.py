"""Restoring a generation into an empty place: everything is read and compared before any of it gets its name."""

import importlib
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

from sekisho import __version__
from sekisho.config.backup.archive import make_durable, reading, unpack
from sekisho.config.backup.errors import BackupBroken, BackupNewer, BackupOfOtherDatabase, HomeNotEmpty
from sekisho.config.backup.locks import Opening
from sekisho.config.backup.manifest import Manifest
from sekisho.config.backup.place import RESTORING
from sekisho.config.backup.sqlite_copy import FILE as SQLITE_FILE
from sekisho.config.backup.sqlite_copy import KIND as SQLITE
from sekisho.config.backup.sqlite_copy import facts_of
from sekisho.config.backup.verify import opened, reading_part
from sekisho.config.environment import Environment, postgres_parameters
from sekisho.config.processes.django_start import start_django
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.text import _

_ROOMS = Path(__file__).resolve().parents[2]


def restore(settings: Environment, generation: Path, opening: Opening) -> Manifest:
    """Restore a generation into the empty data directory (and database) of ``settings``.

    The register is told by the next start, once the log and the database were compared: the log in the backup may hold
    events that its database does not, and a new event must not take the number of one of them.
    Raises HomeNotEmpty, BackupNewer, BackupOfOtherDatabase, BackupBroken, BackupCannotTell, PassphraseWrong,
    BackupKeyWrong before anything has its place.
    """
    require_empty(settings)
    manifest, key = opened(generation, opening)
    _require_fitting(settings, manifest)
    staging = _staging(settings.home)
    for part in reversed(manifest.parts):  # the keys first, the database, which takes longest, last
        _unpack(generation, manifest, part.name, key, staging)
    if manifest.database == SQLITE:
        _compare_database(generation, manifest, staging / SQLITE_FILE)
    (staging / settings.restored.name).write_bytes(_note(manifest))
    make_durable(staging)
    _move_in(staging, settings.home)
    if manifest.database != SQLITE:
        start_django()
        importlib.import_module("sekisho.config.backup.restored").fill_server(generation, manifest, key)
    return manifest


def require_empty(settings: Environment) -> None:
    """Raise HomeNotEmpty unless data directory and database are empty; what an interrupted restore left is nothing."""
    home = settings.home
    if home.exists() and {path.name for path in home.iterdir()} - {RESTORING}:
        raise HomeNotEmpty(path=home)
    if settings.database_url:
        found = postgres_parameters(settings.database_url)
        if importlib.import_module("sekisho.config.backup.server").has_tables(found):
            raise HomeNotEmpty(path=found["NAME"])


def _require_fitting(settings: Environment, manifest: Manifest) -> None:
    ours = "postgresql" if settings.database_url else SQLITE
    if manifest.database != ours:
        raise BackupOfOtherDatabase(theirs=manifest.database, ours=ours)
    if _version(manifest.software) > _version(__version__) or unknown_migrations(manifest):
        raise BackupNewer(theirs=manifest.software, ours=__version__)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def unknown_migrations(manifest: Manifest) -> list[str]:
    """Return the changes of our own tables that are in the backup and not in this software."""
    here = {path.name for path in _ROOMS.iterdir() if (path / "migrations").is_dir()}
    return [
        name
        for app, name in (migration.split(".", 1) for migration in manifest.migrations)
        if app in here and not (_ROOMS / app / "migrations" / f"{name}.py").exists()
    ]


def _staging(home: Path) -> Path:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    staging = home / RESTORING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    return staging


def _unpack(generation: Path, manifest: Manifest, name: str, key: bytes, staging: Path) -> None:
    """Write one part below ``staging``; a database for a server is only read, to be sure of it."""
    part = manifest.part(name)
    if part is None:
        return
    with reading_part(generation, part, key) as reader:
        if name == "database" and manifest.database != SQLITE:
            return
        try:
            with reading(reader) as tar:
                for _name in unpack(tar, staging):
                    continue
        except tarfile.TarError as error:
            raise BackupBroken(name=generation.name, part=name, reason=str(error)) from error


def _compare_database(generation: Path, manifest: Manifest, file: Path) -> None:
    """Open the restored database and count its rows. Raises BackupBroken."""
    try:
        with closing(sqlite3.connect(file)) as database:
            whole = [row[0] for row in database.execute("PRAGMA quick_check(1)")] == ["ok"]
            same = facts_of(database).rows == manifest.rows
    except sqlite3.DatabaseError as error:
        raise BackupBroken(name=generation.name, part="database", reason=str(error)) from error
    if not whole or not same:
        raise BackupBroken(name=generation.name, part="database", reason=_("its rows are not those of the backup"))


def _note(manifest: Manifest) -> bytes:
    """Return what the register is told at the first start with this data directory."""
    newest = manifest.newest_event
    return canonical_json(
        {
            "generation": manifest.name,
            "made_at": manifest.made_at,
            "acknowledged_before": manifest.acknowledged_before,
            "software": manifest.software,
            "newest_event": newest.id if newest else None,
        }
    )


def _move_in(staging: Path, home: Path) -> None:
    """Give everything its place, the keys last: until then nothing starts with this data directory."""
    for path in sorted(staging.iterdir(), key=lambda path: path.name == "keys"):
        path.rename(home / path.name)
    staging.rmdir()
    descriptor = os.open(home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
