"""What was seen of one host from one place, as it is kept: the document of a sighting of the probe EXPOSURE.

Open ports stand with what they said; of all others the number is enough. ``vantage`` is where the look was taken from;
looks from outside come from elsewhere in the same form, and each vantage is judged by itself.
"""

import ipaddress
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from sekisho.network.rules.exposure_profile import ExposureProfile, Vantage
from sekisho.network.rules.reached import Encryption, PortObservation, Reached, normal


class Restricted(StrEnum):
    """Why only the registered ports of a host were looked at, if so."""

    NO = ""
    MEDICAL = "medical"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class OpenPort:
    """A port that took a connection, with what it said. ``since``: it was open at every look from that moment on."""

    port: int
    address: str = ""
    banner: str = ""
    encryption: Encryption = Encryption.UNKNOWN
    names: tuple[str, ...] = ()
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostLook:
    """What was seen of one host: the open ports, and the numbers of the others by what came of them.

    ``addresses`` are those that were asked, ``fault`` the first word about what went wrong. ``port`` is the registered
    port by which somebody elsewhere was sent to the host, 0 without one.
    """

    host: str
    vantage: Vantage
    open: tuple[OpenPort, ...] = ()
    others: Mapping[Reached, tuple[int, ...]] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    fault: str = ""
    restricted: Restricted = Restricted.NO
    profile_version: int = 0
    port: int = 0

    @property
    def ports(self) -> frozenset[int]:
        """Every port that was looked at."""
        return frozenset(port.port for port in self.open).union(*self.others.values())

    def unseen(self, profile: ExposureProfile) -> tuple[int, ...]:
        """Return the TCP ports of the profile that were not looked at."""
        return tuple(sorted(set(profile.tcp_ports) - self.ports))


_look: TypeAdapter[HostLook] = TypeAdapter(HostLook)


def write_look(look: HostLook) -> bytes:
    """Return the look as the JSON that is kept."""
    return _look.dump_json(look)


def read_look(document: bytes) -> HostLook:
    """Return the look that the JSON holds. Raises ValueError."""
    return _look.validate_json(document)


def host_id(host: str) -> str:
    """Return under which subject id looks at a host are kept: names are longer than ids may be."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, normal(host)))


def open_port(seen: PortObservation, since: datetime | None = None) -> OpenPort:
    """Return what an open port said."""
    return OpenPort(
        seen.port, seen.address, seen.banner, seen.encryption, seen.names, seen.detail, dict(seen.facts), since
    )


def make_look(
    host: str,
    vantage: Vantage,
    observations: Sequence[PortObservation],
    at: datetime,
    before: HostLook | None = None,
    restricted: Restricted = Restricted.NO,
    profile_version: int = 0,
    port: int = 0,
) -> HostLook:
    """Return the look that the observations of one host make. What was open ``before`` keeps its ``since``."""
    since = {port.port: port.since for port in before.open} if before else {}
    others: dict[Reached, tuple[int, ...]] = {}
    for one in observations:
        if one.reached is not Reached.OPEN:
            others[one.reached] = (*others.get(one.reached, ()), one.port)
    return HostLook(
        normal(host),
        vantage,
        tuple(open_port(one, since.get(one.port) or at) for one in observations if one.reached is Reached.OPEN),
        others,
        tuple(dict.fromkeys(one.address for one in observations if one.address)),
        next((one.detail for one in observations if one.reached is Reached.ERROR and one.detail), ""),
        restricted,
        profile_version,
        port,
    )


def observations_of(look: HostLook) -> Iterator[PortObservation]:
    """Yield what was seen, port by port, as the judge takes it."""
    for port in look.open:
        yield PortObservation(
            look.host, port.port, Reached.OPEN, port.address, port.banner, port.encryption, port.names, port.detail,
            port.facts,
        )  # fmt: skip
    address = look.addresses[0] if look.addresses else ""
    for reached, ports in look.others.items():
        yield from (PortObservation(look.host, port, reached, address) for port in ports)


def is_global(host: str) -> bool:
    """Tell whether the host is an address that the whole internet can send to."""
    try:
        return ipaddress.ip_address(normal(host)).is_global
    except ValueError:
        return False


def addresses_of(hosts: Iterable[str], looks: Iterable[HostLook]) -> frozenset[str]:
    """Return the addresses of registered hosts: those that are addresses, and what looks at the others resolved to."""
    names = {normal(host) for host in hosts}
    resolved = (address for look in looks if look.host in names for address in look.addresses)
    return frozenset({*names, *map(normal, resolved)})
