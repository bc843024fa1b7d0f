"""The ledgers of the assets, and what they must cover."""

from sekisho.assets.ledgers.coverage import (
    DEVICE_PLACES,
    FACTORY_PASSWORDS,
    IDLE_DEVICES,
    IOT_RISKS,
    LOSS_MEASURES,
    MALWARE_MEASURES,
    MEDIA_LIFE,
    MEDIA_PLACES,
    MEDIA_READING,
    NETWORK_EQUIPMENT,
    SYSTEM_DEVICES,
    WIRELESS_DEVICES,
)
from sekisho.assets.ledgers.disposals import DISPOSAL_APPROVAL, DISPOSAL_COVERAGE, DISPOSALS
from sekisho.assets.ledgers.equipment import DEVICES
from sekisho.assets.ledgers.information import INFORMATION, INFORMATION_COVERAGE
from sekisho.assets.ledgers.media import MEDIA
from sekisho.assets.ledgers.patches import PATCH_COVERAGE, PATCHES
from sekisho.assets.ledgers.patient_loans import LOAN_COVERAGE, PATIENT_LOANS
from sekisho.assets.ledgers.private_devices import PRIVATE_DEVICE_APPROVAL, PRIVATE_DEVICE_COVERAGE, PRIVATE_DEVICES
from sekisho.assets.ledgers.rooms import ROOM_ACCESS, ROOM_COVERAGE, ROOMS
from sekisho.assets.ledgers.scans import SCAN_COVERAGE, SCANS
from sekisho.assets.ledgers.software import SOFTWARE, SOFTWARE_COVERAGE
from sekisho.assets.ledgers.stocktakes import STOCKTAKES
from sekisho.assets.ledgers.take_out import TAKE_OUT, TAKE_OUT_APPROVAL, TAKE_OUT_COVERAGE

__all__ = [
    "DEVICES",
    "DEVICE_PLACES",
    "DISPOSALS",
    "DISPOSAL_APPROVAL",
    "DISPOSAL_COVERAGE",
    "FACTORY_PASSWORDS",
    "IDLE_DEVICES",
    "INFORMATION",
    "INFORMATION_COVERAGE",
    "IOT_RISKS",
    "LOAN_COVERAGE",
    "LOSS_MEASURES",
    "MALWARE_MEASURES",
    "MEDIA",
    "MEDIA_LIFE",
    "MEDIA_PLACES",
    "MEDIA_READING",
    "NETWORK_EQUIPMENT",
    "PATCHES",
    "PATCH_COVERAGE",
    "PATIENT_LOANS",
    "PRIVATE_DEVICES",
    "PRIVATE_DEVICE_APPROVAL",
    "PRIVATE_DEVICE_COVERAGE",
    "ROOMS",
    "ROOM_ACCESS",
    "ROOM_COVERAGE",
    "SCANS",
    "SCAN_COVERAGE",
    "SOFTWARE",
    "SOFTWARE_COVERAGE",
    "STOCKTAKES",
    "SYSTEM_DEVICES",
    "TAKE_OUT",
    "TAKE_OUT_APPROVAL",
    "TAKE_OUT_COVERAGE",
    "WIRELESS_DEVICES",
]
