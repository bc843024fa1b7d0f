"""Assessment rounds: one a fiscal year; locked, they keep the text and the proofs that they judged."""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class Round(models.Model):
    """The assessment of one fiscal year by one edition. Once ``locked_at`` is set the row is final.

    ``digest`` is the SHA-256 over all items and judgements of the locked round.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    fiscal_year = models.PositiveIntegerField()
    edition = models.CharField(max_length=64)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=100)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.CharField(max_length=100, blank=True)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fiscal_year", "edition"], name="round_once_a_year")]


class RoundItem(AppendOnly):
    """One row of the edition as it was judged: our text and the official one (empty if none was imported), and n/N.

    ``row`` holds the requirement and its proofs as JSON, ``counts`` how many subjects stood in which verdict.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    requirement = models.CharField(max_length=32)
    row = models.TextField()
    official = models.TextField(blank=True)
    official_sha256 = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=16)
    counts = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "requirement"], name="round_item_once")]


class RoundJudgement(AppendOnly):
    """The verdict of one leaf for one subject as it was when the round was locked, with the proofs it rested on."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    requirement = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    verdict = models.CharField(max_length=16)
    reason = models.TextField()
    proofs = models.TextField()
    reassess = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "requirement", "subject_kind", "subject_id"], name="round_judged_once"
            )
        ]
