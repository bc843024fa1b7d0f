"""Notices of maintenance by cloud vendors, which ask nobody for leave: what was looked into, and whom it was told.

Personal data: the name of whoever checked afterwards.
"""

from django.db import models

from sekisho.estate.models.base import prose
from sekisho.estate.models.systems import System
from sekisho.ledgers.models import BookEntry


class CloudNotice(BookEntry):
    """One notice about one system."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField()
    content = models.CharField(max_length=300)
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    hours = models.CharField(max_length=100, blank=True)
    effect = models.CharField(max_length=300, blank=True)
    substitute = models.CharField(max_length=300, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    announced_on = models.DateField(null=True, blank=True)
    announced_to = models.CharField(max_length=200, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.system} {self.content}"[:200]
