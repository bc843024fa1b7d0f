"""Which hosts are looked at and how, and what was last seen of each of them from every place."""

import ipaddress
import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.network.models import Probe
from sekisho.network.models import Vantage as Place
from sekisho.network.queries.addresses import Unresolved, resolve
from sekisho.network.queries.ranges import address_ranges
from sekisho.network.queries.reachability import profile
from sekisho.network.queries.sightings import (
    Newest,
    newest_sightings,
    own_sightings,
    registered,
    sightings_from_elsewhere,
)
from sekisho.network.rules.exposed import PARTLY, judge_looks
from sekisho.network.rules.exposure_profile import ExposureProfile, Service, Vantage
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.looks import (
    HostLook,
    OpenPort,
    Restricted,
    addresses_of,
    host_id,
    is_global,
    joined,
    read_look,
)
from sekisho.network.rules.reached import RegisteredEndpoint, Target, normal, targets
from sekisho.network.rules.sweep import Network

# Time servers are asked by their own probe, and mostly belong to somebody else.
_NOT_LOOKED_AT = frozenset({"ntp"})
_RESOLVING = 8  # names at a time
_COUNTS_BESIDE = timedelta(days=7)  # beside a look of the platform, which is made every day
_NAMES_LAST = timedelta(days=31)  # a name that was not looked up for so long may lead elsewhere by now


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is kept: what was seen, when, and the bytes it was read from."""

    seen: HostLook
    at: datetime
    document: bytes


@dataclass(slots=True)
class HostState:
    """A registered host: its endpoints, the newest look from each place, and what each comes to."""

    host: str
    endpoints: list[Subject]
    in_cloud: bool
    looks: dict[Vantage, Look] = field(default_factory=dict)
    remarks: dict[Vantage, tuple[Judged, ...]] = field(default_factory=dict)

    @property
    def faces_outside(self) -> bool:
        """Whether it takes a look from outside at this very host to say what can be reached from there."""
        stated = any(endpoint.facts.get("exposure") == Vantage.OPEN for endpoint in self.endpoints)
        addresses = [self.host, *(address for look in self.looks.values() for address in look.seen.addresses)]
        return stated or self.in_cloud or Vantage.OPEN in self.looks or any(map(is_global, addresses))


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open port of a registered host, seen from one place, and the worst remark about it."""

    host: str
    port: OpenPort
    service: Service | None
    vantage: Vantage
    at: datetime
    remark: Judged | None
    endpoint: Subject | None


def _endpoints() -> Mapping[str, list[Subject]]:
    """Return the open endpoints by host, in normal form."""
    found: dict[str, list[Subject]] = defaultdict(list)
    for subject in registered(SubjectKind.ENDPOINT):
        if subject.facts["protocol"] not in _NOT_LOOKED_AT:
            found[normal(str(subject.facts["host"]))].append(subject)
    return found


def _row(subject: Subject) -> RegisteredEndpoint:
    facts = subject.facts
    return RegisteredEndpoint(
        str(facts["host"]), int(facts["port"] or 0), str(facts["protocol"]), Vantage(str(facts["exposure"]))
    )


def _cloud_systems() -> frozenset[str]:
    """Return the systems that do not stand here: whose hosts they run on is not ours to look over."""
    return frozenset(one.id for one in registered(SubjectKind.SYSTEM) if not one.facts["on_premises"])


def _in_cloud(endpoints: Sequence[Subject], cloud: frozenset[str]) -> bool:
    return all(endpoint.facts["system"] in cloud for endpoint in endpoints)


def plan_looks() -> Mapping[str, tuple[Restricted, tuple[Target, ...]]]:
    """Return what to look at on each registered host.

    Where medical devices stand, on hosts of cloud services, and where a name does not tell where it leads while there
    are medical zones, only the registered ports.
    """
    hosts, cloud = _endpoints(), _cloud_systems()
    zones = [one.network for one in address_ranges() if one.medical]
    medical = _in_zones(list(hosts), zones) if zones else frozenset()
    found = {}
    for host, endpoints in hosts.items():
        rows = [_row(endpoint) for endpoint in endpoints]
        restricted = _restriction(host, medical, in_cloud=_in_cloud(endpoints, cloud))
        ports = {row.port for row in rows}
        wanted = targets(rows, profile())
        found[host] = (restricted, tuple(one for one in wanted if not restricted or one.port in ports))
    return found


def _restriction(host: str, medical: frozenset[str], *, in_cloud: bool) -> Restricted:
    if host in medical:
        return Restricted.MEDICAL
    return Restricted.CLOUD if in_cloud else Restricted.NO


def _in_zones(hosts: Sequence[str], zones: Sequence[Network]) -> frozenset[str]:
    """Return the hosts with an address in a medical zone, and those of which that cannot be told."""

    def inside(host: str) -> bool:
        try:
            found = resolve(host, 0, socket.SOCK_STREAM)
        except Unresolved:
            return True
        addresses = [ipaddress.ip_address(normal(address.ip.partition("%")[0])) for address in found]
        return any(address in zone for address in addresses for zone in zones)

    with ThreadPoolExecutor(_RESOLVING, thread_name_prefix="resolve") as pool:
        return frozenset(host for host, found in zip(hosts, pool.map(inside, hosts), strict=True) if found)


