"""What people do with the register itself, and what the platform notes about it."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _


class RegisterAction(Action):
    """Actions of the register."""

    VIEW = ("register.view", _("Read the register"), REVIEWERS)
    READ_ENTRIES = ("register.read_entries", _("Take entries of the log as they are stored"), REVIEWERS)
    STATUS = ("register.status", _("See how the log of the register stands"), REVIEWERS | {Role.CONSOLE})
    NOTE_GAP = ("register.gap", _("Numbers of a source are missing in the register"), {Role.PLATFORM})
    NOTE_CLOCK = ("register.clock_back", _("The clock of a source went back"), {Role.PLATFORM})
    NOTE_CONFLICT = ("register.conflict", _("A number of a source came twice with different events"), {Role.PLATFORM})
    NOTE_BROKEN = ("register.entry_unreadable", _("An event of a source cannot be read"), {Role.PLATFORM})
