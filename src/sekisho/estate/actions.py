"""What people do with the estate."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

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


CONTRACTS_TITLE = _("Ledger of contracts")
RESPONSIBILITIES_TITLE = _("Table of responsibilities")
DISCLOSURES_TITLE = _("Ledger of vendors' disclosures")
PROVISIONS_TITLE = _("Ledger of provisions to third parties")
CLOUD_NOTICES_TITLE = _("Ledger of notices of cloud maintenance")

ContractAction = book_actions("contract", CONTRACTS_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__)
ResponsibilityAction = book_actions(
    "responsibility", RESPONSIBILITIES_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__
)
DisclosureAction = book_actions("disclosure", DISCLOSURES_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__)
ProvisionAction = book_actions("provision", PROVISIONS_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__)
CloudNoticeAction = book_actions("cloudnotice", CLOUD_NOTICES_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__)
