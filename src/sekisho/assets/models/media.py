"""Media that hold medical information: discs, tapes, memory sticks, films. Personal data: the name of the keeper."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class MediumKind(models.TextChoices):
    """What a medium is."""

    USB = "usb", _("USB memory")
    DISK = "disk", _("External disk")
    TAPE = "tape", _("Tape")
    OPTICAL = "optical", _("CD, DVD or Blu-ray")
    CARD = "card", _("Memory card")
    PAPER = "paper", _("Paper or film")
    OTHER = "other", _("Other medium")


class Medium(BookEntry):
    """One medium, or a set that is kept together."""

    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=MediumKind)
    content = models.CharField(max_length=300, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    read_with = models.CharField(max_length=200, blank=True)
    portable = models.BooleanField(default=True)
    encrypted = models.BooleanField(default=False)
    place = models.CharField(max_length=200, blank=True)
    locked = models.BooleanField(default=False)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    keeper = models.CharField(max_length=100, blank=True)
    used_from = models.DateField(null=True, blank=True)
    use_until = models.DateField(null=True, blank=True)
    read_on = models.DateField(null=True, blank=True)
    copied_to = models.CharField(max_length=200, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.label
