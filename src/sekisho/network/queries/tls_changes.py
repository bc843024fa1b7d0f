"""Where the daily look at an endpoint is newer than the whole one and shows something else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from sekisho.network.models import Probe
from sekisho.network.queries.sightings import Newest, newest_sightings
from sekisho.network.rules.observation import Glance, Observation
from sekisho.network.rules.tls_light import with_newer
from sekisho.network.rules.unusable import Unusable

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
_glance: TypeAdapter[Glance] = TypeAdapter(Glance)


@dataclass(frozen=True, slots=True)
class Newer:
    """A light look that shows something new, and what is known of the endpoint with it; None where one has a fault."""

    look: Newest
    seen: Observation | None


def changed_since(scans: Mapping[str, Newest]) -> Mapping[str, Newer]:
    """Return, by subject id, what newer light looks add to whole ones. Where nothing changed the whole one stands.

    Where one of the two cannot be read there is no telling what changed: the light look then stands with its fault.
    """
    found: dict[str, Newer] = {}
    for subject, look in newest_sightings(Probe.TLS_LIGHT).items():
        scan = scans.get(subject)
        if scan is None or look.observed_at <= scan.observed_at:
            continue
        try:
            before = scan.opened(_observation.validate_json)
            after = with_newer(before, look.opened(_glance.validate_json))
        except Unusable as error:
            found[subject] = Newer(replace(look, fault=error.text), None)
            continue
        if after != before:
            found[subject] = Newer(look, after)
    return found
