"""What the merging of spools notices about their sources: a register event for each, and the files it was seen in.

A note is stored before the entries go into the log: a crash between the two makes it come twice at worst, and never
leaves a fault unsaid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.db import transaction

from sekisho.kernel.access import Action
from sekisho.kernel.actor import platform
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.register.inbox import sync_folder
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services.outbox import append

ASIDE = "aside"  # the folder in a source's spool
MOST_ASIDE = 256 * 2**20  # bytes a source; a writer that goes wrong for ever must not fill the disk


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is wrong with a source: the register event that says so."""

    action: Action
    source: str
    details: dict[str, Json]

    @property
    def key(self) -> bytes:
        """What tells this note from every other."""
        return canonical_json({"action": str(self.action), "source": self.source, **self.details})


def store_notes(notes: Iterable[Note], stored: set[bytes]) -> None:
    """Record the notes whose keys are not ``stored``, all or none, and add their keys."""
    new = {note.key: note for note in notes if note.key not in stored}
    if not new:
        return
    with transaction.atomic():
        for note in new.values():
            append(
                actor=platform("sequencer"),
                action=note.action,
                subject=SubjectRef("register_source", note.source, note.source),
                outcome=EventOutcome.FAILURE,
                details=note.details,
            )
    stored.update(new)


def place_aside(part: Path) -> Path | None:
    """Return where a part with a fault is kept beside its spool, None where too much is kept there already."""
    folder = part.parent / ASIDE
    there = sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0
    if there + part.stat().st_size > MOST_ASIDE:
        return None
    names = (f"{part.stem}-{again}{part.suffix}" if again else part.name for again in count())
    return next(folder / name for name in names if not (folder / name).exists())


def set_aside(part: Path, place: Path) -> None:
    """Keep a part out of the spool's way, as it is, for whoever looks into it. Raises OSError."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    part.rename(place)
    sync_folder(place.parent)
    sync_folder(part.parent)
