"""The parts of a spool: their names, whose they are, and the number that comes next."""

import fcntl
import os
import re
from pathlib import Path

from sekisho.register.errors import SourceInUse
from sekisho.register.inbox.frames import frames

_PART = re.compile(r"[0-9]{20}\.part")
_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,47}")
_LOCK = ".lock"


def is_source(name: str) -> bool:
    """Tell whether a source may be named so: small letters, digits and hyphens."""
    return _SOURCE.fullmatch(name) is not None


def part_name(first: int) -> str:
    """Return the name of the part that begins with number ``first``."""
    return f"{first:020d}.part"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def parts(folder: Path) -> list[Path]:
    """Return the parts of a source in the order of their numbers."""
    return sorted(path for path in folder.iterdir() if _PART.fullmatch(path.name))


def first_of(part: Path) -> int:
    """Return the number of the first entry of a part."""
    return int(part.stem)


def sources(folder: Path) -> list[str]:
    """Return the names of the sources that have a spool."""
    return sorted(path.name for path in folder.iterdir() if is_source(path.name)) if folder.is_dir() else []


def next_number(folder: Path) -> int:
    """Return the number that a source, whose lock is held, goes on with. What a crash left is made durable first."""
    found = parts(folder)
    if not found:
        return 1
    last = found[-1]
    descriptor = os.open(last, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    numbers = [number for number, _entry in frames(last.read_bytes())]
    return numbers[-1] + 1 if numbers else first_of(last)


def take_source(folder: Path, source: str) -> int:
    """Take the lock of a source whose folder is there; return its descriptor. Raises SourceInUse, OSError."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SourceInUse(source=source) from error
    return lock
