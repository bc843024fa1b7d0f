"""Tables of the estate."""

from sekisho.estate.models.base import Entry
from sekisho.estate.models.cloud_notices import CloudNotice
from sekisho.estate.models.contracts import Contract, ContractKind, PersonalData, Subcontracting
from sekisho.estate.models.disclosures import Disclosure, DisclosureKind
from sekisho.estate.models.links import LineKind, Link
from sekisho.estate.models.places import Department, Facility, FacilityKind, Site, Vendor
from sekisho.estate.models.provisions import Provision, ProvisionGround, ProvisionWay
from sekisho.estate.models.responsibilities import Bearer, Duty, Responsibility
from sekisho.estate.models.systems import (
    Endpoint,
    EndpointProtocol,
    Exposure,
    Layer,
    LayerKind,
    System,
    SystemForm,
    SystemKind,
)

__all__ = [
    "Bearer",
    "CloudNotice",
    "Contract",
    "ContractKind",
    "Department",
    "Disclosure",
    "DisclosureKind",
    "Duty",
    "Endpoint",
    "EndpointProtocol",
    "Entry",
    "Exposure",
    "Facility",
    "FacilityKind",
    "Layer",
    "LayerKind",
    "LineKind",
    "Link",
    "PersonalData",
    "Provision",
    "ProvisionGround",
    "ProvisionWay",
    "Responsibility",
    "Site",
    "Subcontracting",
    "System",
    "SystemForm",
    "SystemKind",
    "Vendor",
]
