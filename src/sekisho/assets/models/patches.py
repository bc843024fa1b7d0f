"""What was decided about updates, system by system and device by device. Personal data: who decided and approved."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.equipment import Equipment
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class PatchKind(models.TextChoices):
    """What is updated."""

    OS = "os", _("Operating system")
    APPLICATION = "application", _("Application")
    FIRMWARE = "firmware", _("Firmware")
    MEDICAL_DEVICE = "medical_device", _("Medical device program")
    OTHER = "other", _("Other update")


class Urgency(models.TextChoices):
    """How fast an update has to be applied."""

    UNKNOWN = "", _("Not judged")
    ATTACKED = "attacked", _("Used in attacks already")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class PatchDecision(models.TextChoices):
    """What was decided."""

    OPEN = "", _("Not decided yet")
    APPLY = "apply", _("Apply")
    PUT_OFF = "put_off", _("Put off, with a substitute")
    NOT_CONCERNED = "not_concerned", _("Does not concern us")
    NONE_NEW = "none_new", _("Looked: nothing new")


class Patch(BookEntry):
    """One update for one system or device; or one look that found none."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=PatchKind, default=PatchKind.OS)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Equipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200, blank=True)
    found_on = models.DateField()
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    vendor_asked_on = models.DateField(null=True, blank=True)
    vendor_answer = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=20, choices=PatchDecision, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=100, blank=True)
    apply_by = models.DateField(null=True, blank=True)
    tried = models.CharField(max_length=200, blank=True)
    applied_on = models.DateField(null=True, blank=True)
    applied_by = models.CharField(max_length=100, blank=True)
    works_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    substitute = models.CharField(max_length=300, blank=True)
    put_off_until = models.DateField(null=True, blank=True)
    delay_approved_on = models.DateField(null=True, blank=True)
    delay_approved_by = models.CharField(max_length=100, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.name
