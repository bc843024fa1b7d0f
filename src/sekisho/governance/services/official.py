"""Importing the official text of an edition: whole or not at all."""

import hashlib
import os
import re
import stat
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import TextHasControl, TextNotAFile, TextNotWhole, TextTooLarge, TextUnreadable
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.editions import edition
from sekisho.governance.queries.official import newest_text
from sekisho.governance.queries.pdf import is_pdf, pdf_text
from sekisho.governance.rules.official import Part, Report, compare, find_parts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.text import _
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LARGEST = 32 * 2**20
# What Windows calls Shift_JIS; a text that is neither is refused rather than read wrongly.
_ENCODINGS = ("utf-8-sig", "cp932")
_FOREIGN_HEADS = (BOM_UTF16_LE, BOM_UTF16_BE)
# How other encodings betray themselves, for some of their bytes would pass for Shift_JIS: the escape of ISO-2022-JP,
# and the word that no guideline lacks.
_FOREIGN = (b"\x1b$", *("遵守事項".encode(encoding) for encoding in ("utf-16-le", "utf-16-be", "euc_jp")))
# All but tab, line ends and form feed, which ends a page and the line with it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n?|\n")
FAULTS = {
    "missing": _("missing"),
    "extra": _("extra"),
    "duplicate": _("duplicate"),
    "out_of_order": _("out of order"),
    "unended": _("without an end"),
    "empty": _("without words"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its items, how they fit the edition, and the hash of its bytes."""

    file_name: str
    sha256: str
    parts: tuple[Part, ...]
    report: Report


def read_official(path: Path, edition_id: str) -> Reading:
    """Read ``path`` and compare it with an edition; stores nothing.

    Raises TextNotAFile, TextTooLarge, TextUnreadable, TextHasControl, PdfUnreadable, PdfTooLong, TextIsPicture,
    NoGuideline, NotFound and OSError.
    """
    name = printable(path.name)
    data = _bytes(path, name)
    wanted = edition(edition_id)
    bulleted = {leaf.parent or "" for leaf in wanted.leaves if leaf.kind == "bullet"}
    paged = is_pdf(data)
    text = pdf_text(name, data) if paged else _decode(name, data)
    parts = find_parts(text, bulleted, paged=paged)
    report = compare(parts, [row.id for row in wanted.rows])
    return Reading(name, hashlib.sha256(data).hexdigest(), parts, report)


def printable(name: str) -> str:
    """Return a file's name with a sign for what cannot be shown or stored: bytes that are no text, a line break."""
    return "".join("\ufffd" if unicodedata.category(sign).startswith("C") else sign for sign in name)


def _bytes(path: Path, name: str) -> bytes:
    """Return what is in a file, whose size is a promise only: it may grow, and a pipe or a device says nothing."""
    _require_file(path.stat(), name)
    # What became a pipe since we looked must not hold us up.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        said = os.fstat(file.fileno())
        _require_file(said, name)
        data = b"" if said.st_size > LARGEST else file.read(LARGEST + 1)
    size = max(said.st_size, len(data))
    if size > LARGEST:
        raise TextTooLarge(name=name, size=size // 2**20, most=LARGEST // 2**20)
    return data


def _require_file(said: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(said.st_mode):
        raise TextNotAFile(name=name)


def _decode(name: str, data: bytes) -> str:
    """Return a plain text, which holds no signs that databases and readers treat differently."""
    if data.startswith(_FOREIGN_HEADS):
        raise TextUnreadable(name=name, place=0)
    if foreign := [data.index(sign) for sign in _FOREIGN if sign in data]:
        raise TextUnreadable(name=name, place=min(foreign))
    text = _decoded(name, data)
    if control := _CONTROL.search(text):
        line = 1 + len(_LINE_END.findall(text, 0, control.start()))
        raise TextHasControl(name=name, line=line, sign=f"U+{ord(control[0]):04X}")
    return text


def _decoded(name: str, data: bytes) -> str:
    place = 0
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            place = max(place, error.start)
    raise TextUnreadable(name=name, place=place)


@transaction.atomic
def import_official(*, actor: Actor, reading: Reading, edition_id: str) -> OfficialText | None:
    """Store a text that fits its edition whole, and return it; None if the newest one is the same, item by item.

    Raises Forbidden, TextNotWhole.
    """
    actor.require(GovernanceAction.IMPORT_TEXT)
    if not reading.report.is_whole:
        raise TextNotWhole(edition=edition_id, faults=describe(reading.report))
    head = edition(edition_id).head
    if _is_stored(reading, newest_text(head.id)):
        return None
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


def _is_stored(reading: Reading, newest: OfficialText | None) -> bool:
    """Tell whether a stored text came from the same bytes and says the same.

    An earlier version of this program may have cut the same bytes differently; then they are stored anew.
    """
    if newest is None or newest.sha256 != reading.sha256:
        return False
    items = OfficialItem.objects.filter(text=newest).order_by("place")
    return list(items.values_list("requirement_id", "printed", "verbatim")) == [
        (part.requirement_id or "", part.printed, part.text) for part in reading.parts
    ]


def describe(report: Report) -> str:
    """Return what does not fit, one line a kind."""
    return "\n".join(f"  {FAULTS[name]}: {', '.join(ids)}" for name, ids in report.faults.items() if ids)
