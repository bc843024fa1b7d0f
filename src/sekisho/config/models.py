"""What the composition root remembers: turns of jobs, its backups, its disk, how long personal data is kept."""

from django.db import models

from sekisho.ledgers.models.base import AppendOnly


class JobSlot(models.Model):
    """One slot of time of one recurring job: the row is the proof that it was started in this slot, at most once."""

    job = models.CharField(max_length=100)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "starts_at"), name="one_run_per_slot"),)

    def __str__(self) -> str:
        return f"{self.job} {self.starts_at:%Y-%m-%d %H:%M:%S}"


class DiskDay(models.Model):
    """How many bytes of the disk with the data directory were used on one day; older than 400 days are forgotten."""

    day = models.DateField(unique=True)
    used_bytes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.used_bytes}"


class BackupGeneration(AppendOnly):
    """A generation that was put on one target. Which ones are removed is decided from here, never from the target.

    Whatever was answered for before ``made_at`` is inside; ``newest_event`` is the last one, by its id.
    """

    name = models.CharField(max_length=64)
    target = models.CharField(max_length=1024)
    made_at = models.DateTimeField()
    manifest_sha256 = models.CharField(max_length=64)
    stored_bytes = models.BigIntegerField()
    newest_event = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "target"), name="one_generation_per_target"),)

    def __str__(self) -> str:
        return f"{self.target}/{self.name}"


class RetentionPeriod(models.Model):
    """How many days the facility keeps a holding of personal data; without a row as many as are usual."""

    holding = models.CharField(primary_key=True, max_length=64)
    days = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=100)


class ProofLevel(models.TextChoices):
    """How far a generation was tried, weakest first."""

    COPIED = "copied"
    VERIFIED = "verified"
    OPENED = "opened"
    STARTED = "started"


class BackupProof(AppendOnly):
    """One trial of a generation: the level that was reached, and the code of what stopped it (empty: nothing did)."""

    generation = models.ForeignKey(BackupGeneration, on_delete=models.PROTECT, related_name="proofs")
    level = models.CharField(max_length=16, choices=ProofLevel.choices)
    fault = models.CharField(max_length=64, blank=True)
    proven_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("generation", "-proven_at"), name="backup_proof_newest"),)

    def __str__(self) -> str:
        return f"{self.generation} {self.level}"
