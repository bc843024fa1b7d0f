"""Accounts of this platform that an operator let somebody set up anew.

Personal data: who got it, how identity was checked and by whom; and, sealed, the copy of an identity document.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import OneTimeLink, User
from sekisho.people.models.temporary_factors import IdentityProof


class Telling(models.TextChoices):
    """How only the person learns the one-time link."""

    LINK = "link", _("On this screen: the person opens it beside me")
    PRINT = "print", _("As a sealed print, to be handed over folded")


class AccountReset(models.Model):
    """One reset; its link sets password and second factor anew. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="resets")
    link = models.OneToOneField(OneTimeLink, on_delete=models.PROTECT, related_name="reset")
    proof = models.CharField(max_length=16, choices=IdentityProof)
    document = models.CharField(max_length=300, blank=True)
    reason = models.TextField()
    leak_suspected = models.BooleanField()
    telling = models.CharField(max_length=16, choices=Telling, default=Telling.LINK)
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=100)

    @property
    def number(self) -> str:
        """What stands on its print and in the list: the end of its id, which tells nothing of the link."""
        return f"SR-{self.id.hex[-8:].upper()}"


class IdentityCopy(models.Model):
    """The copy of the document that was shown, sealed; after ``keep_until`` only that it was there is left."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reset = models.OneToOneField(AccountReset, on_delete=models.PROTECT, related_name="copy")
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sealed = models.BinaryField(null=True)
    attached_at = models.DateTimeField()
    attached_by = models.CharField(max_length=100)
    keep_until = models.DateField()
    destroyed_at = models.DateTimeField(null=True)
