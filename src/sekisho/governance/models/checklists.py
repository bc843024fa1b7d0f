"""Answers to the checklist of inspections: each is kept, the newest of an item counts."""

from django.db import models

from sekisho.ledgers.models.base import AppendOnly


class ChecklistAnswer(AppendOnly):
    """What a named person answered to one item of a list for a fiscal year.

    ``vendor`` is the id of the vendor whose form it is, empty for the facility's own. ``recommendation`` holds, as
    JSON, what the verdicts recommended at that moment (rules.checklist).
    """

    list_id = models.CharField(max_length=32)
    fiscal_year = models.PositiveIntegerField()
    item = models.CharField(max_length=16)
    vendor = models.CharField(max_length=64, blank=True)
    answer = models.CharField(max_length=3, choices=[("yes", "yes"), ("no", "no")])
    confirmed_on = models.DateField(null=True)
    target_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    recommendation = models.TextField()
    answered_by = models.CharField(max_length=64)
    answered_by_name = models.CharField(max_length=100)
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["list_id", "fiscal_year", "vendor", "item"], name="checklist_answered")]
