"""Tables of the ledgers room, and the base of the tables that are kept as books."""

from sekisho.ledgers.models.applications import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.models.book import BookEntry, BookNumber, ImportColumns, ImportDraft
from sekisho.ledgers.models.book_files import BookFile, BookFileEnd
from sekisho.ledgers.models.book_views import BookView
from sekisho.ledgers.models.delegations import Delegation
from sekisho.ledgers.models.drafts import ApplicationDraft
from sekisho.ledgers.models.no_cases import NoCase

__all__ = [
    "Application",
    "ApplicationDraft",
    "BookEntry",
    "BookFile",
    "BookFileEnd",
    "BookNumber",
    "BookView",
    "Decision",
    "Delegation",
    "FileData",
    "ImportColumns",
    "ImportDraft",
    "NoCase",
    "Submission",
    "SubmissionFile",
]