def kept_looks() -> Mapping[tuple[str, Vantage], Look]:
    """Return the newest looks from every place, by the place and the id of the host or of the endpoint meant."""
    inside = {(subject, Place.INTERNAL.value): newest for subject, newest in newest_sightings(Probe.EXPOSURE).items()}
    kept = {**inside, **sightings_from_elsewhere(Probe.EXPOSURE)}
    return {(subject, Vantage(place)): _look(newest, Vantage(place)) for (subject, place), newest in kept.items()}


def _look(newest: Newest, vantage: Vantage) -> Look:
    """Return what is kept. Where it was taken from is what the platform wrote down, not what the document says."""
    return Look(replace(read_look(newest.document), vantage=vantage), newest.observed_at, newest.document)


def host_states() -> Mapping[str, HostState]:
    """Return every registered host with its looks and what they come to, by its normal name."""
    cloud, kept, exposure = _cloud_systems(), kept_looks(), profile()
    states = {host: HostState(host, rows, _in_cloud(rows, cloud)) for host, rows in sorted(_endpoints().items())}
    for state in states.values():
        state.looks = {vantage: look for vantage in Vantage if (look := _newest_of(state, vantage, kept))}
    rows = [_row(endpoint) for state in states.values() for endpoint in state.endpoints]
    for vantage in Vantage:
        looks = [state.looks[vantage].seen for state in states.values() if vantage in state.looks]
        for host, remarks in judge_looks(rows, looks, exposure, vantage).items():
            states[host].remarks[vantage] = tuple(_without_doubled(states[host], vantage, remarks, exposure))
    return states


def _newest_of(state: HostState, vantage: Vantage, kept: Mapping[tuple[str, Vantage], Look]) -> Look | None:
    """Return the newest look at a host. The platform's own and one that was carried here are joined.

    Whoever brings looks in can show more by them, and hide nothing that the platform sees itself.
    """
    carried = [look for one in state.endpoints if (look := _at(state, kept.get((one.id, vantage))))]
    own, other = _at(state, kept.get((host_id(state.host), vantage))), max(carried, key=_when, default=None)
    if own is None or other is None:
        return own or other
    if other.at < clock.now() - _COUNTS_BESIDE:
        return own
    return Look(joined(own.seen, other.seen), min(own.at, other.at), own.document)


def _at(state: HostState, look: Look | None) -> Look | None:
    return look if look is not None and look.seen.host == state.host else None


def _when(look: Look) -> datetime:
    return look.at


def _without_doubled(
    state: HostState, vantage: Vantage, remarks: Sequence[Judged], exposure: ExposureProfile
) -> Iterator[Judged]:
    """Leave out that few ports of a cloud host were looked at from inside, once all were looked at from outside."""
    outside = state.looks.get(Vantage.OPEN)
    whole = state.in_cloud and outside is not None and not outside.seen.unseen(exposure)
    yield from (one for one in remarks if not (whole and vantage is Vantage.INTERNAL and one.code == PARTLY))


def open_rows(states: Mapping[str, HostState], text: str = "") -> Sequence[OpenRow]:
    """Return the open ports of hosts, what breaks a rule first; ``text`` narrows by host, port and service."""
    words = text.casefold().split()
    rows = [row for state in states.values() for row in _open_rows(state)]
    kept = [row for row in rows if all(word in _words(row) for word in words)]
    return sorted(kept, key=lambda row: (_rank(row.remark), row.host, row.port.port, row.vantage.breadth))


def _open_rows(state: HostState) -> Iterator[OpenRow]:
    by_port = {endpoint.facts["port"]: endpoint for endpoint in state.endpoints}
    for vantage, look in state.looks.items():
        for port in look.seen.open:
            remark = min(about_port(state.remarks[vantage], port.port), key=_rank, default=None)
            service = profile().service(port.port, port.banner)
            yield OpenRow(state.host, port, service, vantage, look.at, remark, by_port.get(port.port))


def about_port(remarks: Sequence[Judged], port: int) -> list[Judged]:
    """Return the remarks that speak of one port."""
    return [one for one in remarks if isinstance(one.observed, Mapping) and one.observed.get("port") == port]


def _rank(remark: Judged | None) -> int:
    return (Level.NG, Level.UNKNOWN, Level.WARN, Level.OK).index(remark.level) if remark else len(Level)


def _words(row: OpenRow) -> str:
    service = row.service.name if row.service else ""
    return f"{row.host} {row.port.port} {service} {row.port.banner}".casefold()


def known_addresses() -> frozenset[str]:
    """Return the addresses of every registered endpoint, time servers too, as far as they are known.

    Where a name leads is taken from this machine's own looks of the last month: what others brought here could call
    any stranger by a registered name.
    """
    hosts = [str(subject.facts["host"]) for subject in registered(SubjectKind.ENDPOINT)]
    since = clock.now() - _NAMES_LAST
    own = [one for one in own_sightings(Probe.EXPOSURE).values() if one.observed_at >= since]
    return addresses_of(hosts, [read_look(one.document) for one in own])
