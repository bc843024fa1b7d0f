"""The time sources that the facility trusts. A row is closed when its source is removed, never deleted.

Personal data: none; addresses of time servers and remarks about them.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint

from sekisho.kernel.ids import new_id

NTP_PORT = 123
HIGHEST_PORT = 65_535
LONGEST_NOTE = 200


class TimeSource(models.Model):
    """A server that is asked for standard time by NTP. ``host`` is a name or an address, in its one written form."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=NTP_PORT)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["host", "port"], condition=Q(removed_at=None), name="time_source_once"),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=HIGHEST_PORT), name="time_source_port"),
        ]

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
