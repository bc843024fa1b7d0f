"""Looking from elsewhere: tickets given to machines that cannot reach this one, and the bundles they brought back.

Personal data: none but who issued a ticket; addresses of machines.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class Vantage(models.TextChoices):
    """From where something was looked at. The values are those of the exposure of an endpoint."""

    INTERNAL = "internal", _("From inside")
    SECURE = "secure", _("From a secure network")
    OPEN = "open", _("From an open network")


class CollectionTicket(models.Model):
    """Leave to look from elsewhere: the public half of a key made for it, and what it may speak of.

    The private half is in the file that was given out and nowhere else. ``addresses`` is a JSON list; ``used_at`` is
    when the first bundle came back. A withdrawn ticket brings nothing in any more; what it brought stays.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    public_key = models.CharField(max_length=64)
    vantage = models.CharField(max_length=16, choices=Vantage)
    addresses = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=100)
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=100, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)


class CollectedBundle(AppendOnly):
    """A bundle as it was received, under the SHA-256 of its payload: it is taken once."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    ticket = models.ForeignKey(CollectionTicket, on_delete=models.PROTECT, related_name="+")
    envelope = models.TextField()
    version = models.CharField(max_length=40)
    received_at = models.DateTimeField()
