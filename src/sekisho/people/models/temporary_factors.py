"""Second factors for a day, for somebody whose card, key or telephone is broken or forgotten.

Personal data: who got one, why, how it was made sure who they are, and who issued it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User


class IdentityProof(models.TextChoices):
    """How it was made sure that somebody is who they say."""

    SEEN = "seen", _("Known personally, stood before me")
    STAFF_CARD = "staff_card", _("Staff card with photograph")
    OFFICIAL = "official", _("Official document with photograph")
    MANAGER = "manager", _("Their manager came along and confirmed it")
    CALLED_BACK = "called_back", _("Called back on the number on record, and asked")


class TemporaryFactor(models.Model):
    """A code that stands in for the second factor until ``expires_at``. Only its hash is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="temporary_factors")
    code_hash = models.CharField(max_length=200)
    reason = models.TextField()
    proof = models.CharField(max_length=16, choices=IdentityProof)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=100)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "expires_at"], name="temporary_factor_open")]
