"""Reading finished parts, as the sequencer does."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sekisho.register.errors import SourceInUse
from sekisho.register.inbox.frames import frames
from sekisho.register.inbox.parts import first_of, next_number, part_name, parts, sync_folder, take_source


@dataclass(frozen=True, slots=True)
class FinishedPart:
    """A part that nobody writes to any more: what counts in it, and where the next one begins."""

    path: Path
    entries: tuple[tuple[int, bytes], ...]
    next_first: int


def finished_parts(folder: Path, source: str) -> Iterator[FinishedPart]:
    """Yield the finished parts of a source, one after the other; an abandoned source is finished first."""
    finish_abandoned(folder, source)
    found = parts(folder / source)
    for part, following in pairwise(found):
        until = first_of(following)
        kept = tuple((number, entry) for number, entry in frames(part.read_bytes()) if number < until)
        yield FinishedPart(part, kept, until)


def finish_abandoned(folder: Path, source: str) -> None:
    """Finish the last part of a source whose writer is gone, so that its events need not wait for its return."""
    found = parts(folder / source)
    if not found or not found[-1].stat().st_size:
        return
    try:
        lock = take_source(folder / source, source)
    except SourceInUse:
        return
    try:
        first = next_number(folder / source)
        (folder / source / part_name(first)).touch(mode=0o600)
        sync_folder(folder / source)
    finally:
        os.close(lock)
