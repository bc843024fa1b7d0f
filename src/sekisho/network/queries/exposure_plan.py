"""Which hosts are looked at, and how: the registered ones, and where somebody could be hurt their registered ports."""

import ipaddress
import socket
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.network.queries.addresses import Unresolved, resolve
from sekisho.network.queries.ranges import address_ranges
from sekisho.network.queries.reachability import profile
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import Restricted
from sekisho.network.rules.reached import RegisteredEndpoint, Target, normal, targets
from sekisho.network.rules.sweep import Network

# Time servers are asked by their own probe, and mostly belong to somebody else.
_NOT_LOOKED_AT = frozenset({"ntp"})
_RESOLVING = 8  # names at a time


def endpoints_by_host() -> Mapping[str, list[Subject]]:
    """Return the open endpoints by host, in normal form."""
    found: dict[str, list[Subject]] = defaultdict(list)
    for subject in registered(SubjectKind.ENDPOINT):
        if subject.facts["protocol"] not in _NOT_LOOKED_AT:
            found[normal(str(subject.facts["host"]))].append(subject)
    return found


def registered_row(subject: Subject) -> RegisteredEndpoint:
    """Return an endpoint as the rules of exposure take it."""
    facts = subject.facts
    return RegisteredEndpoint(
        str(facts["host"]), int(facts["port"] or 0), str(facts["protocol"]), Vantage(str(facts["exposure"]))
    )


def cloud_systems() -> frozenset[str]:
    """Return the systems that do not stand here: whose hosts they run on is not ours to look over."""
    return frozenset(one.id for one in registered(SubjectKind.SYSTEM) if not one.facts["on_premises"])


def in_cloud(endpoints: Sequence[Subject], cloud: frozenset[str]) -> bool:
    """Tell whether every endpoint of a host belongs to a system that does not stand here."""
    return all(endpoint.facts["system"] in cloud for endpoint in endpoints)


def plan_looks() -> Mapping[str, tuple[Restricted, tuple[Target, ...]]]:
    """Return what to look at on each registered host.

    Where medical devices stand, on hosts of cloud services, and where a name does not tell where it leads while there
    are medical zones, only the registered ports.
    """
    hosts, cloud = endpoints_by_host(), cloud_systems()
    zones = [one.network for one in address_ranges() if one.medical]
    medical = _in_zones(list(hosts), zones) if zones else frozenset()
    found = {}
    for host, endpoints in hosts.items():
        rows = [registered_row(endpoint) for endpoint in endpoints]
        restricted = _restriction(host, medical, in_cloud=in_cloud(endpoints, cloud))
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
