"""Tables of the network room."""

from sekisho.network.models.sightings import NewestSighting, Probe, Sighting

__all__ = ["NewestSighting", "Probe", "Sighting"]
