"""The verdicts as they stand now, what they were computed from, and every change with its cause."""

from django.db import models

from sekisho.ledgers.models.base import AppendOnly


class JudgedEdition(models.Model):
    """When an edition was last judged; its row lock keeps two judgements apart. ``whole_at``: the last one of all."""

    edition = models.CharField(primary_key=True, max_length=64)
    judged_at = models.DateTimeField()
    whole_at = models.DateTimeField(null=True)


class JudgedInput(models.Model):
    """One thing that the stored verdicts were computed from, and the digest it had then."""

    edition = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "name", "subject_id"], name="judged_input_once")
        ]


class StoredVerdict(models.Model):
    """The verdict of one leaf for one subject, with what each proof said (JSON).

    ``since`` is when it became this verdict, ``look_again_at`` when time alone may change it; ``reassess`` marks
    要再評価.
    """

    edition = models.CharField(max_length=64)
    requirement = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    verdict = models.CharField(max_length=16)
    reason = models.TextField()
    proofs = models.TextField()
    reassess = models.BooleanField()
    since = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "requirement", "subject_kind", "subject_id"], name="stored_verdict_once"
            )
        ]
        indexes = [
            models.Index(fields=["edition", "requirement", "verdict", "reassess"], name="stored_verdict_counts"),
            models.Index(fields=["edition", "look_again_at"], name="stored_verdict_due"),
        ]


class VerdictChange(AppendOnly):
    """A verdict that changed: from what to what, when, and why. ``before`` is empty for the first, ``after`` for none.

    ``cause`` and ``proofs`` are JSON; the subject is kept by its name of that time and outlives the subject itself.
    """

    edition = models.CharField(max_length=64)
    requirement = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16, blank=True)
    cause = models.TextField()
    proofs = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["edition", "requirement", "-changed_at"], name="verdict_change_newest")]
