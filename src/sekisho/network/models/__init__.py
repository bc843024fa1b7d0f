"""Tables of the network room."""

from sekisho.network.models.clocks import TimeSource
from sekisho.network.models.configurations import DeviceKind, KeptConfiguration, NetworkDevice
from sekisho.network.models.lines import (
    CarrierConfirmation,
    ContentCipher,
    ExternalService,
    OpenStretch,
    Sending,
    ServiceKind,
    Transmission,
)
from sekisho.network.models.ranges import RegisteredRange, RequestedSweep, SweepPermit, SweepState, Zone
from sekisho.network.models.registration import Registration, Restriction
from sekisho.network.models.sightings import NewestSighting, Probe, RequestedLook, Sighting
from sekisho.network.models.tickets import CollectedBundle, CollectionTicket, Vantage

__all__ = [
    "CarrierConfirmation",
    "CollectedBundle",
    "CollectionTicket",
    "ContentCipher",
    "DeviceKind",
    "ExternalService",
    "KeptConfiguration",
    "NetworkDevice",
    "NewestSighting",
    "OpenStretch",
    "Probe",
    "RegisteredRange",
    "Registration",
    "RequestedLook",
    "RequestedSweep",
    "Restriction",
    "Sending",
    "ServiceKind",
    "Sighting",
    "SweepPermit",
    "SweepState",
    "TimeSource",
    "Transmission",
    "Vantage",
    "Zone",
]
