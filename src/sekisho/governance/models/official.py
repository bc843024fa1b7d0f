"""The official text that the user imported, item by item, and what was carried over from one edition to another.

Personal data: none but the name of whoever imported a text or carried claims over.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class OfficialText(AppendOnly):
    """One imported text of one volume, immutable. A later import of the same edition is a new row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.CharField(max_length=64)
    volume = models.CharField(max_length=8)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["edition", "-imported_at"], name="official_text_newest")]


class OfficialItem(AppendOnly):
    """One item of an imported text, verbatim, with its printed mark. ``requirement_id`` is empty for a footnote."""

    text = models.ForeignKey(OfficialText, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    requirement_id = models.CharField(max_length=32, blank=True)
    printed = models.CharField(max_length=32)
    verbatim = models.TextField()
    first_line = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "place"], name="official_item_place")]


class CarryOver(AppendOnly):
    """An approved claim about an item of one edition that is to count for the same item of another, until reviewed.

    ``changed`` tells that the wording differs between the two; the claim is then marked 要再評価.
    """

    application_id = models.UUIDField()
    requirement = models.CharField(max_length=32)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    changed = models.BooleanField()
    carried_at = models.DateTimeField()
    carried_by = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application_id", "requirement", "after"], name="carried_over_once")
        ]
