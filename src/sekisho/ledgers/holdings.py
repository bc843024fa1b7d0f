"""Personal data of applications and of what hangs on every book."""

from sekisho.kernel.declarations import Holding
from sekisho.kernel.text import _
from sekisho.ledgers import models

HOLDINGS = (
    Holding(
        "ledgers.applications",
        _("Applications, decisions and their files"),
        (
            models.Application,
            models.Submission,
            models.SubmissionFile,
            models.FileData,
            models.Decision,
            models.Delegation,
            models.ApplicationDraft,
        ),
        _("Applicants, approvers, and whoever the files name"),
        _("To prove who asked for what and who decided"),
        _("With the records of the facility; a draft for half a year"),
    ),
    Holding(
        "ledgers.books",
        _("Files, views and statements of the books"),
        (models.BookFile, models.BookFileEnd, models.BookView, models.NoCase, models.ImportDraft),
        _("Staff, and whoever the files name"),
        _("To keep beside an entry what proves it"),
        _("With the records of the facility; a file that is looked at before it is taken over for a day"),
    ),
)
