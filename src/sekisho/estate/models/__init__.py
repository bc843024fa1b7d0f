"""Tables of the estate."""

from sekisho.estate.models.base import Entry
from sekisho.estate.models.links import LineKind, Link
from sekisho.estate.models.places import Department, Facility, FacilityKind, Site, Vendor
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
    "Department",
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
    "Site",
    "System",
    "SystemForm",
    "SystemKind",
    "Vendor",
]
