"""Who stands in for whom in approvals, from when until when.

Personal data: names and account ids of the two, and the reason, which may say that somebody is absent or ill.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class Delegation(models.Model):
    """One person lets another decide for them. It ends by itself after ``ends_on``, or when somebody ends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    giver_id = models.CharField(max_length=64)
    giver_name = models.CharField(max_length=100)
    receiver_id = models.CharField(max_length=64)
    receiver_name = models.CharField(max_length=100)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.TextField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ends_on", "ended_at"], name="delegation_in_force")]

    def __str__(self) -> str:
        return f"{self.giver_name} → {self.receiver_name}"
