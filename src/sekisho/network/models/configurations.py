"""Network devices and the configurations that were handed in of them.

Personal data: account id and name of who handed one in. Secrets: none; passwords and keys are tokens before anything is
stored, and the bytes that were received are nowhere kept, only their hash.
"""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly

LONGEST_NAME = 200
LONGEST_NOTE = 2000


class DeviceKind(models.TextChoices):
    """What a device is there for."""

    ROUTER = "router", _("Router or firewall")
    VPN = "vpn", _("VPN device")
    WIRELESS = "wireless", _("Wireless access point or controller")


class NetworkDevice(models.Model):
    """A device whose configuration is looked at, and the ids of the estate's links that run over it.

    Closed, never deleted; ``version`` prevents lost changes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    kind = models.CharField(max_length=16, choices=DeviceKind)
    links = models.JSONField(default=list)
    note = models.TextField(blank=True, max_length=LONGEST_NOTE, validators=[MaxLengthValidator(LONGEST_NOTE)])
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.TextField(blank=True)
    search_key = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(closed_at=None), name="network_device_name")
        ]

    def __str__(self) -> str:
        return self.name


class KeptConfiguration(AppendOnly):
    """One configuration of a device, as it was read: its lines normalised and its meaning, both as JSON.

    ``sha256`` and ``size`` are those of the bytes received, ``number`` counts within the device from 1.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    device = models.ForeignKey(NetworkDevice, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    dialect = models.CharField(max_length=16)
    encoding = models.CharField(max_length=16)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=64)
    received_by_name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    normalised = models.TextField()
    read_model = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "number"], name="configuration_number")]
