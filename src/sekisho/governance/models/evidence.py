"""Evidence: what runs of controls observed, hashed and never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class RunState(models.TextChoices):
    """How a run of a control ended. Only a finished one proves anything."""

    FINISHED = "finished", _("Finished")
    CRASHED = "crashed", _("Crashed")
    EMPTY = "empty", _("Spoke of nobody")
    TIMED_OUT = "timed_out", _("Took too long")


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


class NewestRun(models.Model):
    """Which run of a control counts: the one that ended last. Kept apart so that years of runs cost nothing."""

    control = models.CharField(primary_key=True, max_length=64)
    run = models.ForeignKey(EvidenceRun, on_delete=models.PROTECT, related_name="+")


class RequestedRun(models.Model):
    """A run of a control that somebody asked for; gone when the run is stored."""

    control = models.CharField(primary_key=True, max_length=64)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=100)


class EvidenceFinding(AppendOnly):
    """What a run said about one subject, with the subject's name at that time and the observed facts."""

    # The index below begins with the run too: one of its own would only have to be written.
    run = models.ForeignKey(EvidenceRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveIntegerField()
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    outcome = models.CharField(max_length=16)
    message = models.TextField()
    facts = models.TextField()
    observed_at = models.DateTimeField()
    observation = models.ForeignKey(Observation, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="evidence_finding_place")]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="evidence_finding_subject"),
            models.Index(fields=["run", "outcome"], name="evidence_finding_outcome"),
        ]
