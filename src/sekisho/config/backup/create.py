"""Making a generation: one state of the database, then the log, then the rest, to every target at once."""

import importlib
import io
import json
import secrets
import sqlite3
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from django.db import Error, connection

from sekisho import __version__
from sekisho.config.backup import sqlite_copy
from sekisho.config.backup.archive import Packed, pack_tree, writing
from sekisho.config.backup.errors import BackupFailed, NoTargets
from sekisho.config.backup.generations import name_of
from sekisho.config.backup.locks import Locked, Sealing, lock_key
from sekisho.config.backup.manifest import FILE, FORMAT, DatabaseFacts, Manifest, Part
from sekisho.config.backup.place import SETTINGS_FILE, alone, roots
from sekisho.config.backup.sealed import PartWriter
from sekisho.config.backup.target import Draft, clear_partials
from sekisho.config.environment import Environment
from sekisho.config.processes.database import DatabaseDamaged, explain
from sekisho.config.processes.home import check_room
from sekisho.kernel import clock


@dataclass(frozen=True, slots=True)
class Made:
    """A generation that lies on at least one target; ``faults`` are those of the others, in words."""

    manifest: Manifest
    paths: tuple[Path, ...]
    faults: tuple[str, ...]
    key: bytes = field(repr=False)


def create(settings: Environment, sealing: Sealing) -> Made:
    """Make one generation on every target that can be written to.

    Raises NoTargets, BackupUnderWay, BackupFailed, DatabaseDamaged, DatabaseUnreachable, HomeFull; then no target has
    a new generation, and the older ones are untouched.
    """
    if not settings.backup_places:
        raise NoTargets
    with alone(settings) as scratch:
        for target in settings.backup_places:
            clear_partials(target)
        name = name_of(clock.now(), secrets.token_bytes(4))
        drafts = [Draft(target, name) for target in settings.backup_places]
        try:
            locked = lock_key(sealing)
            manifest = _fill(settings, name, _Drafts(drafts), scratch, locked)
            return _published(manifest, drafts, locked.key)
        except (Error, sqlite3.DatabaseError) as error:
            raise explain(error) from error
        finally:
            for draft in drafts:
                draft.close()


def _published(manifest: Manifest, drafts: Sequence[Draft], key: bytes) -> Made:
    for draft in drafts:
        draft.publish()
    paths = tuple(draft.target / draft.name for draft in drafts if draft.fault is None)
    faults = tuple(_words(draft) for draft in drafts if draft.fault is not None)
    if not paths:
        raise BackupFailed(faults=", ".join(faults))
    return Made(manifest, paths, faults, key)


def _words(draft: Draft) -> str:
    reason = draft.fault.strerror if draft.fault is not None else ""
    return f"{draft.target}: {reason}"


class _Drafts:
    """The drafts of all targets as one; it works as long as one of them does."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts

    def file(self, name: str, fill: Callable[[Callable[[bytes], None]], Part]) -> Part:
        """Write one sealed part everywhere. Raises BackupFailed once every target has failed."""
        for draft in self._drafts:
            draft.begin(name)
        part = fill(self._write)
        for draft in self._drafts:
            draft.end()
        return part

    def whole(self, name: str, data: bytes) -> None:
        """Write one small file everywhere. Raises BackupFailed."""
        for draft in self._drafts:
            draft.begin(name)
        self._write(data)
        for draft in self._drafts:
            draft.end()

    def _write(self, data: bytes) -> None:
        for draft in self._drafts:
            draft.write(data)
        if all(draft.fault is not None for draft in self._drafts):
            raise BackupFailed(faults=", ".join(map(_words, self._drafts)))


def _fill(settings: Environment, name: str, drafts: _Drafts, scratch: Path, locked: Locked) -> Manifest:
    """Write all parts and the manifest. The database first: the log, copied after it, is never behind it."""
    key = locked.key
    moment = clock.now()
    seen: list[DatabaseFacts] = []
    packed = {part: Packed() for part in ("register", "files", "keys")}

    def database(tar: tarfile.TarFile) -> int:
        seen.append(_pack_database(tar, scratch))
        return len(seen[0].rows)

    parts = [drafts.file("database", lambda store: _part("database", key, store, database))]
    for part, places in roots(settings).items():

        def files(tar: tarfile.TarFile, part: str = part, places: Sequence[Path] = places) -> int:
            return _pack_files(tar, settings, packed[part], places, with_settings=part == "keys")

        parts.append(drafts.file(part, lambda store, part=part, files=files: _part(part, key, store, files)))  # type: ignore[misc]
    facts = seen[0]
    manifest = Manifest(
        format=FORMAT,
        name=name,
        made_at=moment.isoformat(),
        acknowledged_before=moment.isoformat(),
        software=__version__,
        database=facts.kind,
        migrations=facts.migrations,
        rows=facts.rows,
        newest_event=facts.newest_event,
        left_out=tuple(sorted(left for one in packed.values() for left in one.left_out)),
        lock=locked.lock,
        recipients=locked.recipients,
        parts=tuple(parts),
    ).sealed_with(key)
    drafts.whole(FILE, manifest.to_bytes())
    return manifest


def _part(name: str, key: bytes, store: Callable[[bytes], None], fill: Callable[[tarfile.TarFile], int]) -> Part:
    with PartWriter(name, key, store) as writer:
        with writing(writer) as tar:
            files = fill(tar)
        return writer.finish(files)


def _pack_database(tar: tarfile.TarFile, scratch: Path) -> DatabaseFacts:
    """Add one state of the database. Raises DatabaseDamaged, HomeFull, and what the database raises."""
    if connection.vendor == "postgresql":
        packed: DatabaseFacts = _postgres_copy().pack_database(tar)
        return packed
    database = Path(str(connection.settings_dict["NAME"]))
    copy = scratch / sqlite_copy.FILE
    check_room(scratch, more=database.stat().st_size)
    try:
        facts = sqlite_copy.copy_database(database, copy)
    except sqlite_copy.CopyDamaged as error:
        raise DatabaseDamaged(path=database, reason=str(error)) from error
    tar.add(copy, arcname=sqlite_copy.FILE, filter=_ours)
    copy.unlink()
    return facts


def _ours(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
    return entry


def _pack_files(
    tar: tarfile.TarFile, settings: Environment, packed: Packed, places: Sequence[Path], *, with_settings: bool
) -> int:
    skip = {settings.backup_passphrase_file} if settings.backup_passphrase_file else set()
    for place in places:
        pack_tree(tar, place, settings.home, packed, skip)
    if with_settings:
        # What was set here, for whoever sets up the new computer.
        content = json.dumps(settings.model_dump(mode="json"), indent=1).encode()
        entry = tarfile.TarInfo(SETTINGS_FILE)
        entry.size, entry.mode = len(content), 0o600
        tar.addfile(entry, io.BytesIO(content))
    return packed.files


def _postgres_copy() -> ModuleType:
    """Loaded only where a server is used: its library takes eight megabytes."""
    return importlib.import_module("sekisho.config.backup.postgres_copy")
