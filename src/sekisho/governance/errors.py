"""What can go wrong with the guideline's official text, with evidence, with claims and with rounds."""

from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, SekishoError
from sekisho.kernel.text import _


class TextNotAFile(InvalidInput):
    """The path names a device, a pipe or a directory, which has no end that could be known."""

    code = "governance.text_not_a_file"
    message = _("%(name)s is no ordinary file. Nothing was read.")
    hint = _("Save the guideline as a file, as a PDF or plain text, and name that.")


class TextTooLarge(InvalidInput):
    """The file is far larger than any volume of the guideline."""

    code = "governance.text_too_large"
    message = _("The file %(name)s is too large (%(size)s MiB; at most %(most)s).")
    hint = _("Import one volume of the guideline at a time, as a PDF or plain text.")


class TextUnreadable(InvalidInput):
    """The file is no PDF and no text in an encoding that we read."""

    code = "governance.text_unreadable"
    message = _("The file %(name)s is neither a PDF nor text in UTF-8 or Shift_JIS (stopped at byte %(place)s).")
    hint = _("Import the PDF, or save it again as UTF-8 text.")


class TextHasControl(InvalidInput):
    """The text holds a control character: it was damaged, or it is no plain text."""

    code = "governance.text_has_control"
    message = _("Line %(line)s of %(name)s holds the control character %(sign)s. Nothing was imported.")
    hint = _("Import the PDF of the publisher, or save the text again without control characters.")


class PdfUnreadable(InvalidInput):
    """The file says that it is a PDF and cannot be read as one."""

    code = "governance.pdf_unreadable"
    message = _("The PDF %(name)s cannot be read: %(reason)s.")
    hint = _("Get the file from the publisher again, or save it without a password.")


class PdfTooLong(InvalidInput):
    """The PDF has far more pages or letters than any volume of the guideline."""

    code = "governance.pdf_too_long"
    message = _("The PDF %(name)s is far longer than any volume of the guideline.")
    hint = _("Import one volume of the guideline at a time.")


class TextIsPicture(InvalidInput):
    """Pages show something and have no text: they were scanned."""

    code = "governance.text_is_picture"
    message = _(
        "%(pages)s of the %(total)s pages of %(name)s are pictures without text (the first: page %(first)s). "
        "Nothing was imported."
    )
    hint = _("Import the PDF of the publisher, not a scan of printed pages.")


class TextNotWhole(InvalidInput):
    """The text and the edition do not fit; nothing was imported."""

    code = "governance.text_not_whole"
    message = _("The text does not fit edition %(edition)s. Nothing was imported.\n%(faults)s")
    hint = _("Check that it is the right volume and version, and that no page is missing.")


class EvidenceMismatch(InvalidInput):
    """The bytes do not have the hash they came with."""

    code = "governance.evidence_mismatch"
    message = _("The evidence does not match its hash: said %(said)s, found %(found)s. Nothing was stored.")


class RunUnstorable(InvalidInput):
    """A run of a check that the tables cannot hold as it is; shortening it would change what was found."""

    code = "governance.run_unstorable"
    message = _("The run cannot be stored: %(what)s. Nothing was stored.")


class ObservationDamaged(SekishoError):
    """The stored bytes of an observation are not those that were read."""

    code = "governance.observation_damaged"
    message = _("What the check read is damaged: its hash is not the one it was stored under.")
    hint = _("Restore the database from a backup, and look for what changed it: “sekisho evidence verify”.")
    status = 500
    exit_code = 70


class NotShownThisWay(InvalidInput):
    """The mapping names no such proof for the item: the claim would show nothing."""

    code = "governance.not_shown_this_way"
    message = _("%(requirement)s is not shown by this. Nothing was stored.")
    hint = _("The page of the item lists what shows it.")


class SubjectUnknown(InvalidInput):
    """A claim speaks of something that the item is not judged per, or that was closed."""

    code = "governance.subject_unknown"
    message = _("%(requirement)s is not judged for this subject, or the subject was closed.")
    hint = _("Choose from the subjects that the page of the item lists.")


class GroundsMissing(InvalidInput):
    """A claim without words or without evidence; conforming and not applicable need both."""

    code = "governance.grounds_missing"
    message = _("The grounds are missing: %(what)s.")
    hint = _("Without them nobody could check it later. Nothing was stored.")


class ValidityWrong(InvalidInput):
    """The end of validity is past, or further away than this kind of proof may stand."""

    code = "governance.validity_wrong"
    message = _("The end of validity must lie between tomorrow and %(latest)s.")


class ReportPeriodWrong(InvalidInput):
    """A report about days of which nothing can be told."""

    code = "governance.report_period_wrong"
    message = _("No report can be made about these days: %(reason)s")
    hint = _("Choose days that are over, a year at the most.")


class RoundExists(Conflict):
    """There is one round for a fiscal year and an edition."""

    code = "governance.round_exists"
    message = _("There is a round for fiscal year %(year)s by this edition already.")
    hint = None


