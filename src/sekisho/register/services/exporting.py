"""Taking events out of the register: an archive with proofs, and an event that says who took what."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import IO

from django.conf import settings
from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import IndexAway, NoHead, TooManyToExport
from sekisho.register.exports.archive import Exported, Format, Origin, write_archive
from sekisho.register.exports.proofs import Prover
from sekisho.register.index.entries import Entries
from sekisho.register.index.store import IndexUnusable
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT
from sekisho.register.log.tree import read_head
from sekisho.register.queries import log_places, log_tree
from sekisho.register.queries.searching import drop_index
from sekisho.register.rules import SubjectRef
from sekisho.register.rules.searching import Search
from sekisho.register.services.outbox import append
from sekisho.trust.notes import verifier_key

MOST = {Format.CSV: 100_000, Format.XLSX: 10_000, Format.FHIR: 100_000, Format.DICOM: 100_000}
_BLOCK = 1 << 20


def export_events(*, actor: Actor, search: Search, form: Format, file: IO[bytes]) -> int:
    """Write the events that match and have their place in the log into ``file``, newest first; return how many.

    ``file`` can be read and written. The taking is an event with count and SHA-256 of the archive, written before
    anybody gets it. Raises Forbidden, TooManyToExport, IndexAway, NoHead, LogDamaged, OSError.
    """
    actor.require(RegisterAction.EXPORT)
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    if note is None:
        raise NoHead
    head = read_head(note, settings.REGISTER_PUBLIC_KEY)
    places = _places(search, head.size, MOST[form])
    entries = Entries(log_tree(head.size))
    prover = Prover(settings.REGISTER_FOLDER, note, head.size)

    def events() -> Iterator[Exported]:
        for place in places:
            entry = entries.entry(place)
            yield Exported(place, entry, json.loads(entry))

    origin = Origin(head.origin, verifier_key(head.origin, settings.REGISTER_PUBLIC_KEY))
    count = write_archive(file, form, origin, events, lambda event: prover.proof(event.place, event.entry))
    digest = _sha256(file)
    with transaction.atomic():
        append(
            actor=actor,
            action=RegisterAction.EXPORT,
            subject=SubjectRef("register_export", digest, ""),
            details={**search.conditions(), "format": str(form), "number": count, "sha256": digest},
            patient=search.patient[:64] or None,
        )
    return count


def _places(search: Search, size: int, most: int) -> list[int]:
    try:
        with log_places(search, size) as found:
            places = list(islice(found, most + 1))
    except IndexUnusable as error:
        drop_index()
        raise IndexAway from error
    if len(places) > most:
        raise TooManyToExport(most=most)
    return places


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    made = hashlib.sha256()
    while block := file.read(_BLOCK):
        made.update(block)
    file.seek(0)
    return made.hexdigest()
