"""What people do with the estate."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _

# Lines and endpoints are a map for an attacker: whoever only works with the systems need not see them.
LOOKERS = REVIEWERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}
KEEPERS = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}


class EstateAction(Action):
    """Actions of the estate."""

    VIEW = ("estate.view", _("Look at the facility, its systems, links and vendors"), LOOKERS)
    ADD = ("estate.add", _("Add to the facility's ledgers"), KEEPERS | {Role.PLATFORM})
    CHANGE = ("estate.change", _("Change the facility's ledgers"), KEEPERS)
    CLOSE = ("estate.close", _("Close an entry of the facility's ledgers"), KEEPERS)
    REOPEN = ("estate.reopen", _("Reopen a closed entry of the facility's ledgers"), KEEPERS)
