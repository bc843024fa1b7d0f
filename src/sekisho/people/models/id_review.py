"""What the systems say of their accounts, and the reviews of it.

Personal data: logins, names and last use of the accounts of every system.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly
from sekisho.people.models.id_ledger import Owner


class SourceKind(models.TextChoices):
    """How the accounts of a system are read."""

    CSV = "csv", _("CSV files that somebody reads in")
    DIRECTORY = "directory", _("Directory (LDAP, Active Directory), by itself")


class AccountSource(models.Model):
    """How the accounts of one system are read, and how often. ``sealed_password`` opens the directory for reading."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.OneToOneField("estate.System", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=SourceKind, default=SourceKind.CSV)
    columns = models.JSONField(default=dict)
    directory = models.JSONField(default=dict)
    sealed_password = models.BinaryField(null=True)
    interval_days = models.PositiveIntegerField(default=31)
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True)


class AccountSnapshot(AppendOnly):
    """The accounts of a system on one day, exactly as it showed them; ``content_sha256`` is of the bytes unpacked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    taken_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=100)
    origin = models.CharField(max_length=255)
    origin_sha256 = models.CharField(max_length=64, blank=True)
    accounts = models.PositiveIntegerField()
    columns = models.JSONField(default=list)
    content = models.BinaryField()
    content_sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["system", "taken_on", "recorded_at"], name="account_snapshot_newest")]

    @property
    def documents(self) -> Sequence[dict[str, Any]]:
        """The accounts as they were kept."""
        return json.loads(zlib.decompress(self.content))  # type: ignore[no-any-return]  # a list of objects was written


class AccountReview(models.Model):
    """A look through everything that was found in one snapshot; finished when each has its disposition."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    snapshot = models.ForeignKey(AccountSnapshot, on_delete=models.PROTECT, related_name="reviews")
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=100)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=100, blank=True)
    blind = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot"], condition=models.Q(finished_at=None), name="account_review_one_open"
            )
        ]


class Disposition(models.TextChoices):
    """What is done about an account."""

    OPEN = "", _("Not decided")
    KEEP = "keep", _("Stays, for a reason")
    DISABLE = "disable", _("To be disabled; asked for")
    REMOVED = "removed", _("Has been removed")


class ReviewItem(models.Model):
    """One account of a review: what was found, whose it is, and what was decided by whom."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(AccountReview, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveIntegerField()
    login = models.CharField(max_length=200)
    login_key = models.CharField(max_length=400)
    name = models.CharField(max_length=200, blank=True)
    found = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(Owner, null=True, on_delete=models.PROTECT, related_name="+")
    certainty = models.CharField(max_length=16)
    disposition = models.CharField(max_length=16, choices=Disposition, default=Disposition.OPEN, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "place"], name="account_review_place")]
        indexes = [models.Index(fields=["login_key", "disposition"], name="account_review_login")]

    @property
    def faults(self) -> list[str]:
        """The words for what was found, which ``found`` holds with a space on both sides of each."""
        return self.found.split()
