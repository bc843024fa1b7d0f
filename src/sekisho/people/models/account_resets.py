"""Accounts of this platform that an operator let somebody set up anew.

Personal data: who got it, how identity was checked and by whom.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import OneTimeLink, User
from sekisho.people.models.temporary_factors import IdentityProof


class AccountReset(models.Model):
    """One reset; its link sets password and second factor anew. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="resets")
    link = models.OneToOneField(OneTimeLink, on_delete=models.PROTECT, related_name="reset")
    proof = models.CharField(max_length=16, choices=IdentityProof)
    document = models.CharField(max_length=300, blank=True)
    reason = models.TextField()
    leak_suspected = models.BooleanField()
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=100)
