"""Tables of the ledgers room, and the base of the tables that are kept as books."""

from sekisho.ledgers.models.applications import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.models.book import BookEntry, BookNumber, ImportColumns, ImportDraft

__all__ = [
    "Application",
    "BookEntry",
    "BookNumber",
    "Decision",
    "FileData",
    "ImportColumns",
    "ImportDraft",
    "Submission",
    "SubmissionFile",
]
