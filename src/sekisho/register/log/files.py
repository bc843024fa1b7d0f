"""The few things the log asks of a disk, apart so that tests can put a disk there that loses, fails and fills up."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

_WORTH_THREADS = 8
_THREADS = 8
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Files(Protocol):
    """Files below one folder, named by relative paths with slashes. Every method may raise OSError.

    ``store`` returns when the bytes of the file are durable; its name is durable after ``sync_folder`` of the folder
    that it lies in. Renames, removals and new folders are durable after ``sync_folder`` as well.
    """

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None where there is none."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none where there is no folder."""
        ...

    def store(self, path: str, data: bytes) -> None:
        """Write a whole file and make its bytes durable."""
        ...

    def store_all(self, files: Mapping[str, bytes]) -> None:
        """Write whole files, in any order or at once, and make their bytes durable; nothing is written afterwards."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the same folder, in the place of what had that name."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder; nothing happens where there is none."""
        ...

    def make_folder(self, folder: str) -> None:
        """Make one folder whose parent exists."""
        ...

    def sync_folder(self, folder: str) -> None:
        """Make the names in a folder durable."""
        ...


class Disk:
    """Files on a real disk, for nobody else to read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None where there is none."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none where there is no folder."""
        try:
            return sorted(path.name for path in (self.root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def store(self, path: str, data: bytes) -> None:
        """Write a whole file and make its bytes durable."""
        descriptor = os.open(self.root / path, _NEW_FILE, 0o600)
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def store_all(self, files: Mapping[str, bytes]) -> None:
        """Write whole files and make their bytes durable. Many syncs at once cost a disk little more than one."""
        if len(files) < _WORTH_THREADS:
            for path, data in files.items():
                self.store(path, data)
            return
        with ThreadPoolExecutor(_THREADS) as pool:  # whose end waits for all of them, also after a fault
            for written in [pool.submit(self.store, path, data) for path, data in files.items()]:
                written.result()

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the same folder, in the place of what had that name."""
        (self.root / old).replace(self.root / new)

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder; nothing happens where there is none."""
        place = self.root / path
        try:
            place.rmdir() if place.is_dir() else place.unlink()
        except FileNotFoundError:
            return

    def make_folder(self, folder: str) -> None:
        """Make one folder whose parent exists."""
        (self.root / folder).mkdir(mode=0o700, exist_ok=True)

    def sync_folder(self, folder: str) -> None:
        """Make the names in a folder durable."""
        descriptor = os.open(self.root / folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(descriptor: int, data: bytes, write: Callable[[int, memoryview], int] = os.write) -> None:
    """Write all of ``data``: one call may take less, as it does at the edge of a full disk. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[write(descriptor, rest) :]
