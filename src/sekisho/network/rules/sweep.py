"""Whether a range of addresses may be swept, and what is asked there. A sweep without leave is an attack.

Looking at every address of a network can stop a fragile device and looks to every guard like the first hour of an
intrusion. So it needs a permit by a named person, a registered range, and never touches medical devices.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel.dates import Calendar, format_moment
from sekisho.kernel.errors import Forbidden, InvalidInput
from sekisho.kernel.text import _
from sekisho.network.rules.exposure_profile import ExposureProfile, Look
from sekisho.network.rules.reached import Target

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LARGEST = 1024  # addresses of one sweep

# What only the facility itself uses: private (RFC 1918, RFC 4193), shared by a provider with its customers (RFC 6598),
# and this machine. Everything else belongs to somebody, or leads to another address than it says.
_OWN: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
)
# Second names of IPv4 addresses (RFC 4291, 2.5.5.2; RFC 6052, 2.1; RFC 3056): the same device, in no range of its own.
_SECOND_NAMES: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")
)


@dataclass(frozen=True, slots=True)
class AddressRange:
    """A registered range of addresses; ``medical`` marks one in which medical devices stand."""

    network: Network
    label: str
    medical: bool = False


@dataclass(frozen=True, slots=True)
class Permit:
    """The leave to sweep: who gave it, why, for which ranges, from when and until when (aware, ``until`` excluded)."""

    allowed_by: str
    reason: str
    networks: tuple[Network, ...]
    since: datetime
    until: datetime


class PermitMissing(Forbidden):
    """Nobody is named who allowed the sweep, or the permit is for other addresses."""

    code = "network.permit_missing"
    message = _("Nobody has allowed a sweep of %(network)s.")
    hint = _("A sweep needs a permit that names who allows it, why, for which addresses and until when.")


class PermitExpired(Forbidden):
    """The permit is over, or does not yet hold."""

    code = "network.permit_expired"
    message = _("The permit of %(allowed_by)s to sweep does not hold at this time (until %(until)s).")
    hint = _("Have it renewed before you start.")


class MedicalZone(Forbidden):
    """The range holds medical devices, which a sweep could disturb."""

    code = "network.medical_zone"
    message = _("%(network)s touches %(zone)s, where medical devices stand. It is never swept.")
    hint = _("Look at registered endpoints one by one, or ask the maker of the devices.")


class RangeNotRegistered(InvalidInput):
    """The addresses are not in the register, so they may belong to somebody else."""

    code = "network.range_not_registered"
    message = _("%(network)s does not lie in a registered range of addresses.")
    hint = _("Register the range first, so that nobody else's network is looked at by mistake.")


class RangeNotOwn(InvalidInput):
    """The addresses are not of a kind that a facility keeps to itself."""

    code = "network.range_not_own"
    message = _("%(network)s is no range that your facility alone uses, so it is never swept.")
    hint = _("Enter private addresses such as 192.168.10.0/24. An IPv4 address is entered as IPv4.")


class RangeTooLarge(InvalidInput):
    """More addresses than one sweep may touch."""

    code = "network.range_too_large"
    message = _("%(network)s has %(count)s addresses; one sweep looks at %(most)s at most.")


def plan(
    network: Network, ports: Iterable[int], permit: Permit, ranges: Sequence[AddressRange], now: datetime
) -> tuple[Target, ...]:
    """Return what a sweep of ``network`` asks, port after port so that no host gets all at once.

    Ports are only connected to; nothing is sent to a host that nobody knows. Raises MedicalZone, RangeNotOwn,
    PermitMissing, PermitExpired, RangeNotRegistered, RangeTooLarge. Medical zones come first: no permit opens them.
    """
    check_zones(network, ranges)
    if not is_own(network):
        raise RangeNotOwn(network=network)
    if not permit.allowed_by.strip() or not any(_inside(network, allowed) for allowed in permit.networks):
        raise PermitMissing(network=network)
    check_time(permit, now)
    if not any(_inside(network, one.network) for one in ranges):
        raise RangeNotRegistered(network=network)
    if network.num_addresses > LARGEST:
        raise RangeTooLarge(network=network, count=network.num_addresses, most=LARGEST)
    wanted = sorted(set(ports))
    if not all(0 < port < 65536 for port in wanted):
        raise InvalidInput(field="ports")
    return tuple(Target(str(address), port, Look.CONNECT) for port in wanted for address in network.hosts())


def check_zones(network: Network, ranges: Iterable[AddressRange]) -> None:
    """Raise MedicalZone where ``network`` touches a medical zone, by whatever name it is called."""
    for zone in (one for one in ranges if one.medical):
        if overlap(network, zone.network):
            raise MedicalZone(network=network, zone=zone.label)


def is_own(network: Network) -> bool:
    """Tell whether these are addresses that only the facility itself can have."""
    return not has_scope(network) and any(_inside(network, own) for own in _OWN)


def is_second_name(network: Network) -> bool:
    """Tell whether some of these are IPv4 addresses, written as IPv6."""
    return any(network.version == one.version and network.overlaps(one) for one in _SECOND_NAMES)


def has_scope(network: Network) -> bool:
    """Tell whether the addresses are those of one interface (``%eth0``)."""
    return getattr(network.network_address, "scope_id", None) is not None


def check_time(permit: Permit, now: datetime) -> None:
    """Raise PermitExpired unless the permit holds at ``now``."""
    if not permit.since <= now < permit.until:
        raise PermitExpired(allowed_by=permit.allowed_by, until=format_moment(permit.until, Calendar.SEIREKI))


def default_ports(profile: ExposureProfile) -> tuple[int, ...]:
    """Return the ports of the profile that a sweep may touch: all but those of medical devices and printers.

    A modality or a printer can stand in any range, registered as medical or not.
    """
    kept = (service for service in profile.services if service.transport == "tcp" and service.group not in _FRAGILE)
    return tuple(sorted(port for service in kept for port in service.ports))


_FRAGILE = frozenset({"medical", "printing"})


def _inside(network: Network, outer: Network) -> bool:
    return network.version == outer.version and network.subnet_of(outer)  # type: ignore[arg-type]


def overlap(network: Network, other: Network) -> bool:
    """Tell whether two networks have an address in common. An IPv4 address within an IPv6 one is that address."""
    one, two = _unmapped(network), _unmapped(other)
    return one.version == two.version and one.overlaps(two)


def _unmapped(network: Network) -> Network:
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


_MAPPED_BITS = 96
