"""What people do with the register itself, and what the platform notes about it."""

from sekisho.kernel.access import EVERYBODY, MANAGERS, REVIEWERS, Action, Role
from sekisho.kernel.text import _


class RegisterAction(Action):
    """Actions of the register."""

    VIEW = ("register.view", _("Read the register"), REVIEWERS)
    READ_ENTRIES = ("register.read_entries", _("Take entries of the log as they are stored"), REVIEWERS)
    READ_PATIENT = ("register.read_patient", _("Read who opened a patient's record"), REVIEWERS)
    READ_SESSION = ("register.read_session", _("Read what was done in a session"), REVIEWERS)
    EXPORT = ("register.export", _("Take events out of the register, with proofs"), REVIEWERS)
    FORGET_TYPED = ("register.forget_typed", _("Destroy what was typed as a name at failed sign-ins"), {Role.PLATFORM})
    NOTE_INDEX = ("register.index_wrong", _("The search index said something else than the log"), {Role.PLATFORM})
    REINDEX = ("register.reindex", _("Make the search index of the register anew"), {Role.CONSOLE})
    STATUS = ("register.status", _("See how the log of the register stands"), REVIEWERS | {Role.CONSOLE})
    NOTE_GAP = ("register.gap", _("Numbers of a source are missing in the register"), {Role.PLATFORM})
    NOTE_CLOCK = ("register.clock_back", _("The clock of a source went back"), {Role.PLATFORM})
    NOTE_CONFLICT = ("register.conflict", _("A number of a source came twice with different events"), {Role.PLATFORM})
    NOTE_BROKEN = ("register.entry_unreadable", _("An event of a source cannot be read"), {Role.PLATFORM})
    HEARTBEAT = ("register.heartbeat", _("Sign of life of the register"), {Role.PLATFORM})
    KEEP_HEADS = ("register.keep_heads", _("Leave heads of the log at places outside this computer"), {Role.PLATFORM})
    NOTE_PLACE = ("register.head_place", _("A place that keeps heads of the log"), {Role.PLATFORM})
    EXPORT_HEAD = ("register.export_head", _("Take the head of the log away to keep it"), REVIEWERS | {Role.CONSOLE})
    COMPARE_HEAD = ("register.compare_head", _("Hold a kept head against the log"), REVIEWERS | {Role.CONSOLE})
    ROTATE_KEY = ("register.rotate_key", _("Give the log of the register a new key"), {Role.CONSOLE})
    SEE_REVIEW = ("review.view", _("See what the review of the register raised"), REVIEWERS)
    READ_REVIEWED = ("review.read_events", _("Read the events behind an item of the review"), REVIEWERS)
    DECIDE_REVIEW = ("review.decide", _("Decide about an item of the review"), MANAGERS)
    TRY_RULE = ("review.try_rule", _("Try a rule of the review with other thresholds"), MANAGERS)
    RUN_REVIEW = ("review.run", _("Run the rules of the review"), {Role.PLATFORM, Role.CONSOLE})
    REBUILD_REVIEW = ("review.rebuild", _("Build the rows of the review anew"), {Role.PLATFORM, Role.CONSOLE})


_KEEPERS = frozenset({Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER})


class ReferenceAction(Action):
    """What people do with the lists that rules of the review need."""

    VIEW = ("reference_list.view", _("See which lists the rules of the review have"), REVIEWERS)
    EXAMINE = ("reference_list.examine", _("Look at a list for the rules of the review before it is taken"), _KEEPERS)
    TAKE = ("reference_list.take", _("Take a list for the rules of the review"), _KEEPERS)
    DROP = (
        "reference_list.drop",
        _("Throw away a list for the rules of the review"),
        _KEEPERS | {Role.PLATFORM},
    )


_WRITERS = EVERYBODY - {Role.AUDITOR, Role.INSPECTOR}


class LogSourceAction(Action):
    """What people do with the logs of other systems."""

    VIEW = ("log_source.view", _("See where the logs of other systems come from"), REVIEWERS)
    ADD = ("log_source.add", _("Add a source of logs"), _KEEPERS)
    CHANGE = ("log_source.change", _("Change a source of logs"), _KEEPERS)
    CLOSE = ("log_source.close", _("Close a source of logs"), _KEEPERS)
    EXAMINE = ("log_source.examine", _("Look at a log file before it is imported"), _KEEPERS | {Role.CONSOLE})
    LOOKED = ("log_source.looked_at", _("A log file was looked at"), {Role.PLATFORM})
    IMPORT = ("log_source.import", _("Import a log file"), _KEEPERS | {Role.CONSOLE})
    DROP = ("log_source.drop", _("Throw away a log file that was not imported"), _KEEPERS | {Role.CONSOLE})
    COMMIT = ("log_source.commit", _("A log file was imported"), {Role.PLATFORM})
    GIVE_UP = ("log_source.give_up", _("A log file could not be imported"), {Role.PLATFORM})
    REFUSE = ("log_source.refuse", _("A message of a source was refused"), {Role.PLATFORM})
    WRITE_DIARY = ("work_diary.write", _("Write into the work diary"), _WRITERS)
    CORRECT_DIARY = ("work_diary.correct", _("Correct an entry of the work diary"), _WRITERS)


class ImportedAction(Action):
    """What was done in another system, as its log says. Nobody does these here."""

    SIGN_IN = ("imported.sign_in", _("Another system: sign-in"), {Role.PLATFORM})
    SIGN_OUT = ("imported.sign_out", _("Another system: sign-out"), {Role.PLATFORM})
    READ = ("imported.read", _("Another system: looked at"), {Role.PLATFORM})
    SEARCH = ("imported.search", _("Another system: searched"), {Role.PLATFORM})
    CREATE = ("imported.create", _("Another system: entered"), {Role.PLATFORM})
    CHANGE = ("imported.change", _("Another system: changed"), {Role.PLATFORM})
    DELETE = ("imported.delete", _("Another system: deleted"), {Role.PLATFORM})
    PRINT = ("imported.print", _("Another system: printed"), {Role.PLATFORM})
    EXPORT = ("imported.export", _("Another system: taken out"), {Role.PLATFORM})
    OTHER = ("imported.other", _("Another system: something else"), {Role.PLATFORM})
