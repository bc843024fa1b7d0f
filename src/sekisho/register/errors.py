"""What can go wrong with the register."""

from sekisho.kernel.errors import InvalidInput, SekishoError, Unavailable
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
