"""The scratch place of a test restore: a folder and, on a server, a database. Nothing of a killed one stays for long.

Both are noted in the data directory before they are made. A note is locked as long as the trial or one of its processes
lives; the next trial and every start clear away what belongs to notes that nobody holds.
"""

import fcntl
import importlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit, urlunsplit

import structlog
from django.db import DatabaseError

from sekisho.config.environment import Environment

log = structlog.get_logger(__name__)
TRIALS = "backup.trials"
_FOLDER, _DATABASE = "sekisho-try-", "sekisho_try_"


@dataclass(frozen=True, slots=True)
class Scratch:
    """An empty folder, and the address of an empty database: "" without a server, None where we may not make one.

    ``held`` is the lock of the note; a process that inherits it keeps the place for as long as it lives.
    """

    folder: Path
    database: str | None
    held: int


@contextmanager
def scratch(settings: Environment) -> Iterator[Scratch]:
    """Give a place of its own until the end of the block; what killed trials left is cleared away first."""
    clear_scratch(settings)
    token = secrets.token_hex(6)
    # A short place: the path of a unix socket has at most 107 bytes, and the data directory's may be long.
    folder = Path(tempfile.gettempdir()) / f"{_FOLDER}{token}"
    note = settings.home / TRIALS / token
    held = _write_note(note, folder)
    try:
        folder.mkdir(mode=0o700)
        yield Scratch(folder, _make_database(settings.database_url, token), held)
    finally:
        _clear(settings, note)
        os.close(held)


def clear_scratch(settings: Environment) -> None:
    """Clear away what trials that were killed have left; one that is still under way keeps its place."""
    notes = settings.home / TRIALS
    if notes.is_dir():
        with _one_at_a_time(notes):
            for note in sorted(notes.iterdir()):
                _clear_unheld(settings, note)


@contextmanager
def _one_at_a_time(notes: Path) -> Iterator[None]:
    """Let nobody look at a note before it is locked."""
    descriptor = os.open(notes, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_note(note: Path, folder: Path) -> int:
    """Write down, durably, what is about to be made, and return the lock."""
    note.parent.mkdir(mode=0o700, exist_ok=True)
    with _one_at_a_time(note.parent):
        held = os.open(note, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        os.write(held, os.fsencode(folder))
        os.fsync(held)
    return held


def _clear_unheld(settings: Environment, note: Path) -> None:
    held = os.open(note, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        log.info("clearing away what an interrupted test restore has left", trial=note.name)
        _clear(settings, note)
    finally:
        os.close(held)


def _clear(settings: Environment, note: Path) -> None:
    """Remove folder and database of a note, then the note. What cannot be removed now stays noted."""
    folder = Path(os.fsdecode(note.read_bytes()))
    try:
        # Half a note names nothing: what it was to name was not made yet.
        if folder.name == f"{_FOLDER}{note.name}" and folder.is_dir() and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder)
        if settings.database_url:
            _server().drop_database(settings.database_url, f"{_DATABASE}{note.name}")
    except (OSError, DatabaseError) as error:
        log.error("what a test restore has left could not be cleared away", folder=str(folder), error=str(error))
    else:
        note.unlink()


def _make_database(url: str, token: str) -> str | None:
    if not url:
        return ""
    name = f"{_DATABASE}{token}"
    try:
        _server().create_database(url, name)
    except DatabaseError:
        return None
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _server() -> ModuleType:
    return importlib.import_module("sekisho.config.backup.server")
