"""Where plain-text secrets are looked for, what was seen of them, and what was said to be none.

Never a secret itself: file, line, kind of rule, and a keyed fingerprint. Still delicate: it tells where passwords lie.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly
from sekisho.people.rules.plaintext_secrets import Sighting, sighting_of

OWN = "sekisho"


class SecretPlace(models.Model):
    """A directory of this machine, or what another tool looked through elsewhere, as configuration of one system.

    ``end_asked_at``: one person wants to end it although something was found there; it goes on until a second one does.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    tool = models.CharField(max_length=40, default=OWN)
    path = models.CharField(max_length=300)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    end_asked_at = models.DateTimeField(null=True)
    end_asked_by = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["system", "tool", "path"], condition=Q(ended_at=None), name="secret_place_once"
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def is_own(self) -> bool:
        """Tell whether Sekisho looks here itself."""
        return self.tool == OWN


class SecretLook(AppendOnly):
    """One look through a place. ``is_whole``: everything that could hold a setting was seen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey(SecretPlace, on_delete=models.PROTECT, related_name="looks")
    looked_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    stored_by = models.CharField(max_length=100)
    version = models.CharField(max_length=100, blank=True)
    is_whole = models.BooleanField()
    counts = models.JSONField(default=dict)
    found = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["place", "looked_at", "stored_at"], name="secret_look_newest")]

    @property
    def sightings(self) -> Sequence[Sighting]:
        """What was seen."""
        return [sighting_of(one) for one in json.loads(zlib.decompress(self.content))]


class SecretSettlement(models.Model):
    """That one finding is a false alarm: said by one person for a short time, confirmed by a second for longer.

    Said of the same finding again, it ``waits`` for the second person and does not count before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    file = models.CharField(max_length=300)
    line = models.PositiveIntegerField()
    rule = models.CharField(max_length=100)
    reason = models.TextField()
    settled_at = models.DateTimeField()
    settled_by = models.CharField(max_length=64)
    settled_by_name = models.CharField(max_length=100)
    until = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_name = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["system", "fingerprint"], condition=Q(ended_at=None), name="secret_settlement_once"
            )
        ]

    @property
    def waits(self) -> bool:
        """Tell whether it was given no time of its own, so that only a second person makes it count."""
        return self.confirmed_at is None and self.until <= self.settled_at
