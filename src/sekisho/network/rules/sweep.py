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


class RangeTooLarge(InvalidInput):
    """More addresses than one sweep may touch."""

    code = "network.range_too_large"
    message = _("%(network)s has %(count)s addresses; one sweep looks at %(most)s at most.")


def plan(
    network: Network, ports: Iterable[int], permit: Permit, ranges: Sequence[AddressRange], now: datetime
) -> tuple[Target, ...]:
    """Return what a sweep of ``network`` asks, port after port so that no host gets all at once.

    Ports are only connected to; nothing is sent to a host that nobody knows. Raises MedicalZone, PermitMissing,
    PermitExpired, RangeNotRegistered, RangeTooLarge. Medical zones come first: no permit opens them.
    """
    for zone in (one for one in ranges if one.medical):
        if _overlap(network, zone.network):
            raise MedicalZone(network=network, zone=zone.label)
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


def _overlap(network: Network, other: Network) -> bool:
    return network.version == other.version and network.overlaps(other)
