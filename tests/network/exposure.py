"""What the tests of exposure share: an estate on loopback, looks as if somebody had looked, and hasty limits."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.network.models import Probe, RegisteredRange, SweepPermit, Zone
from sekisho.network.models import Vantage as Place
from sekisho.network.queries.reachability import Limits, profile
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import HostLook, Restricted, host_id, make_look, write_look
from sekisho.network.rules.reached import Encryption, PortObservation, Reached
from sekisho.network.services.ranges import give_permit, register_range
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.conftest import actor_with
from tests.network.listeners import PATIENCE

JOB = platform("job")
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
MANAGER = actor_with(Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000002")
TELNET = 2323  # of the profile, and open to everybody who may not bind a low port
PATIENT = Limits(connect=PATIENCE, listen=PATIENCE, at_once=64, per_second=1e6, per_second_per_host=1e6)
FAST = Limits(connect=PATIENCE, listen=0.3, at_once=64, per_second=1e6, per_second_per_host=1e6)


def system(name: str, form: str = "on_premises") -> Entry:
    """Enter a system that is maintained from afar: 10④ speaks of such ones only."""
    values = {"name": name, "kind": "emr", "form": form, "holds_medical_information": True}
    values |= {"remote_maintenance": True}
    return add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)


def line(name: str, kind: str = "lan") -> Entry:
    """Enter a network line."""
    return add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": name, "line": kind})


def endpoint(
    of: Entry, host: str, port: int, over: Entry | None = None, exposure: str = "internal", protocol: str = "https"
) -> Entry:
    """Enter an endpoint."""
    values = {"system": of, "host": host, "port": port, "protocol": protocol, "exposure": exposure, "link": over}
    return add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)


def facility() -> Entry:
    """Enter the facility."""
    return add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values={"name": "病院", "kind": "hospital", "beds": 20})


def address_range(network: str, zone: Zone = Zone.GENERAL, over: Entry | None = None) -> RegisteredRange:
    """Register a range."""
    where = str(over.pk) if over else ""
    return register_range(actor=OPERATOR, network=network, label=f"区画 {network}", zone=zone, line=where)


def permit(*ranges: RegisteredRange, days: float = 7) -> SweepPermit:
    """Allow sweeps."""
    ids: list[UUID] = [found.pk for found in ranges]
    return give_permit(actor=MANAGER, range_ids=ids, reason="年次点検", until=clock.now() + timedelta(days=days))


def look(
    host: str,
    opened: Iterable[int] = (),
    vantage: Vantage = Vantage.INTERNAL,
    *,
    ports: Iterable[int] | None = None,
    restricted: Restricted = Restricted.NO,
) -> HostLook:
    """Return a look at every port of the profile, or at ``ports``: those not ``opened`` refuse."""
    wanted = {*(profile().tcp_ports if ports is None else ports), *opened}
    chosen = set(opened)
    seen = [
        PortObservation(host, port, Reached.OPEN, host, encryption=Encryption.YES)
        if port in chosen
        else PortObservation(host, port, Reached.REFUSED, host)
        for port in sorted(wanted)
    ]
    return make_look(host, vantage, seen, clock.now(), restricted=restricted, profile_version=profile().version)


def see(seen: HostLook, age: timedelta = timedelta(0), subject: str = "") -> None:
    """Keep a look, as if it had been taken so long ago; ``subject`` is the endpoint it was carried here for."""
    kept = Seen(subject or host_id(seen.host), seen.host, clock.now() - age, write_look(seen))
    keep_sightings(actor=JOB, probe=Probe.EXPOSURE, seen=[kept], vantage=Place(seen.vantage.value))
