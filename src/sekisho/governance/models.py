"""Tables of governance. The official text lies here, imported by the user; it is never part of the program.

Personal data: none but the name of whoever imported a text.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class OfficialText(models.Model):
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


class OfficialItem(models.Model):
    """One item of an imported text, verbatim, with its printed mark. ``requirement_id`` is empty for a footnote."""

    text = models.ForeignKey(OfficialText, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveIntegerField()
    requirement_id = models.CharField(max_length=32, blank=True)
    printed = models.CharField(max_length=32)
    verbatim = models.TextField()
    first_line = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "place"], name="official_item_place")]
