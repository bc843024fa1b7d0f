"""What people do with the guideline and its verdicts."""

from sekisho.kernel.access import Action, Role
from sekisho.kernel.text import _


class GovernanceAction(Action):
    """Actions of governance."""

    RUN_CONTROL = (
        "evidence.record",
        _("Run a control and keep what it found"),
        {Role.SYSTEM_OPERATOR, Role.PLATFORM, Role.CONSOLE},
    )
    IMPORT_TEXT = (
        "guideline.import",
        _("Import the official text of the guideline"),
        {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.CONSOLE},
    )
