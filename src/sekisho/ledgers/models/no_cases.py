"""What people state of a ledger that may be empty: in this period there was nothing to enter."""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class NoCase(AppendOnly):
    """One statement about one ledger, for the days from ``first_day`` to ``last_day``. Written once.

    Personal data: the name of whoever stated it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ledger = models.CharField(max_length=100)
    first_day = models.DateField()
    last_day = models.DateField()
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=64)
    stated_by_name = models.CharField(max_length=100)
    comment = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["ledger", "-stated_at"], name="no_case_newest")]

    def __str__(self) -> str:
        return f"{self.ledger} {self.first_day}/{self.last_day}"
