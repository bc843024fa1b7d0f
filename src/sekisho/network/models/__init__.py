"""Tables of the network room."""

from sekisho.network.models.availability import (
    AskingWay,
    EndpointState,
    Outage,
    QuietTime,
    ResponseSample,
    WatchSetting,
    WeeklyReport,
)
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
    "AskingWay",
    "CarrierConfirmation",
    "CollectedBundle",
    "CollectionTicket",
    "ContentCipher",
    "DeviceKind",
    "EndpointState",
    "ExternalService",
    "KeptConfiguration",
    "NetworkDevice",
    "NewestSighting",
    "OpenStretch",
    "Outage",
    "Probe",
    "QuietTime",
    "RegisteredRange",
    "Registration",
    "RequestedLook",
    "RequestedSweep",
    "ResponseSample",
    "Restriction",
    "Sending",
    "ServiceKind",
    "Sighting",
    "SweepPermit",
    "SweepState",
    "TimeSource",
    "Transmission",
    "Vantage",
    "WatchSetting",
    "WeeklyReport",
    "Zone",
]
