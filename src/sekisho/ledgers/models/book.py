"""What every ledger has that is declared as a book: numbered rows, closed or struck out, never deleted."""

from typing import Any, ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models

from sekisho.kernel.ids import new_id

LONGEST_PROSE = 2000


def prose() -> "models.TextField[str, str]":
    """Return a column for free text, with the same limit in every entrance."""
    return models.TextField(blank=True, max_length=LONGEST_PROSE, validators=[MaxLengthValidator(LONGEST_PROSE)])


class BookNumber(models.Model):
    """The last number given in a ledger: an entry that vanished past the platform leaves a gap below it."""

    ledger = models.CharField(primary_key=True, max_length=100)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.ledger} {self.last}"


class ImportDraft(models.Model):
    """A file that somebody is looking at before it is taken over; gone with the taking over or after a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ledger = models.CharField(max_length=100)
    account = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    data = models.BinaryField()
    choice = models.JSONField(default=dict)  # sheet, line of the headings, column of each heading, as chosen so far
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ImportColumns(models.Model):
    """Which column each heading of a file meant the last time one was taken over into a ledger."""

    ledger = models.CharField(primary_key=True, max_length=100)
    columns = models.JSONField(default=dict)  # heading as it is compared -> column, empty for one not taken over

    def __str__(self) -> str:
        return self.ledger


class BookEntry(models.Model):
    """Base of a ledger's entries. ``version`` prevents lost changes; ``confirmed_at`` is when somebody last looked.

    ``approved_at`` is when the entry as it stands was approved, in a ledger whose entries are; a change takes it away.

    Personal data: the names of those who entered, changed, confirmed and approved.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(editable=False)
    version = models.IntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    updated_by = models.CharField(max_length=100, editable=False, blank=True)
    confirmed_at = models.DateTimeField(editable=False)
    confirmed_by = models.CharField(max_length=100, editable=False, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.CharField(max_length=500, editable=False, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    struck_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_reason = prose()
    search_key = models.TextField(editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["number"], name="%(class)s_number"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["closed_at", "struck_at", "number"], name="%(class)s_open"),
        ]

    @property
    def ended_at(self) -> Any:
        """When the entry was closed or struck out; None while it is in use."""
        return self.struck_at or self.closed_at

    @property
    def is_approved(self) -> bool:
        """Tell whether the entry was approved as it stands."""
        return self.approved_at is not None
