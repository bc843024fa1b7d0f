"""Tables of the assets."""

from sekisho.assets.models.disposals import Disposal, DisposalMethod, Residual
from sekisho.assets.models.equipment import Equipment, EquipmentKind, EquipmentState, Protection
from sekisho.assets.models.information import (
    BackedUp,
    Importance,
    Information,
    InformationKind,
    InformationPlace,
    TakingOut,
)
from sekisho.assets.models.media import Medium, MediumKind
from sekisho.assets.models.patches import Patch, PatchDecision, PatchKind, Urgency
from sekisho.assets.models.patient_loans import Consent, LoanKind, PatientLoan
from sekisho.assets.models.private_devices import PrivateDevice, PrivateKind, Separation
from sekisho.assets.models.rooms import AccessKind, Carried, EntryControl, Room, RoomAccess, RoomKind, Watch
from sekisho.assets.models.scans import Colour, Original, Scan
from sekisho.assets.models.screen_locks import KeptLockSettings, LockBound
from sekisho.assets.models.software import LicenceKind, Sbom, Software, SoftwareKind, Support
from sekisho.assets.models.stocktaking import ExpectedThing, ReadingUndone, StockLine, StockReading, Stocktake
from sekisho.assets.models.take_out import ReturnCheck, TakeOut, TakeOutLock, Way, Wifi

__all__ = [
    "AccessKind",
    "BackedUp",
    "Carried",
    "Colour",
    "Consent",
    "Disposal",
    "DisposalMethod",
    "EntryControl",
    "Equipment",
    "EquipmentKind",
    "EquipmentState",
    "ExpectedThing",
    "Importance",
    "Information",
    "InformationKind",
    "InformationPlace",
    "KeptLockSettings",
    "LicenceKind",
    "LoanKind",
    "LockBound",
    "Medium",
    "MediumKind",
    "Original",
    "Patch",
    "PatchDecision",
    "PatchKind",
    "PatientLoan",
    "PrivateDevice",
    "PrivateKind",
    "Protection",
    "ReadingUndone",
    "Residual",
    "ReturnCheck",
    "Room",
    "RoomAccess",
    "RoomKind",
    "Sbom",
    "Scan",
    "Separation",
    "Software",
    "SoftwareKind",
    "StockLine",
    "StockReading",
    "Stocktake",
    "Support",
    "TakeOut",
    "TakeOutLock",
    "TakingOut",
    "Urgency",
    "Watch",
    "Way",
    "Wifi",
]
