"""The host names that this installation has had and is to have. Passkeys belong to one of them.

Personal data: who prepared and finished a change.
"""

from django.db import models
from django.db.models import Q

from sekisho.kernel.ids import new_id


class HostChange(models.Model):
    """A change of the host name, prepared or found at a start; the first row only says what the name was at first.

    ``due_on`` is the day that was announced, ``changed_at`` when a start found the new name in the settings; ``moved``
    of ``concerned`` people had a key of the new name at the end. A change that came to nothing is dropped.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    former = models.CharField(max_length=253, blank=True)
    host = models.CharField(max_length=253)
    due_on = models.DateField(null=True)
    prepared_at = models.DateTimeField(null=True)
    prepared_by = models.CharField(max_length=100, blank=True)
    changed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=100, blank=True)
    dropped_at = models.DateTimeField(null=True)
    moved = models.PositiveIntegerField(null=True)
    concerned = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            # One change at a time: each leads away from the present name. The first row has no former name.
            models.UniqueConstraint(
                fields=["former"],
                condition=Q(finished_at=None, dropped_at=None) & ~Q(former=""),
                name="one_host_change_open",
            )
        ]

    def __str__(self) -> str:
        return self.host
