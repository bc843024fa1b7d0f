"""What can go wrong with the register."""

from sekisho.kernel.errors import InvalidInput, NotFound, SekishoError, Unavailable
from sekisho.kernel.text import _


class OutsideTransaction(SekishoError):
    """An event was appended without the transaction of the change it records."""

    code = "register.outside_transaction"
    message = _("An event must be written in the same transaction as the change it records.")
    status = 500
    exit_code = 70


class EntryTooLarge(InvalidInput):
    """What would be recorded is longer than an entry of the log can be; nothing was stored."""

    code = "register.entry_too_large"
    message = _("What was entered is too long to be recorded (%(bytes)s bytes, at most %(most)s).")
    hint = _("Shorten the long texts, or attach them as a file. Nothing was changed.")


class LogFault(SekishoError):
    """The log cannot be gone on with: it is not what the database, its own checkpoint or its key say.

    The platform goes on working, and events wait in the database. Nothing of the log is written until it is mended.
    """

    code = "register.log_fault"
    status = 500
    exit_code = 65


class LogMissing(LogFault):
    """There is no log where one was."""

    code = "register.log_missing"
    message = _("The log of the register is missing: %(path)s. The database knows %(database)s entries of it.")
    hint = _("Put the folder back from the newest copy. No new log was begun, and new events wait in the database.")


class LogBehind(LogFault):
    """The log has fewer entries than the database has seen in it."""

    code = "register.log_behind"
    message = _("The log of the register went back: it has %(log)s entries, the database has seen %(database)s of it.")
    hint = _(
        "An older copy of the folder was put back, or files were removed. Find out who did it and why, and put the "
        "newest copy in its place. Nothing was overwritten, and new events wait in the database."
    )


class LogDamaged(LogFault):
    """A file of the log is missing, cut short, or not what the checkpoint has signed."""

    code = "register.log_damaged"
    message = _("A file of the log of the register is missing or was changed: %(path)s")
    hint = _(
        "Keep the folder for an examination and put the newest copy in its place. "
        "Nothing was overwritten, and new events wait in the database."
    )


class CheckpointBroken(LogFault):
    """The checkpoint of the log cannot be read, or the key of this installation has not signed it."""

    code = "register.checkpoint_broken"
    message = _("The checkpoint of the register is damaged or was not signed by this installation.")
    hint = _(
        "Put the folder of the log and the key that belong together back from the newest copy. "
        "Nothing was overwritten, and new events wait in the database."
    )


class LogContradicts(LogFault):
    """Log and database hold different events under the same number."""

    code = "register.log_contradicts"
    message = _("The log and the database hold different events: %(source)s number %(number)s.")
    hint = _(
        "One of the two was put back from an older copy or was changed. Keep both for an examination. "
        "Nothing was overwritten, and new events wait in the database."
    )


class LogStandsStill(Unavailable):
    """Events wait for their place in the log for longer than any turn takes."""

    code = "register.stands_still"
    message = _("Events have waited for their place in the log for %(minutes)s minutes. They are kept.")
    hint = _("See whether the platform runs, with “sekisho doctor”, and read what the sequencer wrote last.")


class LogWithoutRoom(Unavailable):
    """The disk has no room left for the log."""

    code = "register.no_room"
    message = _("The disk with the log of the register is full: %(free)s MB are left. Events wait, and are kept.")
    hint = _("Make room on the disk of %(path)s; the log goes on by itself.")


class LogInUse(Unavailable):
    """Another process writes the log."""

    code = "register.log_in_use"
    message = _("Another process is writing the log of the register.")
    hint = _("This is done by “sekisho up”. Wait for it, or stop it first.")


class InboxFull(Unavailable):
    """More events wait to be written than may; none of this one was kept."""

    code = "register.inbox_full"
    message = _("Too many events wait to be recorded. This one was refused.")
    hint = _("Try again in a moment. If it goes on, the disk is too slow or hangs.")


class InboxFails(Unavailable):
    """The disk did not take the event; it counts as not recorded."""

    code = "register.inbox_fails"
    message = _("The event could not be recorded: %(reason)s")
    hint = _("Check the free space and the health of the disk, then try again.")


class SourceInUse(Unavailable):
    """Another process writes under the same name."""

    code = "register.source_in_use"
    message = _("Another process already records events as “%(source)s”.")
    hint = _("Every process needs a name of its own.")


class NoHead(NotFound):
    """There is no head of the log yet."""

    code = "register.no_head"
    message = _("The log of the register has no head yet.")
    hint = _("It is made within seconds after Sekisho was started for the first time.")


class HeadForeign(InvalidInput):
    """What was given as a head of this log is none: unreadable, of another log, or not signed with this log's key."""

    code = "register.head_foreign"
    message = _("This is no head of this log, or it was not signed with this log's key.")
    hint = _("Give the file as it was exported, or type all lines of the printed page again, with the signature.")


class HeadNotKept(Unavailable):
    """A head of the log could not be left at a place outside this computer."""

    code = "register.head_not_kept"
    message = _("The head of the log could not be kept at %(place)s: %(reason)s")
    hint = _("Look whether the place can be reached from this computer; it is tried again by itself.")


