"""What people do with the ledgers of the assets: who looks, and who keeps them."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

READERS = REVIEWERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}
KEEPERS = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
DEVICES_TITLE = _("Ledger of devices")
MEDIA_TITLE = _("Ledger of media")
TAKE_OUT_TITLE = _("Ledger of what is taken out")
DISPOSALS_TITLE = _("Ledger of disposals")
INFORMATION_TITLE = _("Ledger of information")
SOFTWARE_TITLE = _("Ledger of software")
PATCHES_TITLE = _("Ledger of updates")
PATIENT_LOANS_TITLE = _("Ledger of devices lent to patients")
PRIVATE_DEVICES_TITLE = _("Ledger of private devices")
ROOMS_TITLE = _("Ledger of protected areas")
ROOM_ACCESS_TITLE = _("Entries and things brought in")
SCANS_TITLE = _("Ledger of scanned papers")

EquipmentAction = book_actions(
    "equipment", DEVICES_TITLE, readers=READERS, keepers=KEEPERS | {Role.DEVICE_SAFETY_MANAGER}, module=__name__
)
MediumAction = book_actions("medium", MEDIA_TITLE, readers=READERS, keepers=KEEPERS, module=__name__)
TakeOutAction = book_actions(
    "takeout",
    TAKE_OUT_TITLE,
    readers=READERS,
    keepers=KEEPERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER},
    module=__name__,
)
DisposalAction = book_actions("disposal", DISPOSALS_TITLE, readers=READERS, keepers=KEEPERS, module=__name__)
_DEPARTMENTS = KEEPERS | {Role.DEPARTMENT_MANAGER}
_DEVICES = KEEPERS | {Role.DEVICE_SAFETY_MANAGER}
InformationAction = book_actions(
    "information", INFORMATION_TITLE, readers=READERS, keepers=_DEPARTMENTS, module=__name__
)
SoftwareAction = book_actions("software", SOFTWARE_TITLE, readers=READERS, keepers=KEEPERS, module=__name__)
PatchAction = book_actions("patch", PATCHES_TITLE, readers=READERS, keepers=_DEVICES, module=__name__)
PatientLoanAction = book_actions(
    "patientloan", PATIENT_LOANS_TITLE, readers=READERS, keepers=_DEPARTMENTS | _DEVICES, module=__name__
)
PrivateDeviceAction = book_actions(
    "privatedevice", PRIVATE_DEVICES_TITLE, readers=READERS, keepers=_DEPARTMENTS, module=__name__
)
RoomAction = book_actions("room", ROOMS_TITLE, readers=READERS, keepers=KEEPERS, module=__name__)
RoomAccessAction = book_actions("roomaccess", ROOM_ACCESS_TITLE, readers=READERS, keepers=_DEPARTMENTS, module=__name__)
ScanAction = book_actions("scan", SCANS_TITLE, readers=READERS, keepers=_DEPARTMENTS, module=__name__)


class ScreenLockAction(Action):
    """Actions about how devices lock their screens."""

    VIEW = ("screen_lock.view", _("Look at how devices lock their screens"), READERS)
    HAND_IN = ("screen_lock.hand_in", _("Hand in the settings of a device's screen lock"), _DEVICES)
    SETTLE = (
        "screen_lock.settle",
        _("Settle how long a group of devices may stand open"),
        {Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER},
    )


class StocktakeAction(Action):
    """Actions of stocktakes and of the labels that they are read from."""

    VIEW = ("stocktake.view", _("Look at stocktakes"), READERS)
    BEGIN = ("stocktake.begin", _("Begin a stocktake"), KEEPERS)
    SCAN = (
        "stocktake.scan",
        _("Count in a stocktake"),
        KEEPERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER},
    )
    UNDO = (
        "stocktake.undo",
        _("Take a reading of a stocktake back"),
        KEEPERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER},
    )
    SETTLE = ("stocktake.settle", _("Settle a difference of a stocktake"), KEEPERS | {Role.DEVICE_SAFETY_MANAGER})
    CLOSE = ("stocktake.close", _("Close a stocktake"), KEEPERS)
    CANCEL = ("stocktake.cancel", _("Cancel a stocktake"), KEEPERS)
    LABELS = (
        "stocktake.labels",
        _("Print labels for entries of a ledger"),
        KEEPERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER},
    )
