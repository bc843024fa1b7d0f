"""Who was taught what, and when.

Personal data: names of staff beside what they were taught and how well they understood it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose
from sekisho.people.models.id_ledger import Owner


class TrainingKind(models.TextChoices):
    """What a training was for."""

    YEARLY = "yearly", _("Yearly training")
    NEWCOMER = "newcomer", _("Training of somebody new")
    TOPIC = "topic", _("Training about one topic")
    DRILL = "drill", _("Drill")


class Training(BookEntry):
    """One person at one training."""

    staff = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="trainings")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=TrainingKind, default=TrainingKind.YEARLY)
    held_on = models.DateField()
    material = models.CharField(max_length=200, blank=True)
    teacher = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=200, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.title} {self.staff}"
