"""What was seen of one host from one place, as it is kept: the document of a sighting of the probe EXPOSURE.

Open ports stand with what they said; of all others the number is enough. ``vantage`` is where the look was taken from;
looks from outside come from elsewhere in the same form, and each vantage is judged by itself.
"""

import ipaddress
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter

from sekisho.network.rules.exposure_profile import ExposureProfile, Vantage
from sekisho.network.rules.reached import Encryption, PortObservation, Reached, normal

# What a look may hold, however it came here: a banner is 512 bytes of which each may be escaped to four characters.
Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, StringConstraints(max_length=300)]
Word = Annotated[str, StringConstraints(max_length=2048)]
Hosts = Annotated[tuple[Host, ...], Field(max_length=256)]


class Restricted(StrEnum):
    """Why only the registered ports of a host were looked at, if so."""

    NO = ""
    MEDICAL = "medical"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class OpenPort:
    """A port that took a connection, with what it said. ``since``: it was open at every look from that moment on."""

    port: Port
    address: Host = ""
    banner: Word = ""
    encryption: Encryption = Encryption.UNKNOWN
    names: Hosts = ()
    detail: Word = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class HostLook:
    """What was seen of one host: the open ports, and the numbers of the others by what came of them.

    ``addresses`` are those that were asked, ``fault`` the first word about what went wrong. ``port`` is the registered
    port by which somebody elsewhere was sent to the host, 0 without one.
    """

    host: Host
    vantage: Vantage
    open: tuple[OpenPort, ...] = ()
    others: Mapping[Reached, tuple[Port, ...]] = field(default_factory=dict)
    addresses: Hosts = ()
    fault: Word = ""
    restricted: Restricted = Restricted.NO
    profile_version: int = 0
    port: Annotated[int, Field(ge=0, le=65535)] = 0

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


def joined(own: HostLook, other: HostLook) -> HostLook:
    """Return what two looks at a host from one place come to: what either found open is open.

    Of what neither found open, ``own`` is believed where both asked.
    """
    opened = {port.port: port for look in (other, own) for port in look.open}
    told = {port: reached for look in (other, own) for reached, ports in look.others.items() for port in ports}
    others: dict[Reached, tuple[int, ...]] = {}
    for port, reached in sorted(told.items()):
        if port not in opened:
            others[reached] = (*others.get(reached, ()), port)
    addresses = tuple(dict.fromkeys((*own.addresses, *other.addresses)))
    return replace(own, open=tuple(opened[port] for port in sorted(opened)), others=others, addresses=addresses)


def is_in_time(look: HostLook, observed_at: datetime) -> bool:
    """Tell whether no port is said to be open since before anybody looked, or since after this look."""
    return all(_EARLIEST <= port.since <= observed_at for port in look.open if port.since is not None)


_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


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
