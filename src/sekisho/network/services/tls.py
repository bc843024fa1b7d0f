"""Looking at the TLS of the registered endpoints."""

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.network.actions import NetworkAction
from sekisho.network.models import Probe
from sekisho.network.queries.mutual_tls import probe_mutual_tls
from sekisho.network.queries.sightings import tls_endpoints
from sekisho.network.queries.tls_scan import Address, scan_all
from sekisho.network.rules.observation import MutualObservation, Observation
from sekisho.network.services.sightings import Seen, keep_sightings

_tls: TypeAdapter[Observation] = TypeAdapter(Observation)
_mutual: TypeAdapter[MutualObservation] = TypeAdapter(MutualObservation)


def observe_tls(*, actor: Actor) -> int:
    """Look at the TLS of every registered endpoint and keep what was seen; return how many. Raises Forbidden.

    Contacts registered endpoints only. No transaction is open while it looks.
    """
    actor.require(NetworkAction.OBSERVE)
    endpoints = tls_endpoints()
    addresses = [Address(endpoint.host, endpoint.port) for endpoint in endpoints]
    seen = [
        Seen(endpoint.subject.id, endpoint.subject.label, clock.now(), _tls.dump_json(found))
        for endpoint, found in zip(endpoints, scan_all(addresses), strict=True)
    ]
    return keep_sightings(actor=actor, probe=Probe.TLS, seen=seen)


def observe_mutual_tls(*, actor: Actor) -> int:
    """Try every registered endpoint with no and with a foreign certificate; return how many. Raises Forbidden."""
    actor.require(NetworkAction.OBSERVE)
    seen = []
    for endpoint in tls_endpoints():
        found = probe_mutual_tls(endpoint.host, endpoint.port, http=endpoint.is_http)
        seen.append(Seen(endpoint.subject.id, endpoint.subject.label, clock.now(), _mutual.dump_json(found)))
    return keep_sightings(actor=actor, probe=Probe.MUTUAL_TLS, seen=seen)
