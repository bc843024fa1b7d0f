"""What the review raised and what people decided about it. Runs, items and decisions are written once.

Personal data: ids and names of staff beside what a rule noticed about them, patient ids; kept as long as the register.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id


class RunKind(models.TextChoices):
    """What a run looked at."""

    DAILY = "daily", _("Days that are over")
    TODAY = "today", _("Today so far")


class Decided(models.TextChoices):
    """What a reviewer decided about an item. The first leaves it open."""

    TO_INVESTIGATE = "to_investigate", _("To investigate")
    EXPLAINED = "explained", _("Explained")
    IMPROPER = "improper", _("Improper")


class ReviewRun(models.Model):
    """One run of the rules over some days.

    ``results`` is JSON: state, count and missing tables of each rule, the systems whose events it saw, and the
    tables that were too old to be asked.

    ``fault`` is the code of what kept it from judging, empty where it judged; ``size`` entries of the log had rows.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=RunKind)
    first_day = models.DateField()
    last_day = models.DateField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    size = models.BigIntegerField()
    rows = models.BigIntegerField()
    checked = models.BigIntegerField()
    sealed = models.BigIntegerField(default=0)
    compared_since = models.DateTimeField(null=True)
    fault = models.CharField(max_length=64, blank=True)
    fault_text = models.TextField(blank=True)
    results = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["kind", "-ended_at"], name="review_run_newest")]


class ReviewItem(models.Model):
    """Something that a rule raised, once: ``key`` is a digest of rule, actor, patient, system and day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=64, unique=True)
    run = models.ForeignKey(ReviewRun, on_delete=models.PROTECT, related_name="items")
    rule = models.CharField(max_length=40)
    day = models.DateField()
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=100, blank=True)
    patient = models.CharField(max_length=64, blank=True)
    system = models.CharField(max_length=64, blank=True)
    urgent = models.BooleanField()
    measured = models.BigIntegerField()
    events = models.BigIntegerField()
    first_index = models.BigIntegerField()
    last_index = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-day", "rule"], name="review_item_newest"),
            models.Index(fields=["found_at"], name="review_item_found"),
        ]


class ReviewDecision(models.Model):
    """What a named reviewer decided about an item; a later one stands over it and the earlier stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="decisions")
    decided = models.CharField(max_length=16, choices=Decided)
    comment = models.TextField()
    decided_by = models.CharField(max_length=64)
    decided_by_name = models.CharField(max_length=100)
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["item", "-decided_at"], name="review_decision_newest")]
