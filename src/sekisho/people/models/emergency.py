"""Emergency accounts: sealed credentials, the looks at their envelopes, and each use.

Personal data: names of those who made, checked, used, returned and reviewed; the addresses they came from.
"""

from django.db import models
from django.db.models import Q

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User
from sekisho.people.models.staff import Staff


class EmergencySeal(models.Model):
    """One credential in one envelope. Only the hash of its secret is stored; it is used in one emergency at most."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="seal")
    secret_hash = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    roles = models.CharField(max_length=300)
    hours = models.PositiveSmallIntegerField()
    check_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="successor")
    checked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=100, blank=True)
    return_note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)
    late_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=100, blank=True)
    was_justified = models.BooleanField(null=True)
    review_result = models.TextField(blank=True)

    class Meta:
        # The banner asks on every page whether one is in use.
        indexes = [
            models.Index(
                fields=["opened_at"], condition=Q(opened_at__isnull=False, returned_at=None), name="seal_in_use"
            )
        ]

    def __str__(self) -> str:
        return self.number


class SealCheck(models.Model):
    """A named person looked at the envelope. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seal = models.ForeignKey(EmergencySeal, on_delete=models.PROTECT, related_name="checks")
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=100)
    is_intact = models.BooleanField()
    note = models.TextField(blank=True)


class EmergencyUse(models.Model):
    """One sign-in with a sealed credential. Never changed.

    ``name`` is what the person wrote, ``staff`` whom it matches; ``declared`` names the declared emergency, empty where
    none was in force, None where nobody can say.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seal = models.ForeignKey(EmergencySeal, on_delete=models.PROTECT, related_name="uses")
    session = models.UUIDField(unique=True)
    name = models.CharField(max_length=100)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="emergency_uses")
    reason = models.TextField()
    declared = models.CharField(max_length=200, null=True)  # None: nobody can say; empty: none was
    network = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
