"""A log in a folder. Symbolic links, pipes and devices are never opened as part of it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sekisho_verify.errors import CannotCheck, Refused

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
DEEPEST = 12


class Folder:
    """Reads below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._plain: set[str] = {""}

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes; see Source."""
        try:
            if not self._all_plain(path.rpartition("/")[0]):
                raise Refused("file.link", path)
            return self._read(path, most)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CannotCheck("source.unreadable", path=path, reason=error.strerror or str(error)) from error

    def _read(self, path: str, most: int) -> bytes:
        # Descriptors and plain strings: a log of a million entries is eight thousand small files.
        where = f"{self._root}/{path}"
        if not stat.S_ISREG(os.lstat(where).st_mode):
            raise Refused("file.kind", path)
        descriptor = os.open(where, _FLAGS)
        try:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Refused("file.kind", path)
            data = _whole(descriptor, min(about.st_size, most) + 1)
        finally:
            os.close(descriptor)
        if len(data) > most:
            raise Refused("file.long", path)
        return data

    def _all_plain(self, folder: str) -> bool:
        if folder in self._plain:
            return True
        if not self._all_plain(folder.rpartition("/")[0]):
            return False
        if stat.S_ISLNK((self._root / folder).lstat().st_mode):
            return False
        self._plain.add(folder)
        return True

    def listing(self) -> Iterator[str]:
        """Yield every path below the folder, links and pipes too, without following any."""
        yield from self._below("", DEEPEST)

    def _below(self, folder: str, depth: int) -> Iterator[str]:
        try:
            with os.scandir(self._root / folder) as found:
                for entry in found:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) and depth and path.startswith("tile"):
                        yield from self._below(path, depth - 1)
                    else:
                        yield path
        except OSError as error:
            raise CannotCheck("source.unreadable", path=folder, reason=error.strerror or str(error)) from error

    def close(self) -> None:
        """Nothing is held open."""


def _whole(descriptor: int, most: int) -> bytes:
    """Return what a file holds, ``most`` bytes of it at the most."""
    data = os.read(descriptor, most)
    while 0 < len(data) < most and (more := os.read(descriptor, most - len(data))):
        data += more
    return data