class RoundYearWrong(InvalidInput):
    """A round is about the fiscal year that runs, or the one that has just ended."""

    code = "governance.round_year_wrong"
    message = _("A round is for fiscal year %(earliest)s or %(latest)s.")


class RoundLocked(Conflict):
    """A locked round is final."""

    code = "governance.round_locked"
    message = _("The round was locked by %(name)s; it is not changed any more.")
    hint = _("A later assessment is a new round.")


class ChecklistYearWrong(InvalidInput):
    """A checklist is answered for the fiscal years from its own to the present one."""

    code = "governance.checklist_year_wrong"
    message = _("There is no checklist for fiscal year %(year)s.")
    hint = _("Choose one of the years that the page of the checklist offers.")


class ConfirmationDayWrong(InvalidInput):
    """“Yes” without the day on which somebody looked, or a day that has not come or belongs to another year."""

    code = "governance.confirmation_day_wrong"
    message = _("The day of confirmation lies between %(earliest)s and %(latest)s; “yes” needs one.")
    hint = _("A confirmation of an earlier fiscal year does not count for this one: look again.")


class TargetDayWrong(InvalidInput):
    """“No” without the day by which it will be done, one before the answer, or such a day with “yes”."""

    code = "governance.target_day_wrong"
    message = _("“No” needs the day by which it will be done, from %(earliest)s on; “yes” has none.")


class SameEdition(InvalidInput):
    """Claims are carried from one edition to another."""

    code = "governance.same_edition"
    message = _("Name two different editions.")


class VerdictsDisagreed(SekishoError):
    """All verdicts were computed anew and some differ from the stored ones although nothing announced a change."""

    code = "governance.verdicts_disagreed"
    message = _("%(number)s verdicts were not up to date (the first: %(first)s). They are right now.")
    hint = _("This is a fault of Sekisho. Report it with the log of this time.")
    status = 500
    exit_code = 70


class NotJudgedYet(Conflict):
    """An export of verdicts before there are any; an empty one would look like an assessment."""

    code = "governance.not_judged_yet"
    message = _("The verdicts have not been computed yet.")
    hint = _("They are computed within a minute after Sekisho was started. Then try again.")


class VerdictsOld(Conflict):
    """A paper of verdicts that something has changed for since, or for which a proof has run out."""

    code = "governance.verdicts_old"
    message = _(
        "The verdicts were computed at %(judged)s, and they have to be computed anew. No paper was made of them."
    )
    hint = _("That happens each minute: try again then. If it stays so, look at the processes with “sekisho doctor”.")


class MailServerWrong(InvalidInput):
    """Settings of the mail server that cannot be right together."""

    code = "governance.mail_server_wrong"
    message = _("The settings of the mail server cannot be kept: %(reason)s.")
    hint = _("What to enter stands in the papers of the mail provider.")


class SnoozeWrong(InvalidInput):
    """A notice is put off to a day within three months, for a reason."""

    code = "governance.snooze_wrong"
    message = _("A notice is put off to a day between %(earliest)s and %(latest)s.")
    hint = _("If it never matters again, mend its cause: the notice then ends by itself.")


class DeliveryNotSetUp(Conflict):
    """A test of a way out that is not set up."""

    code = "governance.delivery_not_set_up"
    message = _("This way of sending is not set up yet.")
    hint = _("Enter and save the settings first.")


class WorkSettledMeanwhile(Conflict):
    """Somebody else settled who looks after a requirement, or by when, since the form was opened."""

    code = "governance.work_settled_meanwhile"
    message = _("%(name)s settled this in the meantime. Nothing of theirs was overwritten.")
    hint = _("Look at what stands there now, then enter your change again.")


class CannotLookAfter(InvalidInput):
    """The person does not work here today, or holds no role that can act on a requirement."""

    code = "governance.cannot_look_after"
    message = _("This person cannot look after a requirement: they left, or hold no role for it.")
    hint = _("Choose somebody from the list, or give them a role first.")


class DueDayWrong(InvalidInput):
    """A day that is over, or so far away that it was mistyped."""

    code = "governance.due_day_wrong"
    message = _("The day must lie between %(earliest)s and %(latest)s.")
    hint = None


class CommentEmpty(InvalidInput):
    """A remark that says nothing, or is too long to be one."""

    code = "governance.comment_empty"
    message = _("Write something that others can read, in at most %(longest)s letters.")
    hint = None


class NotYourComment(Forbidden):
    """A comment is struck out by who wrote it."""

    code = "governance.not_your_comment"
    message = _("Only %(name)s, who wrote the comment, can strike it out.")
    hint = _("Write a comment of your own that says what is wrong.")


class CommentStruck(Conflict):
    """A comment is struck out once."""

    code = "governance.comment_struck"
    message = _("The comment was struck out already.")
    hint = None
