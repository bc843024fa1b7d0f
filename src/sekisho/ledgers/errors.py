"""What can go wrong with applications, with ledgers and with what is kept for good."""

from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, SekishoError
from sekisho.kernel.text import _


class AppendOnlyViolation(Conflict):
    """A record that is written once was to be changed or deleted; a newer one stands beside it instead."""

    code = "ledgers.append_only"
    message = _("What is kept as evidence is never changed or deleted.")
    hint = None


class NotYourPart(Forbidden):
    """The workflow names other roles, or this is the applicant's own part."""

    code = "ledgers.not_your_part"
    message = _("In “%(workflow)s” this is for: %(roles)s.")
    hint = _("Ask one of them, or the system operator if nobody holds the role.")


class NotTheApplicant(Forbidden):
    """Only who applied may mend or withdraw the application."""

    code = "ledgers.not_the_applicant"
    message = _("Only the applicant (%(name)s) may do this.")
    hint = _("As an approver you can send it back instead.")


class OwnApplication(Forbidden):
    """Nobody approves their own application while somebody else could."""

    code = "ledgers.own_application"
    message = _("You applied for this yourself, and others can approve it: %(names)s.")
    hint = _("Ask one of them.")


class DecidedAlready(Conflict):
    """Somebody decided first, or the application is in another state; nothing was changed."""

    code = "ledgers.decided_already"
    message = _("This is no longer possible: the application is “%(state)s” since %(name)s decided.")
    hint = _("Look at the application as it is now.")


class CommentMissing(InvalidInput):
    """Sending back, revoking and approving one's own application need words."""

    code = "ledgers.comment_missing"
    message = _("Write why: the others read it, and it is kept.")
    hint = None


class FilesRefused(InvalidInput):
    """Too many files, one too large, one empty, or one whose name says nothing."""

    code = "ledgers.files_refused"
    message = _("The file “%(name)s” was not taken: %(reason)s")
    hint = _("At most %(most)s files of %(size)s MiB each, %(together)s MiB together. Nothing was stored.")


class ContentTooLong(InvalidInput):
    """The written part of an application is longer than anybody reads."""

    code = "ledgers.content_too_long"
    message = _("The text of the application is too long. Nothing was stored.")
    hint = _("Attach the long part as a file.")


class FileDamaged(SekishoError):
    """The stored bytes of a file do not have the hash they were stored under."""

    code = "ledgers.file_damaged"
    message = _("The stored file “%(name)s” is not the one that was handed in.")
    hint = _("The database was damaged or changed from outside. Compare with a backup.")
    status = 500
    exit_code = 65


class EntryInvalid(InvalidInput):
    """A value breaks a rule of its ledger; ``faults`` maps each field to its messages."""

    code = "ledgers.entry_invalid"
    message = _("The entry was not stored: %(summary)s")

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(summary=" ".join(text for texts in faults.values() for text in texts))
        self.faults = faults


class EntryEnded(Conflict):
    """What was closed is reopened before it is changed; what was struck out stays so."""

    code = "ledgers.entry_ended"
    message = _("“%(name)s” is no longer in use.")
    hint = _("Reopen it if it was closed. What was struck out stays so: enter it anew.")


class FileUnreadable(InvalidInput):
    """A file that was to be read into a ledger is no table this ledger can take."""

    code = "ledgers.file_unreadable"
    message = _("The file cannot be read: %(reason)s")
    hint = _("Save the table as an Excel workbook (.xlsx) or as CSV, with one row of headings. Nothing was stored.")


class RowsInvalid(InvalidInput):
    """Some rows of a file are wrong, so none was taken over."""

    code = "ledgers.rows_invalid"
    message = _("Row %(line)s of the file is wrong: %(reason)s")
    hint = _("Nothing was taken over. Mend the row and give the file again.")


class DraftGone(Conflict):
    """The file looked at is no longer kept, or was taken over already."""

    code = "ledgers.draft_gone"
    message = _("The file that you looked at is no longer kept.")
    hint = _("Give it again.")
