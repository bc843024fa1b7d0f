"""What is done with the platform itself: looking at its state, its own backup, and the personal data it keeps."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _

_PLANNERS = {Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
_KEEPERS = {Role.PLATFORM, Role.CONSOLE}


class BackupAction(Action):
    """Actions on backups of the platform."""

    CREATE = ("backup.create", _("Make a backup of Sekisho"), _KEEPERS)
    PROVE = ("backup.prove", _("Verify or try out a backup of Sekisho"), _KEEPERS)
    REMOVE = ("backup.remove", _("Remove an old backup of Sekisho"), _KEEPERS)
    RESTORE = ("backup.restore", _("Restore Sekisho from a backup"), _KEEPERS)


class PlatformAction(Action):
    """Actions on the platform as a whole."""

    VIEW = (
        "platform.view",
        _("Look at the state of Sekisho"),
        {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, Role.AUDITOR, Role.INSPECTOR},
    )
    UPDATE = ("platform.update", _("Sekisho works with another version"), {Role.PLATFORM})
    TAKE_CERTIFICATE = (
        "platform.take_certificate",
        _("Show another certificate to browsers"),
        {Role.PLATFORM},
    )
    NOTE_DISK = ("platform.note_disk", _("Remember how full the disk is"), {Role.PLATFORM})


class PersonalDataAction(Action):
    """Actions on the personal data that Sekisho keeps."""

    VIEW = ("personal_data.view", _("Look at what personal data Sekisho keeps"), REVIEWERS)
    SET_PERIOD = ("personal_data.set_period", _("Say how long personal data is kept"), _PLANNERS)
    DESTROY = ("personal_data.destroy", _("Destroy personal data whose time has run out"), _PLANNERS)
    EXPORT = ("personal_data.export", _("Take out everything that is kept about one person"), _PLANNERS)
