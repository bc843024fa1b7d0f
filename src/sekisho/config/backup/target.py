"""A place for generations: a folder, most often on another disk. Written under a name that is none, then renamed."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sekisho.config.backup.generations import PARTIAL, is_name
from sekisho.config.backup.manifest import FILE, Manifest, ManifestBroken, read_manifest

_LONGEST_MANIFEST = 4 * 1024 * 1024
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


class Protection(StrEnum):
    """Whether whoever makes backups could also change or delete a generation."""

    WRITABLE = "writable"
    PROTECTED = "protected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """A folder on a target that is called like a generation; ``fault`` says why its manifest cannot be read."""

    path: Path
    manifest: Manifest | None
    fault: str = ""


class Draft:
    """A generation that is being written to one target. Whatever fails there is kept in ``fault``."""

    def __init__(self, target: Path, name: str) -> None:
        self.target, self.name = target, name
        self.fault: OSError | None = None
        self._folder = target / f"{PARTIAL}{name}"
        self._held = -1
        self._file = -1
        with self._noting():
            self._folder.mkdir(mode=0o700)
            self._held = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _noting(self) -> "_Noting":
        return _Noting(self)

    def begin(self, part: str) -> None:
        """Open the file of a part."""
        with self._noting():
            self._file = os.open(self._folder / part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, data: bytes) -> None:
        """Add to the open file; nothing once a write has failed here."""
        if self.fault is not None:
            return
        with self._noting():
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def end(self) -> None:
        """Make the open file durable and close it."""
        file, self._file = self._file, -1
        if file >= 0:
            with self._noting():
                try:
                    os.fsync(file)
                finally:
                    os.close(file)

    def publish(self) -> None:
        """Give the generation its name, durably. A name that is taken is a fault: nothing is ever overwritten."""
        if self.fault is None:
            with self._noting():
                os.fsync(self._held)
                final = self.target / self.name
                if final.exists():
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
                self._folder.rename(final)
                _sync(self.target)

    def close(self) -> None:
        """Let go; what has no name of its own by now is taken away, as far as that is possible."""
        self.end()
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        if self._folder.exists():
            shutil.rmtree(self._folder, ignore_errors=True)


class _Noting:
    """Keeps the first fault of a draft instead of letting it stop the others."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, OSError):
            return False
        self._draft.fault = self._draft.fault or error
        return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_partials(target: Path) -> None:
    """Take away what a killed process left half written. One that is still being written is held, and stays."""
    for folder in target.glob(f"{PARTIAL}*"):
        if is_name(folder.name.removeprefix(PARTIAL)):
            with suppress(OSError):  # of no use and in nobody's way
                held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
                finally:
                    os.close(held)


def found_in(target: Path) -> Iterator[Found]:
    """Yield every generation on a target, newest name first. Raises OSError when the target cannot be read."""
    for name in sorted((path.name for path in target.iterdir()), reverse=True):
        if is_name(name):
            yield found_at(target / name)


def found_at(path: Path) -> Found:
    """Return one generation by its folder; its parts are not looked at."""
    try:
        with (path / FILE).open("rb") as file:
            data = file.read(_LONGEST_MANIFEST + 1)
        manifest = read_manifest(data)
    except (OSError, ManifestBroken) as error:
        return Found(path, None, str(error))
    if manifest.name != path.name:
        return Found(path, None, "another name")
    return Found(path, manifest)


def protection_of(generation: Path) -> Protection:
    """Try what a thief with our rights would do, without doing harm: open for writing, and set the rights that are set.

    Both are refused where a generation is immutable, belongs to somebody else, or lies on a medium that is read-only.
    Whoever owns a file that is merely closed could open it again, so that does not count.
    """
    try:
        places = [generation, *generation.iterdir()]
        answers = {_can_change(place) for place in places}
    except OSError:
        return Protection.UNKNOWN
    if True in answers:
        return Protection.WRITABLE
    return Protection.UNKNOWN if None in answers else Protection.PROTECTED


def _can_change(place: Path) -> bool | None:
    """Tell whether ``place`` could be changed; None when the answer is neither yes nor a refusal."""
    answers = {_attempt(lambda: place.chmod(place.stat().st_mode & 0o7777))}
    if place.is_dir():
        answers.add(_attempt(lambda: _make_and_remove(place / ".probe")))
    else:
        answers.add(_attempt(lambda: os.close(os.open(place, os.O_WRONLY | os.O_NOFOLLOW))))
    return True if True in answers else None if None in answers else False


def _make_and_remove(probe: Path) -> None:
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT, 0o600))
    probe.unlink()


def _attempt(act: Callable[[], object]) -> bool | None:
    try:
        act()
    except OSError as error:
        return False if error.errno in _REFUSED else None
    return True


def remove(generation: Path) -> bool:
    """Delete a generation; False when it is protected. It loses its name first, so that half of one is never seen."""
    doomed = generation.with_name(f"{PARTIAL}{generation.name}")
    try:
        generation.rename(doomed)
        _sync(generation.parent)
        shutil.rmtree(doomed)
    except OSError:
        return False
    return True
