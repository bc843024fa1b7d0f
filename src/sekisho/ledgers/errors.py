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


class PartTaken(Conflict):
    """Somebody approved this part first; the application waits for others now."""

    code = "ledgers.part_taken"
    message = _("This part is done: %(names)s approved it.")
    hint = _("Look at the application as it is now.")


class ApprovedAlready(Conflict):
    """On one route a person approves once, unless nobody else could give a later approval."""

    code = "ledgers.approved_already"
    message = _("You approved this application already. The next approval is for somebody else: %(names)s.")
    hint = None


class StandsInWrongly(Forbidden):
    """Who stands in for the applicant, or for somebody who approved already, is no second pair of eyes."""

    code = "ledgers.stands_in_wrongly"
    message = _("You stand in for somebody who applied for this or approved it already. It is for: %(names)s.")
    hint = _("Ask one of them.")


class NotYourTurn(Conflict):
    """The step of who wants to decide has not come yet."""

    code = "ledgers.not_your_turn"
    message = _("Your step has not come yet. First it is for: %(names)s.")
    hint = None


class AfterTheFactRefused(InvalidInput):
    """This is not approved after the fact, or nobody said why it could not wait."""

    code = "ledgers.after_the_fact_refused"
    message = _("What was done already in an emergency is applied for with the reason, where the workflow allows it.")
    hint = None


class EntryChanged(Conflict):
    """The entry is not as it was when somebody applied for its approval."""

    code = "ledgers.entry_changed"
    message = _("“%(name)s” is not as it was applied for: %(columns)s changed since.")
    hint = _("Send the application back. The applicant then applies again with the entry as it stands.")


class AppliedAlready(Conflict):
    """The approval of this entry has been applied for, and nobody has decided yet."""

    code = "ledgers.applied_already"
    message = _("The approval of “%(name)s” has been applied for already, by %(applicant)s.")
    hint = _("Wait for the decision, or let it be withdrawn.")


class EntryApproved(Conflict):
    """The entry is approved as it stands: there is nothing to apply for."""

    code = "ledgers.entry_approved"
    message = _("“%(name)s” is approved as it stands.")
    hint = None


class DelegationRefused(InvalidInput):
    """Nobody stands in for themselves, for too long, in the past, or without the right to approve at all."""

    code = "ledgers.delegation_refused"
    message = _("This delegation was not stored: %(reason)s")
    hint = None


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


class PeriodInvalid(InvalidInput):
    """It was to be stated that there is no case, for days that nobody can state it for."""

    code = "ledgers.period_invalid"
    message = _("This cannot be stated: %(reason)s")
    hint = _("Choose a period that began before and ends after today, for example the fiscal year.")


class CasesThere(Conflict):
    """It was to be stated that there is no case, and an entry says otherwise."""

    code = "ledgers.cases_there"
    message = _("There is an entry: %(number)s %(name)s.")
    hint = _("Choose the days after it, or correct the entry if it is wrong.")


class EntriesRefused(InvalidInput):
    """One of several entries could not be changed or confirmed, so none was."""

    code = "ledgers.entries_refused"
    message = _("%(number)s stands in the way: %(reason)s")
    hint = _("None of the entries was changed. Choose them anew.")


class ChoiceRefused(InvalidInput):
    """No entry was chosen, or more than are changed at once."""

    code = "ledgers.choice_refused"
    message = _("Choose between 1 and %(most)s entries in use.")
    hint = _("Narrow the list, and change the rest afterwards.")


class ViewRefused(InvalidInput):
    """A view of a ledger without a name, under too long a name, or one too many."""

    code = "ledgers.view_refused"
    message = _("The view was not kept: give it a name of at most %(longest)s letters.")
    hint = _("At most %(most)s views are kept for each person and ledger. Remove one that you no longer use.")


class LinesThere(Conflict):
    """Every standard line is in the ledger for what was chosen."""

    code = "ledgers.lines_there"
    message = _("All the standard lines are there already for this choice. Nothing was added.")
    hint = _("Correct the lines that are there, or choose something else.")


class TooManyDrafts(Conflict):
    """Somebody keeps as many drafts as one may."""

    code = "ledgers.too_many_drafts"
    message = _("The draft was not kept: at most %(most)s drafts are kept for each person.")
    hint = _("Apply with one of them, or throw away what you no longer need, then keep this one.")


class NotFromOurPages(Forbidden):
    """A write through the API carries no token of our own pages: a browser may have been made to send it."""

    code = "ledgers.not_from_our_pages"
    message = _("The request does not come from a page of Sekisho. Nothing was stored.")
    hint = _("Send the token of a page (csrfmiddlewaretoken) as X-CSRFToken, and the address of Sekisho as Referer.")
