"""Many events of one source at once, all or none of them.

They are staged beside the parts of the source's spool, durable, and nobody reads them there. What decides is the
database: once it says that the batch counts, the staged parts are moved among the others one by one, and a move that a
crash cut short is finished by whoever opens the source next. A batch that the database does not know is thrown away.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.ids import new_id
from sekisho.register.inbox import PART_BYTES, frame, next_number, part_name, parts, sync_folder, take_source
from sekisho.register.log.files import write_all
from sekisho.register.log.layout import require_size
from sekisho.register.rules import encode_entry, timestamp

_STAGED = "staged-"


class Spool:
    """The spool of a source, held for as long as this is open."""

    def __init__(self, inbox: Path, source: str) -> None:
        """Take the source. Raises SourceInUse, OSError."""
        self.source = source
        self.folder = inbox / source
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = take_source(self.folder, source)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._lock)

    def staged(self) -> list[str]:
        """Return the names of the batches that are staged."""
        return sorted(path.name.removeprefix(_STAGED) for path in self.folder.glob(f"{_STAGED}*"))

    def stage(self, batch: str) -> "Batch":
        """Begin a batch; one of this name that is there already is thrown away. Raises OSError."""
        self.drop(batch)
        return Batch(self.folder / f"{_STAGED}{batch}", self.source, next_number(self.folder))

    def drop(self, batch: str) -> None:
        """Throw a staged batch away. Raises OSError."""
        path = self.folder / f"{_STAGED}{batch}"
        if path.exists():
            shutil.rmtree(path)

    def publish(self, batch: str) -> None:
        """Move the parts of a batch among those of the spool, or go on with it where a crash came. Raises OSError."""
        path = self.folder / f"{_STAGED}{batch}"
        for part in parts(path):
            part.replace(self.folder / part.name)
            sync_folder(self.folder)
        path.rmdir()
        sync_folder(self.folder)


class Batch:
    """Parts on their way: entries get their numbers here, from ``first`` on."""

    def __init__(self, folder: Path, source: str, first: int) -> None:
        folder.mkdir(mode=0o700)
        self._folder, self._source = folder, source
        self.first = self.next = first
        self._frames: list[bytes] = []
        self._bytes = 0

    def add(self, document: Mapping[str, Json]) -> None:
        """Take an entry without id, source, number and ``recorded_at``. Raises EntryTooLarge, NotCanonical, OSError."""
        own: dict[str, Json] = {
            "id": str(new_id()),
            "source": self._source,
            "source_seq": self.next,
            "recorded_at": timestamp(clock.now()),
        }
        self._frames.append(frame(self.next, require_size(encode_entry({**document, **own}))))
        self._bytes += len(self._frames[-1])
        self.next += 1
        if self._bytes >= PART_BYTES:
            self._write()

    def finish(self) -> None:
        """Make everything durable. Raises OSError."""
        if self._frames:
            self._write()
        self._store(part_name(self.next), b"")  # where it stands, the part before is finished
        sync_folder(self._folder)
        sync_folder(self._folder.parent)

    def _write(self) -> None:
        self._store(part_name(self.next - len(self._frames)), b"".join(self._frames))
        self._frames, self._bytes = [], 0

    def _store(self, name: str, data: bytes) -> None:
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
