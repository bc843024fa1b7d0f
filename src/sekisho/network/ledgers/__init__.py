"""What is applied for in the network room, its ledgers about lines, and what they must cover."""

from sekisho.network.ledgers.baselines import baseline
from sekisho.network.ledgers.coverage import CARRIER_CONFIRMATIONS, EXTERNAL_SERVICES, SENT_INFORMATION
from sekisho.network.ledgers.lines import CONFIRMATIONS, SERVICE_APPROVAL, SERVICES, TRANSMISSIONS

__all__ = [
    "CARRIER_CONFIRMATIONS",
    "CONFIRMATIONS",
    "EXTERNAL_SERVICES",
    "SENT_INFORMATION",
    "SERVICES",
    "SERVICE_APPROVAL",
    "TRANSMISSIONS",
    "baseline",
]
