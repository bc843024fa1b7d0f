"""Importing the official text of an edition: whole or not at all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import TextNotWhole, TextTooLarge, TextUnreadable
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.editions import edition
from sekisho.governance.queries.pdf import is_pdf, pdf_text
from sekisho.governance.rules.official import Part, Report, compare, find_parts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LARGEST = 32 * 2**20
# What Windows calls Shift_JIS; a text that is neither is refused rather than read wrongly.
_ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its items, how they fit the edition, and the hash of its bytes."""

    file_name: str
    sha256: str
    parts: tuple[Part, ...]
    report: Report


def read_official(path: Path, edition_id: str) -> Reading:
    """Read ``path`` and compare it with an edition; stores nothing.

    Raises TextTooLarge, TextUnreadable, PdfUnreadable, PdfTooLong, TextIsPicture, NoGuideline, NotFound and OSError.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise TextTooLarge(name=path.name, size=size // 2**20, most=LARGEST // 2**20)
    data = path.read_bytes()
    wanted = edition(edition_id)
    bulleted = {leaf.parent or "" for leaf in wanted.leaves if leaf.kind == "bullet"}
    paged = is_pdf(data)
    text = pdf_text(path.name, data) if paged else _decode(path.name, data)
    parts = find_parts(text, bulleted, paged=paged)
    report = compare(parts, [row.id for row in wanted.rows])
    return Reading(path.name, hashlib.sha256(data).hexdigest(), parts, report)


def _decode(name: str, data: bytes) -> str:
    place = 0
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            place = max(place, error.start)
    raise TextUnreadable(name=name, place=place)


@transaction.atomic
def import_official(*, actor: Actor, reading: Reading, edition_id: str) -> OfficialText:
    """Store a text that fits its edition whole. Raises Forbidden, TextNotWhole."""
    actor.require(GovernanceAction.IMPORT_TEXT)
    if not reading.report.is_whole:
        raise TextNotWhole(edition=edition_id, faults=describe(reading.report))
    head = edition(edition_id).head
    stored = OfficialText.objects.create(
        edition=head.id,
        volume=head.volume,
        file_name=reading.file_name[:255],
        sha256=reading.sha256,
        imported_at=clock.now(),
        imported_by=actor.name,
    )
    OfficialItem.objects.bulk_create(
        OfficialItem(
            text=stored,
            place=place,
            requirement_id=part.requirement_id or "",
            printed=part.printed,
            verbatim=part.text,
            first_line=part.first_line,
        )
        for place, part in enumerate(reading.parts)
    )
    details: dict[str, Json] = {"edition": head.id, "sha256": reading.sha256, "items": len(reading.report.matched)}
    subject = SubjectRef("official_text", str(stored.pk), head.id)
    append(actor=actor, action=GovernanceAction.IMPORT_TEXT, subject=subject, details=details)
    return stored


def describe(report: Report) -> str:
    """Return what does not fit, one line a kind."""
    kinds = (
        ("missing", report.missing),
        ("extra", report.extra),
        ("duplicate", report.duplicate),
        ("out of order", report.out_of_order),
    )
    return "\n".join(f"  {name}: {', '.join(ids)}" for name, ids in kinds if ids)