class WitnessStateBroken(SekishoError):
    """What a witness remembers of a log cannot be read; it does not begin anew by itself."""

    code = "register.witness_state_broken"
    message = _("What this witness remembers of the log %(origin)s is damaged.")
    hint = _("Put the file back from a copy. A witness that forgets lets a log that was rewritten pass.")
    status = 500
    exit_code = 65


class WitnessInUse(Unavailable):
    """Another witness works in the same folder."""

    code = "register.witness_in_use"
    message = _("Another witness already works in %(path)s.")
    hint = _("Stop the other one, or give this one a folder of its own.")


class WitnessKeyExists(InvalidInput):
    """The file for a new key is there already; nothing was overwritten."""

    code = "register.witness_key_exists"
    message = _("The file exists already and was not changed: %(path)s")
    hint = _("Choose another name. A witness keeps its key for as long as it works.")


class RowsAltered(SekishoError):
    """A row of the review is not what its entry in the log says, or is missing; no rule has seen any of them."""

    code = "register.rows_altered"
    message = _("The rows that the review works on do not agree with the log: %(path)s")
    hint = _("Nothing was reviewed. Build them anew with “sekisho register review rebuild”, and find out who did it.")
    status = 500
    exit_code = 65


class RulebookInvalid(SekishoError):
    """The rules of the review break their own form; none of them runs."""

    code = "register.rulebook_invalid"
    message = _("The rules of the review are not valid:\n%(faults)s")
    hint = _("Mend the named files, or put back those that came with this version. No rule has run.")
    status = 500
    exit_code = 70


class LogSourceInvalid(InvalidInput):
    """What was entered of a source does not fit together."""

    code = "register.log_source_invalid"
    message = _("This cannot be kept as a source of logs: %(reason)s")
    hint = _("Correct the field and save again.")


class LogSourceClosed(InvalidInput):
    """The source was closed; it takes nothing any more."""

    code = "register.log_source_closed"
    message = _("The source “%(name)s” was closed.")
    hint = _("Add a new source if its log comes again.")


class LogSourceOtherKind(InvalidInput):
    """The source gets its events in another way."""

    code = "register.log_source_other_kind"
    message = _("The source “%(name)s” does not take this: its log comes in another way.")
    hint = _("Files go to sources of CSV, notes to work diaries.")


class LogTooLarge(InvalidInput):
    """The file has more bytes or rows than are taken at once."""

    code = "register.log_too_large"
    message = _("The file is too large: at most %(most)s are taken at once.")
    hint = _("Export a shorter period, or import it on the server with “sekisho register import-csv”.")


class LogImportWrong(InvalidInput):
    """Rows of the file are wrong; nothing of it was imported."""

    code = "register.log_import_wrong"
    message = _("%(wrong)s rows of the file cannot be taken, so nothing was imported.")
    hint = _("The rows are listed with what to do. Correct the export or the source, then hand the file in again.")


class LogImportOver(InvalidInput):
    """The file is not waiting for a decision any more."""

    code = "register.log_import_over"
    message = _("This file was decided about already.")
    hint = _("Look at the list of imports of the source.")


class LogFileGone(InvalidInput):
    """The kept file is gone, or is not what was looked at."""

    code = "register.log_file_gone"
    message = _("The file is not there any more, or was changed since it was looked at. Nothing was imported.")
    hint = _("Hand it in again.")


class DiaryInvalid(InvalidInput):
    """An entry of the work diary lacks something, or its times cannot be."""

    code = "register.diary_invalid"
    message = _("This cannot be written into the work diary: %(reason)s")
    hint = _("Correct the field and write it again.")


class ListInvalid(InvalidInput):
    """A list for the rules of the review cannot be taken; the one before stays in force."""

    code = "register.list_invalid"
    message = _("This list cannot be taken: %(reason)s")
    hint = _("Correct the export and hand it in again. Until then the list before stays in force.")


class ReviewFailed(Unavailable):
    """The process that runs the rules ended without an answer; nothing was judged."""

    code = "register.review_failed"
    message = _("The rules of the review could not be run.")
    hint = _("Try again; if it fails again, report it to whoever looks after Sekisho.")


class OwnItem(SekishoError):
    """Somebody tried to decide about what a rule raised about themselves."""

    code = "register.own_item"
    message = _("Nobody decides about what was raised about themselves.")
    hint = _("Ask somebody else who may decide. If there is nobody, give another person the role.")
    status = 409
    exit_code = 77


class IndexAway(Unavailable):
    """The search index is being made anew; what rests on all of it has to wait."""

    code = "register.index_away"
    message = _("The search index of the register is being made anew.")
    hint = _("Try again in a few minutes. Searching on the page works meanwhile.")


class TooManyToExport(InvalidInput):
    """More events match than one file may hold."""

    code = "register.too_many_to_export"
    message = _("More than %(most)s events match these conditions.")
    hint = _("Narrow the period or the other conditions, and take them out in several files.")


class FormatUnknown(InvalidInput):
    """Events were asked for in a form that there is none of."""

    code = "register.format_unknown"
    message = _("Choose the form in which the events are to be taken out.")
