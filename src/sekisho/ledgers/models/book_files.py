"""The files of a ledger's entries: every version stays, and what was withdrawn says so.

Personal data: names and account ids of those who attached and withdrew, and whatever the files hold.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.applications import FileData
from sekisho.ledgers.models.base import AppendOnly


class BookFile(AppendOnly):
    """One version of a file of an entry; the same name attached again is the next version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ledger = models.CharField(max_length=100)
    entry_id = models.UUIDField()
    name = models.CharField(max_length=255)
    version = models.PositiveIntegerField()
    size = models.BigIntegerField()
    data = models.ForeignKey(FileData, on_delete=models.PROTECT, related_name="book_files")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=64)
    added_by_name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ledger", "entry_id", "name", "version"], name="book_file_version"),
        ]

    def __str__(self) -> str:
        return self.name


class BookFileEnd(AppendOnly):
    """That a version was withdrawn, by whom and why; it stays readable."""

    file = models.OneToOneField(BookFile, primary_key=True, on_delete=models.PROTECT, related_name="end")
    reason = models.TextField()
    ended_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64)
    ended_by_name = models.CharField(max_length=100)
