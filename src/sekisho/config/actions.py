"""What is done with the platform itself: looking at its state, and its own backup."""

from sekisho.kernel.access import Action, Role
from sekisho.kernel.text import _

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
