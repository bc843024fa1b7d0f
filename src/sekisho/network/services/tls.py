"""Looking at the TLS of the registered endpoints: lightly every day, wholly every few days and after changes."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.network.actions import NetworkAction
from sekisho.network.models import Probe
from sekisho.network.queries.mutual_tls import Knocking, probe_all
from sekisho.network.queries.registration import (
    NOTHING,
    Registered,
    client_identities,
    looked_at_endpoints,
    registrations,
)
from sekisho.network.queries.sightings import LookedAt, Newest, own_sightings
from sekisho.network.queries.tls_light import look_all
from sekisho.network.queries.tls_scan import Address, scan_all
from sekisho.network.rules.credentials import ClientIdentity
from sekisho.network.rules.observation import Glance, MutualObservation, Observation
from sekisho.network.rules.tls_light import differs
from sekisho.network.rules.unusable import Unusable
from sekisho.network.services.sightings import Seen, keep_sightings

# Evidence about TLS stands for seven days (mapping.yaml). Looked at daily, the whole look is repeated on the sixth
# day at the latest, and one day on which the platform was off does no harm.
WHOLE_AGAIN = timedelta(days=5)
_tls: TypeAdapter[Observation] = TypeAdapter(Observation)
_light: TypeAdapter[Glance] = TypeAdapter(Glance)
_mutual: TypeAdapter[MutualObservation] = TypeAdapter(MutualObservation)


def look_at_tls(*, actor: Actor) -> int:
    """Look lightly at every registered endpoint, then wholly where that is due; return how many were looked at wholly.

    Raises Forbidden. Contacts registered endpoints only. No transaction is open while it looks.
    """
    actor.require(NetworkAction.OBSERVE)
    known = registrations()
    endpoints = looked_at_endpoints(known)
    glances = list(zip(endpoints, look_all([_address(one, known) for one in endpoints]), strict=True))
    now = clock.now()
    seen = [
        Seen(endpoint.subject.id, endpoint.subject.label, now, _light.dump_json(found)) for endpoint, found in glances
    ]
    keep_sightings(actor=actor, probe=Probe.TLS_LIGHT, seen=seen)
    scans = own_sightings(Probe.TLS)
    due = {
        endpoint.subject.id
        for endpoint, found in glances
        if _is_due(endpoint, scans.get(endpoint.subject.id), found, known.get(endpoint.subject.id, NOTHING))
    }
    return observe_tls(actor=actor, only=due)


def _is_due(endpoint: LookedAt, scan: Newest | None, seen: Glance, known: Registered) -> bool:
    if scan is None or clock.now() - scan.observed_at >= WHOLE_AGAIN:
        return True
    if known.changed_at is not None and known.changed_at > scan.observed_at:
        return True
    try:
        return not endpoint.is_meant_by(scan) or differs(scan.opened(_tls.validate_json), seen)
    except Unusable:
        return True


def observe_tls(*, actor: Actor, only: Collection[str] | None = None) -> int:
    """Look at the TLS of the registered endpoints and keep what was seen; return how many. Raises Forbidden.

    ``only`` names them by subject id; without it all are looked at. Each is asked for and checked against what is
    registered for it. No transaction is open while it looks.
    """
    actor.require(NetworkAction.OBSERVE)
    known = registrations()
    endpoints = [one for one in looked_at_endpoints(known) if only is None or one.subject.id in only]
    seen = [
        Seen(endpoint.subject.id, endpoint.subject.label, clock.now(), _tls.dump_json(found))
        for endpoint, found in zip(endpoints, scan_all([_address(one, known) for one in endpoints]), strict=True)
    ]
    return keep_sightings(actor=actor, probe=Probe.TLS, seen=seen)


def _address(endpoint: LookedAt, known: Mapping[str, Registered]) -> Address:
    registered = known.get(endpoint.subject.id, NOTHING)
    return Address(
        endpoint.host,
        endpoint.port,
        starttls=registered.starttls,
        ca_pem=registered.ca_pem,
        server_name=registered.server_name,
    )


def observe_mutual_tls(*, actor: Actor) -> int:
    """Try the registered endpoints with no, a foreign and the registered certificate; return how many.

    Left out are those that tell devices apart in another way. Raises Forbidden, SealBroken.
    """
    actor.require(NetworkAction.OBSERVE)
    known = registrations()
    endpoints = [one for one in looked_at_endpoints(known) if not known.get(one.subject.id, NOTHING).restricted_by]
    clients = client_identities({one.subject.id for one in endpoints})
    tried = probe_all([_knocking(one, known, clients) for one in endpoints])
    seen = [
        Seen(endpoint.subject.id, endpoint.subject.label, clock.now(), _mutual.dump_json(found))
        for endpoint, found in zip(endpoints, tried, strict=True)
    ]
    return keep_sightings(actor=actor, probe=Probe.MUTUAL_TLS, seen=seen)


def _knocking(endpoint: LookedAt, known: Mapping[str, Registered], clients: Mapping[str, ClientIdentity]) -> Knocking:
    registered = known.get(endpoint.subject.id, NOTHING)
    return Knocking(
        endpoint.host,
        endpoint.port,
        http=endpoint.is_http,
        starttls=registered.starttls,
        server_name=registered.server_name,
        client=clients.get(endpoint.subject.id),
    )
