"""Logs of other systems: where they come from, the files that were imported, and which lines are there already.

Personal data: names of who keeps a source and imported files; faults quote a few characters of rows that could not be
read. The hashes of lines name nobody.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class SourceKind(models.TextChoices):
    """How the log of a system comes into the register."""

    CSV = "csv"
    SYSLOG = "syslog"
    DIARY = "diary"


class LogSource(models.Model):
    """One log of one system. ``system`` is the id of the system in the estate."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=100)
    system = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=SourceKind)
    mapping = models.JSONField(default=dict)
    peer = models.CharField(max_length=200, blank=True)
    interval_hours = models.PositiveIntegerField()
    contents = models.TextField(blank=True)
    protection = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(closed_at=None),
                name="log_source_name",
                violation_error_code="taken",
            ),
            models.UniqueConstraint(
                fields=["peer"],
                condition=models.Q(closed_at=None) & ~models.Q(peer=""),
                name="log_source_peer",
                violation_error_code="taken",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def spool(self) -> str:
        """The name that its events are numbered under in the register."""
        return f"log-{self.pk.hex}"


class ImportState(models.TextChoices):
    """Where a file stands."""

    HANDED_IN = "handed_in"
    LOOKING = "looking"
    EXAMINED = "examined"
    WAITING = "waiting"
    RUNNING = "running"
    COMMITTED = "committed"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


class LogImport(models.Model):
    """One file of a source, from the first look to the last row. ``faults`` holds the first rows that were wrong.

    ``progress`` counts bytes while the file is looked at, rows while it is imported.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    source = models.ForeignKey(LogSource, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=12, choices=ImportState)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    encoding = models.CharField(max_length=8)
    rows = models.PositiveIntegerField()
    fresh = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    faults = models.JSONField(default=list)
    progress = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class ImportedLine(models.Model):
    """A line in the register, once its import counts; ``occurrence`` numbers the equal lines of one file."""

    source = models.ForeignKey(LogSource, on_delete=models.PROTECT)
    batch = models.ForeignKey(LogImport, on_delete=models.PROTECT)
    digest = models.BinaryField(max_length=32)
    occurrence = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest", "occurrence"], name="imported_line_once")]
