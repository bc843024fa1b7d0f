"""An event as one row of a table."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.text import Text, _

BOM = "\ufeff"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEADINGS: tuple[Text, ...] = (
    _("No."), _("When (UTC)"), _("Recorded (UTC)"), _("Who"), _("ID of who"), _("Kind of actor"), _("Roles"),
    _("Action"), _("Kind of object"), _("ID of object"), _("Object"), _("Patient ID"), _("System"), _("Device"),
    _("Network address"), _("Session"), _("Result"), _("Reason"), _("Details"), _("Event ID"),
)  # fmt: skip


def row(document: Mapping[str, Any], place: int) -> list[str | int]:
    """Return the cells of an event; texts are whole and as they were logged."""
    actor, subject = document["actor"], document["subject"] or {"kind": "", "id": "", "label": ""}
    return [
        place,
        document["occurred_at"],
        document["recorded_at"],
        actor["name"],
        actor["id"],
        actor["kind"],
        " ".join(actor["roles"]),
        document["action"],
        subject["kind"],
        subject["id"],
        subject["label"],
        document["patient"] or "",
        document["system"] or "",
        document["device"] or "",
        document["network"] or "",
        document["session"] or "",
        document["outcome"],
        document["reason"],
        json.dumps(document["details"], ensure_ascii=False, sort_keys=True) if document["details"] else "",
        document["id"],
    ]


def csv_line(cells: Sequence[str | int]) -> str:
    """Return a line of CSV (RFC 4180). A text that a spreadsheet would calculate gets an apostrophe before it."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def _harmless(cell: str | int) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
