"""Stocktakes: what was expected, what was read where and by whom, and what became of each difference.

Personal data: the names of those who answer for a stocktake, read, settled and signed.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly
from sekisho.ledgers.models.book import prose

PREFIX = "ST"


class Stocktake(models.Model):
    """One stocktake of one book within a scope; nothing named in the scope means everything."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=200)
    ledger = models.CharField(max_length=100)
    department = models.ForeignKey("estate.Department", null=True, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey("estate.System", null=True, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)
    begins_on = models.DateField()
    ends_on = models.DateField()
    responsible = models.CharField(max_length=100)
    expected = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=100)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=100, blank=True)
    closing_note = prose()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=100, blank=True)
    cancelled_reason = prose()

    class Meta:
        indexes = [models.Index(fields=["ledger", "closed_at"], name="stocktake_closed")]

    def __str__(self) -> str:
        return f"{self.document_number} {self.name}"

    @property
    def document_number(self) -> str:
        """The number as it is written on papers: ST-00012."""
        return f"{PREFIX}-{self.number:05}"

    @property
    def ended_at(self) -> Any:
        """When it was closed or cancelled; None while it goes on."""
        return self.closed_at or self.cancelled_at


class ExpectedThing(AppendOnly):
    """One entry as the ledger had it when the stocktake began: never changed, so that the list stays what it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="things")
    entry_id = models.UUIDField()
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=50)
    name = models.CharField(max_length=300)
    place = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=200, blank=True)
    keys = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stocktake", "number"], name="expected_thing_number")]


class StockLine(models.Model):
    """What became of one expected thing, or of something else that was read.

    ``first`` is the line that a thing read twice had already; ``entry_id`` the ledger's entry, None for what it lacks.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="lines")
    thing = models.OneToOneField(ExpectedThing, null=True, on_delete=models.PROTECT, related_name="line")
    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="again")
    entry_id = models.UUIDField(null=True)
    label = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    code_key = models.CharField(max_length=400, blank=True)
    search_key = models.TextField()
    place_expected = models.CharField(max_length=200, blank=True)
    place_found = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField(null=True)
    found_by = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=16)
    settlement = models.CharField(max_length=20, blank=True)
    reason = prose()
    reference = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["stocktake", "result", "settlement"], name="stock_line_result"),
            models.Index(fields=["stocktake", "entry_id"], name="stock_line_entry"),
            models.Index(fields=["entry_id"], name="stock_line_of", condition=Q(entry_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.name}".strip()


class StockReading(AppendOnly):
    """One reading of a code: exactly what came, where, by whom, and what was answered; numbered from 1."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="scans")
    number = models.PositiveIntegerField()
    line = models.ForeignKey(StockLine, on_delete=models.PROTECT, related_name="scans")
    code = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    result = models.CharField(max_length=16)
    scanned_at = models.DateTimeField()
    scanned_by = models.CharField(max_length=100)
    account = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stocktake", "number"], name="stock_reading_number")]


class ReadingUndone(AppendOnly):
    """That a reading was taken back, and by whom."""

    scan = models.OneToOneField(StockReading, primary_key=True, on_delete=models.PROTECT, related_name="undone")
    undone_at = models.DateTimeField()
    undone_by = models.CharField(max_length=100)
