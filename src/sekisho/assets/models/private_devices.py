"""Staff's own devices that may be used for work. Personal data: whose they are, and who checked them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.equipment import Protection
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class PrivateKind(models.TextChoices):
    """What it is."""

    SMARTPHONE = "smartphone", _("Smartphone")
    TABLET = "tablet", _("Tablet")
    COMPUTER = "computer", _("Computer")


class Separation(models.TextChoices):
    """How work and private use are kept apart, as the guideline offers it."""

    UNKNOWN = "", _("Not decided")
    MANAGED = "managed", _("Only an administrator changes settings (MDM)")
    WORK_AREA = "work_area", _("Work area of the operating system, closed to the owner's settings")
    RULES = "rules", _("Rules forbid changes; an administrator looks regularly")


class PrivateDevice(BookEntry):
    """One device of one person."""

    person = models.CharField(max_length=100)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=PrivateKind)
    product = models.CharField(max_length=100)
    serial = models.CharField(max_length=100, blank=True)
    os = models.CharField(max_length=100, blank=True)
    purpose = models.CharField(max_length=300)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applications = models.CharField(max_length=300, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    allowed_until = models.DateField(null=True, blank=True)
    separation = models.CharField(max_length=20, choices=Separation, blank=True)
    protection = models.CharField(max_length=20, choices=Protection, blank=True)
    protection_note = models.CharField(max_length=200, blank=True)
    encrypted = models.BooleanField(default=False)
    screen_lock = models.BooleanField(default=False)
    loss_measures = models.CharField(max_length=200, blank=True)
    pledge_on = models.DateField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    check_note = models.CharField(max_length=300, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    erased_on = models.DateField(null=True, blank=True)
    erased_by = models.CharField(max_length=100, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.person} / {self.product}"
