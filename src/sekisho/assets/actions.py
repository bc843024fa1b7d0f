"""What people do with the ledgers of the assets: who looks, and who keeps them."""

from sekisho.kernel.access import REVIEWERS, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

READERS = REVIEWERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}
KEEPERS = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
DEVICES_TITLE = _("Ledger of devices")
MEDIA_TITLE = _("Ledger of media")

EquipmentAction = book_actions(
    "equipment", DEVICES_TITLE, readers=READERS, keepers=KEEPERS | {Role.DEVICE_SAFETY_MANAGER}, module=__name__
)
MediumAction = book_actions("medium", MEDIA_TITLE, readers=READERS, keepers=KEEPERS, module=__name__)
