"""What was seen of endpoints, as it was seen. Judging it is the controls' part, and may be done again with newer rules.

Personal data: none; addresses, certificates and settings of machines.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly
from sekisho.network.models.tickets import CollectedBundle, Vantage


class Probe(models.TextChoices):
    """The ways of looking."""

    TLS = "tls", "TLS"
    TLS_LIGHT = "tls_light", _("TLS, daily look")
    MUTUAL_TLS = "mutual_tls", "mTLS"
    EXPOSURE = "exposure", "TCP"
    SWEEP = "sweep", "TCP / CIDR"
    CLOCKS = "clocks", "NTP / SMB2 / HTTP Date"


class Sighting(AppendOnly):
    """What one probe saw of one subject at one moment: the observation as JSON, and the SHA-256 of just this text.

    ``vantage`` is from where it looked; ``bundle`` is set when it looked on another machine.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    probe = models.CharField(max_length=16, choices=Probe)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    vantage = models.CharField(max_length=16, choices=Vantage, default=Vantage.INTERNAL)
    bundle = models.ForeignKey(CollectedBundle, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        # A chart reads months of one subject.
        indexes = [models.Index(fields=["probe", "subject_id", "observed_at"], name="sighting_history")]


class RequestedLook(models.Model):
    """A registered host whose ports somebody wants to have looked at again, until that is done."""

    host = models.CharField(max_length=300, unique=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=100)


class NewestSighting(models.Model):
    """Which sighting of a subject from one place is the newest. Kept apart so that years of them cost nothing.

    What the platform saw itself and what was ``carried`` here in a bundle stand side by side: neither hides the other.
    """

    probe = models.CharField(max_length=16, choices=Probe)
    subject_id = models.CharField(max_length=64)
    vantage = models.CharField(max_length=16, choices=Vantage, default=Vantage.INTERNAL)
    carried = models.BooleanField(default=False)
    sighting = models.ForeignKey(Sighting, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["probe", "subject_id", "vantage", "carried"], name="newest_sighting_once")
        ]
