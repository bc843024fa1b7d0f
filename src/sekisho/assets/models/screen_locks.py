"""Settings of the screen lock as they were handed in, and how long a group of devices may stand open.

Personal data: account id and name of who handed in or decided. Secrets: none; of a file only the settings of the screen
lock are kept, and its hash.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from sekisho.assets.models.equipment import Equipment
from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly

LONGEST_WORDS = 200
LONGEST_REASON = 2000


class KeptLockSettings(AppendOnly):
    """What one file says: of one ``device``, or of the whole group with how the settings reach every device of it.

    ``taken_on`` is the day on which the settings were exported, ``reading`` what was read as JSON.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.CharField(max_length=64)
    device = models.ForeignKey(Equipment, null=True, on_delete=models.PROTECT, related_name="+")
    distributed_by = models.CharField(max_length=LONGEST_WORDS, blank=True)
    taken_on = models.DateField()
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=64)
    received_by_name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    reading = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["group", "taken_on"], name="lock_settings_group")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(device=None) ^ Q(distributed_by=""), name="lock_settings_device_or_group"
            )
        ]


class LockBound(AppendOnly):
    """The longest time without use that was decided for a group, with the reason; the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.CharField(max_length=64, db_index=True)
    minutes = models.PositiveSmallIntegerField()
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)
    decided_by_name = models.CharField(max_length=100)
