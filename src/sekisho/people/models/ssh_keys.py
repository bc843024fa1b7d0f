"""SSH public keys of people, listed for the day somebody works on a server over SSH.

Personal data: whose key it is, and what its owner calls it.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.people.models.staff import Staff


class KeyEnd(models.TextChoices):
    """Why a key is no longer in use."""

    REMOVED = "removed", _("removed")
    LEFT = "left", _("its owner has left")
    LEAKED = "leaked", _("its private half was handed over")


class SshKey(models.Model):
    """A public key in the form of SSH, without comment or options. It belongs to one person, also when it has ended.

    ``kind`` is its name in SSH, ``blob`` its Base64, empty where only a private half was ever seen (``LEAKED``).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="ssh_keys")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=64)
    bits = models.PositiveIntegerField()
    blob = models.TextField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=16, choices=KeyEnd, blank=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["fingerprint"], condition=Q(ended_at=None), name="ssh_key_once")]

    def __str__(self) -> str:
        return self.name
