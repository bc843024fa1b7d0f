"""Tables of governance: the official text that the user imported, and the evidence of what was observed.

Personal data: none but the name of whoever imported a text.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.governance.errors import EvidenceImmutable
from sekisho.kernel.ids import new_id


class OfficialText(models.Model):
    """One imported text of one volume, immutable. A later import of the same edition is a new row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.CharField(max_length=64)
    volume = models.CharField(max_length=8)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["edition", "-imported_at"], name="official_text_newest")]


class OfficialItem(models.Model):
    """One item of an imported text, verbatim, with its printed mark. ``requirement_id`` is empty for a footnote."""

    text = models.ForeignKey(OfficialText, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveIntegerField()
    requirement_id = models.CharField(max_length=32, blank=True)
    printed = models.CharField(max_length=32)
    verbatim = models.TextField()
    first_line = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "place"], name="official_item_place")]


class RunState(models.TextChoices):
    """How a run of a control ended. Only a finished one proves anything."""

    FINISHED = "finished", _("Finished")
    CRASHED = "crashed", _("Crashed")
    EMPTY = "empty", _("Spoke of nobody")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added and read. Changing and deleting are refused here, and by triggers in the database."""

    def update(self, **_values: Any) -> int:
        """Refuse. Raises EvidenceImmutable."""
        raise EvidenceImmutable

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse. Raises EvidenceImmutable."""
        raise EvidenceImmutable

    def bulk_update(self, *_arguments: Any, **_options: Any) -> int:
        """Refuse. Raises EvidenceImmutable."""
        raise EvidenceImmutable


class AppendOnly(models.Model):
    """Base of evidence: a row is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *arguments: Any, **options: Any) -> None:
        """Store a new row. Raises EvidenceImmutable for one that is stored."""
        if not self._state.adding:
            raise EvidenceImmutable
        super().save(*arguments, **{**options, "force_insert": True})

    def delete(self, *_arguments: Any, **_options: Any) -> tuple[int, dict[str, int]]:
        """Refuse. Raises EvidenceImmutable."""
        raise EvidenceImmutable


class Observation(AppendOnly):
    """The raw bytes that were observed, under the hash of exactly these bytes."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    data = models.BinaryField()
    received_at = models.DateTimeField()


class EvidenceRun(AppendOnly):
    """One run of one control with its parameters. ``digest`` is the SHA-256 of the whole run, findings included."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    control = models.CharField(max_length=64)
    parameters = models.TextField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=RunState)
    trace = models.TextField(blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["control", "-ended_at"], name="evidence_run_newest")]


class EvidenceFinding(AppendOnly):
    """What a run said about one subject, with the subject's name at that time and the observed facts."""

    run = models.ForeignKey(EvidenceRun, on_delete=models.PROTECT, related_name="findings")
    place = models.PositiveIntegerField()
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    outcome = models.CharField(max_length=16)
    message = models.TextField()
    facts = models.TextField()
    observed_at = models.DateTimeField()
    observation = models.ForeignKey(Observation, null=True, on_delete=models.PROTECT, related_name="findings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="evidence_finding_place")]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="evidence_finding_subject")]
