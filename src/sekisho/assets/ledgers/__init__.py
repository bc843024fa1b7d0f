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
from sekisho.assets.ledgers.equipment import DEVICES
from sekisho.assets.ledgers.media import MEDIA

__all__ = [
    "DEVICES",
    "DEVICE_PLACES",
    "FACTORY_PASSWORDS",
    "IDLE_DEVICES",
    "IOT_RISKS",
    "LOSS_MEASURES",
    "MALWARE_MEASURES",
    "MEDIA",
    "MEDIA_LIFE",
    "MEDIA_PLACES",
    "MEDIA_READING",
    "NETWORK_EQUIPMENT",
    "SYSTEM_DEVICES",
    "WIRELESS_DEVICES",
]
