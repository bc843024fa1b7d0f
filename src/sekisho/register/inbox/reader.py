"""Reading finished parts, as the sequencer does."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sekisho.register.errors import SourceInUse
from sekisho.register.inbox.frames import frames
from sekisho.register.inbox.parts import first_of, is_source, next_number, part_name, parts, sync_folder, take_source


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


def go_on_after(folder: Path, source: str, last: int) -> None:
    """See to it that a source goes on after number ``last``, be its spool older than the log or gone; not if it writes.

    Else its next events would bear numbers that the log has given to others. Raises OSError.
    """
    if not is_source(source):
        return
    own = folder / source
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = take_source(own, source)
    except SourceInUse:
        return
    try:
        if next_number(own) <= last:
            (own / part_name(last + 1)).touch(mode=0o600)
            sync_folder(own)
            sync_folder(folder)
    finally:
        os.close(lock)
