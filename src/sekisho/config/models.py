"""What the composition root itself remembers: which recurring jobs have had their turn."""

from django.db import models


class JobSlot(models.Model):
    """One slot of time of one recurring job: the row is the proof that it was started in this slot, at most once."""

    job = models.CharField(max_length=100)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "starts_at"), name="one_run_per_slot"),)

    def __str__(self) -> str:
        return f"{self.job} {self.starts_at:%Y-%m-%d %H:%M:%S}"
