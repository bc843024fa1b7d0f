"""Paper that was scanned, how it was checked, and where the paper is. Personal data: who scanned and who checked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class Colour(models.TextChoices):
    """In what colours it was scanned."""

    UNKNOWN = "", _("Not known")
    COLOUR = "colour", _("Full colour")
    GREY = "grey", _("Grey levels")
    BLACK = "black", _("Black and white")


class Original(models.TextChoices):
    """What became of the paper."""

    UNKNOWN = "", _("Not decided")
    HERE = "here", _("Kept in the facility")
    OUTSIDE = "outside", _("Kept outside")
    DISPOSED = "disposed", _("Disposed of")


class Scan(BookEntry):
    """One batch of paper."""

    scanned_on = models.DateField()
    papers = models.CharField(max_length=200)
    extent = models.CharField(max_length=200, blank=True)
    sheets = models.PositiveIntegerField()
    scanner = models.CharField(max_length=200, blank=True)
    resolution = models.PositiveIntegerField()
    standard = models.PositiveIntegerField(null=True, blank=True)
    colour = models.CharField(max_length=10, choices=Colour, blank=True)
    prechecked_by = models.CharField(max_length=100, blank=True)
    scanned_by = models.CharField(max_length=100, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    images = models.PositiveIntegerField(null=True, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stored = models.CharField(max_length=200, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    original = models.CharField(max_length=10, choices=Original, blank=True)
    original_place = models.CharField(max_length=200, blank=True)
    original_index = models.CharField(max_length=200, blank=True)
    fetched_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.papers
