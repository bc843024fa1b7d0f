"""Folders into a part and out of it again, as a tar stream: plain files and folders only, with rights for us alone."""

import ctypes
import os
import stat
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sekisho.trust.envelope import StreamBroken

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_PIECE = 256 * 1024
# The head of a log comes before what it speaks of: what is added meanwhile lies beyond it, and nothing is missing.
_FIRST = ("checkpoint",)


@dataclass(slots=True)
class Packed:
    """What went into a part: how many files, and the names of what was neither file nor folder."""

    files: int = 0
    left_out: list[str] = field(default_factory=list)


def pack_tree(tar: tarfile.TarFile, root: Path, base: Path, packed: Packed, skip: Collection[Path] = ()) -> None:
    """Add ``root`` (a file or a folder, possibly still written to) under its name below ``base``.

    Files may be added, and replaced by others, while they are read (a full tile takes the place of its partial one).
    So the folder is read again as long as something went away in between; what is there already is not taken twice.
    """
    done: set[Path] = set()
    while _pack_once(tar, root, base, packed, skip, done):
        continue


def _pack_once(
    tar: tarfile.TarFile, root: Path, base: Path, packed: Packed, skip: Collection[Path], done: set[Path]
) -> bool:
    """Add what was not added yet; tell whether something went away meanwhile."""
    vanished = False
    for path in _walk(root, skip):
        if path not in done:
            done.add(path)
            vanished |= not _pack(tar, path, base, packed)
    return vanished


def _walk(root: Path, skip: Collection[Path]) -> Iterator[Path]:
    """Yield ``root`` and what is below it, folders before their content."""
    if root in skip or not os.path.lexists(root):
        return
    yield root
    if root.is_dir() and not root.is_symlink():
        try:
            names = sorted((path.name for path in root.iterdir()), key=lambda name: (name not in _FIRST, name))
        except FileNotFoundError:
            return
        for name in names:
            yield from _walk(root / name, skip)


def _pack(tar: tarfile.TarFile, path: Path, base: Path, packed: Packed) -> bool:
    """Add one file or folder; False when it is gone."""
    name = path.relative_to(base).as_posix()
    try:
        facts = path.lstat()
        if stat.S_ISDIR(facts.st_mode):
            tar.addfile(_entry(name, facts, tarfile.DIRTYPE))
        elif stat.S_ISREG(facts.st_mode):
            with path.open("rb") as file:
                # As long as it is now: what is appended while it is read is for the next backup.
                _add_file(tar, name, os.fstat(file.fileno()), file)
            packed.files += 1
            tar.members.clear()  # type: ignore[attr-defined]
        elif not stat.S_ISSOCK(facts.st_mode):
            packed.left_out.append(name)
    except FileNotFoundError:
        return False
    return True


def _entry(name: str, facts: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mtime = kind, int(facts.st_mtime)
    entry.mode = _PRIVATE_FOLDER if kind == tarfile.DIRTYPE else _PRIVATE_FILE
    return entry


def _add_file(tar: tarfile.TarFile, name: str, facts: os.stat_result, file: IO[bytes]) -> None:
    entry = _entry(name, facts, tarfile.REGTYPE)
    entry.size = facts.st_size
    tar.addfile(entry, file)


def unpack(tar: tarfile.TarFile, into: Path) -> Iterator[str]:
    """Write every file and folder below ``into`` and yield its name. Raises StreamBroken for a name that leads out.

    Nothing is durable yet: :func:`make_durable` does that once for all.
    """
    made: set[Path] = set()
    for entry in tar:
        place = into / _inside(entry)
        folder = place if entry.isdir() else place.parent
        if folder not in made:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            made.add(folder)
        if not entry.isdir():
            _write(tar, entry, place)
        tar.members.clear()  # type: ignore[attr-defined]  # a log has as many files as a table has rows
        yield entry.name


def _inside(entry: tarfile.TarInfo) -> PurePosixPath:
    name = PurePosixPath(entry.name)
    if name.is_absolute() or ".." in name.parts or not name.parts or not (entry.isreg() or entry.isdir()):
        raise StreamBroken
    return name


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> None:
    source = tar.extractfile(entry)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        while source is not None and (piece := source.read(_PIECE)):
            file.write(piece)


def make_durable(folder: Path) -> None:
    """Write what lies on the disk of ``folder`` through to it, in one go instead of file by file. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if library.syncfs(descriptor):
            raise OSError(ctypes.get_errno(), "syncfs", str(folder))
    finally:
        os.close(descriptor)


# Neither goes through the streams of tarfile (``r|``, ``w|``): these copy everything in pieces of ten kibibytes.


def reading(file: Any) -> tarfile.TarFile:
    """Return the tar stream that ``file`` gives; it is read forwards only."""
    return tarfile.TarFile(fileobj=file, mode="r", copybufsize=_PIECE)


def writing(file: Any) -> tarfile.TarFile:
    """Return a tar stream that goes to ``file``."""
    return tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT, copybufsize=_PIECE)
