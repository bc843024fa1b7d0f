"""Where the daily look at an endpoint is newer than the whole one and shows something else."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from sekisho.network.models import Probe
from sekisho.network.queries.sightings import Newest, newest_sightings
from sekisho.network.rules.observation import Glance, Observation
from sekisho.network.rules.tls_light import with_newer

_observation: TypeAdapter[Observation] = TypeAdapter(Observation)
_glance: TypeAdapter[Glance] = TypeAdapter(Glance)


@dataclass(frozen=True, slots=True)
class Newer:
    """A light look that shows something new, and what is known of the endpoint with it."""

    look: Newest
    seen: Observation


def changed_since(scans: Mapping[str, Newest]) -> Mapping[str, Newer]:
    """Return, by subject id, what newer light looks add to whole ones. Where nothing changed the whole one stands."""
    found: dict[str, Newer] = {}
    for subject, look in newest_sightings(Probe.TLS_LIGHT).items():
        scan = scans.get(subject)
        if scan is None or look.observed_at <= scan.observed_at:
            continue
        before = _observation.validate_json(scan.document)
        after = with_newer(before, _glance.validate_json(look.document))
        if after != before:
            found[subject] = Newer(look, after)
    return found
