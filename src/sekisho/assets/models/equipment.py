"""Devices: servers, terminals, network devices, and IoT and medical devices. Personal data: the name of the keeper."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.assets.rules.groups import group_id
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class EquipmentKind(models.TextChoices):
    """What a device is."""

    SERVER = "server", _("Server")
    TERMINAL = "terminal", _("Terminal (PC, tablet, smartphone)")
    NETWORK = "network", _("Network device")
    IOT_MEDICAL = "iot_medical", _("IoT or medical device")
    OTHER = "other", _("Other device")


class EquipmentState(models.TextChoices):
    """Whether a device is in use."""

    IN_USE = "in_use", _("In use")
    IDLE = "idle", _("Out of use for now")
    LOST = "lost", _("Lost")
    DISPOSED = "disposed", _("Disposed of")


class Protection(models.TextChoices):
    """How a device is protected against malware."""

    UNKNOWN = "", _("Not known")
    ANTI_MALWARE = "anti_malware", _("Anti-malware, always running")
    EDR = "edr", _("EDR")
    ALLOW_LIST = "allow_list", _("Only listed programs run")
    SUBSTITUTE = "substitute", _("Cannot be installed; another measure")
    NONE = "none", _("None")


class Equipment(BookEntry):
    """One device."""

    asset_number = models.CharField(max_length=50, blank=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=EquipmentKind)
    maker = models.CharField(max_length=100, blank=True)
    product = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=200, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    keeper = models.CharField(max_length=100, blank=True)
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200, blank=True)
    holds_medical_information = models.BooleanField(default=False)
    portable = models.BooleanField(default=False)
    os = models.CharField(max_length=100, blank=True)
    firmware = models.CharField(max_length=100, blank=True)
    end_of_support_on = models.DateField(null=True, blank=True)
    patched_on = models.DateField(null=True, blank=True)
    remote_maintenance = models.BooleanField(default=False)
    password_changed_on = models.DateField(null=True, blank=True)
    password_checked_by = models.CharField(max_length=100, blank=True)
    connected = models.BooleanField(default=False)
    wireless = models.BooleanField(default=False)
    address = models.CharField(max_length=100, blank=True)
    mac = models.CharField(max_length=60, blank=True)
    trust_ground = models.CharField(max_length=200, blank=True)
    protection = models.CharField(max_length=20, choices=Protection, blank=True)
    protection_note = models.CharField(max_length=200, blank=True)
    encrypted = models.BooleanField(default=False)
    loss_measures = models.CharField(max_length=200, blank=True)
    security_information_on = models.DateField(null=True, blank=True)
    risk_analysed_on = models.DateField(null=True, blank=True)
    introduced_on = models.DateField(null=True, blank=True)
    lease_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=EquipmentState, default=EquipmentState.IN_USE)
    disconnected_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["asset_number"],
                condition=Q(closed_at=None, struck_at=None) & ~Q(asset_number=""),
                name="equipment_asset_number",
                violation_error_message=_("An entry in use has this asset number already."),
                violation_error_code="unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def group_id(self) -> str:
        """The id of the group of devices it belongs to: those of its kind in its system."""
        return group_id(self.system_id, self.kind)
