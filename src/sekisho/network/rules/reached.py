"""What is looked at and what answered: targets, observations and registered endpoints. Data, no judgement."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from sekisho.kernel.canonical import Json
from sekisho.network.rules.exposure_profile import ExposureProfile, Look, Vantage


class Reached(StrEnum):
    """What came of connecting to a port."""

    OPEN = "open"
    REFUSED = "refused"
    FILTERED = "filtered"
    UNREACHABLE = "unreachable"
    ERROR = "error"


class Encryption(StrEnum):
    """What the conversation showed of encryption. OFFERED: there is some, but one may do without as far as was seen."""

    YES = "yes"
    OFFERED = "offered"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """One port to look at."""

    host: str
    port: int
    look: Look = Look.CONNECT


@dataclass(frozen=True, slots=True)
class PortObservation:
    """What one port answered.

    ``address`` is the address that was asked. ``banner`` is escaped printable ASCII from at most 512 bytes, ``names``
    the DNS names and addresses of its certificate, escaped too; neither was verified.
    """

    host: str
    port: int
    reached: Reached
    address: str = ""
    banner: str = ""
    encryption: Encryption = Encryption.UNKNOWN
    names: tuple[str, ...] = ()
    detail: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)

    def document(self) -> dict[str, Json]:
        """Return the observation as JSON."""
        return {
            "host": self.host,
            "port": self.port,
            "reached": self.reached.value,
            "address": self.address,
            "banner": self.banner,
            "encryption": self.encryption.value,
            "names": list(self.names),
            "detail": self.detail,
            **self.facts,
        }


@dataclass(frozen=True, slots=True)
class RegisteredEndpoint:
    """An endpoint as the estate has it. ``addresses`` are what ``host`` resolves to, when known."""

    host: str
    port: int
    protocol: str
    exposure: Vantage
    addresses: frozenset[str] = frozenset()


_LOOKS = {"https": Look.TLS, "tls": Look.TLS, "dicom_tls": Look.TLS, "ssh": Look.BANNER, "other": Look.BANNER}


def targets(
    registered: Iterable[RegisteredEndpoint], profile: ExposureProfile, hosts: Iterable[str] = ()
) -> tuple[Target, ...]:
    """Return what to look at: on each registered host, and each of ``hosts``, its own ports and those of the profile.

    What was registered as speaking first or as TLS is asked so; a port of the profile as the profile says; every other
    is only connected to, because nobody knows what an unexpected byte does to it.
    """
    found: dict[tuple[str, int], Look] = {}
    endpoints = list(registered)
    for host in [*(normal(endpoint.host) for endpoint in endpoints), *map(normal, hosts)]:
        found |= {(host, port): profile.look(port) or Look.CONNECT for port in profile.tcp_ports}
    for endpoint in endpoints:
        if profile.look(endpoint.port) is None and profile.only_udp(endpoint.port) is None:
            found[normal(endpoint.host), endpoint.port] = _LOOKS.get(endpoint.protocol, Look.CONNECT)
    return tuple(Target(host, port, look) for (host, port), look in sorted(found.items(), key=lambda item: item[0]))


@lru_cache(maxsize=8192)  # a judge asks for the same few thousand hosts over and over
def normal(host: str) -> str:
    """Return a host name or address in the one form by which it is compared."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower().rstrip(".")
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
