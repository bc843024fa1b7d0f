"""Information the facility holds: its kinds, how much each matters, where it lies. Personal data: the owner's name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class InformationKind(models.TextChoices):
    """What the information is about."""

    MEDICAL = "medical", _("Medical information")
    PERSONAL = "personal", _("Other personal information")
    SYSTEMS = "systems", _("About the systems (diagrams, settings, logs)")
    OTHER = "other", _("Other information")


class InformationPlace(models.TextChoices):
    """On what it is kept."""

    SYSTEM = "system", _("In the system's own database")
    SHARED_FOLDER = "shared_folder", _("Shared folder")
    COMPUTER = "computer", _("Files on a computer")
    CLOUD = "cloud", _("Cloud service")
    MEDIUM = "medium", _("Portable medium")
    PAPER = "paper", _("Paper or film")


class Importance(models.TextChoices):
    """How much it hurts when it is disclosed, altered or missing."""

    UNKNOWN = "", _("Not decided")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class TakingOut(models.TextChoices):
    """Whether it may leave the building."""

    UNKNOWN = "", _("Not decided")
    NO = "no", _("Forbidden")
    APPROVED = "approved", _("With approval only")
    YES = "yes", _("Allowed")


class BackedUp(models.TextChoices):
    """Whether it is backed up."""

    UNKNOWN = "", _("Not known")
    YES = "yes", _("Yes")
    NO = "no", _("No, as decided")


class Information(BookEntry):
    """One kind of information in one place."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=InformationKind)
    content = models.CharField(max_length=300, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    patients = models.PositiveIntegerField(null=True, blank=True)
    patient_key = models.CharField(max_length=200, blank=True)
    confidentiality = models.CharField(max_length=10, choices=Importance, blank=True)
    integrity = models.CharField(max_length=10, choices=Importance, blank=True)
    availability = models.CharField(max_length=10, choices=Importance, blank=True)
    kept_for = models.CharField(max_length=200, blank=True)
    keeping_checked_on = models.DateField(null=True, blank=True)
    kept_on = models.CharField(max_length=20, choices=InformationPlace)
    place = models.CharField(max_length=300, blank=True)
    form = models.CharField(max_length=100, blank=True)
    users = models.CharField(max_length=300, blank=True)
    rights = models.CharField(max_length=300, blank=True)
    taking_out = models.CharField(max_length=10, choices=TakingOut, blank=True)
    limits = models.CharField(max_length=300, blank=True)
    backed_up = models.CharField(max_length=10, choices=BackedUp, blank=True)
    backup = models.CharField(max_length=300, blank=True)
    disposal = models.CharField(max_length=300, blank=True)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.CharField(max_length=100, blank=True)
    risk_assessed_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.name
