"""What a device's configuration says, in one form for every vendor: what the rules of chapter 13 look at, and no more.

Every value is a :class:`Seen`: read from lines that are named, or a vendor's documented default with its source, or
absent. Absent means that the line is not there and the default is not known; it is never the same as "off". A section
that is ``None`` cannot stand in this kind of file at all; an empty one could, and nothing was found.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Generic, Never, TypeVar

from pydantic import PlainSerializer, PlainValidator

from sekisho.kernel.text import Text

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def _told(kept: Any) -> Text:
    return kept if isinstance(kept, Text) else Text(kept["msgid"], **kept["params"])


def _kept(told: Text) -> dict[str, Any]:
    return {"msgid": told.msgid, "params": {name: str(value) for name, value in told.params.items()}}


# A text that is kept by its message id, so that it is shown in the language of whoever reads it later.
KeptText = Annotated[Text, PlainValidator(_told), PlainSerializer(_kept)]


class Basis(StrEnum):
    """What a value rests on."""

    READ = "read"
    DEFAULT = "default"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Seen(Generic[T_co]):
    """A value and what it rests on: the lines it was read from, or the document that names the vendor's default."""

    value: T_co | None = None
    lines: tuple[int, ...] = ()
    basis: Basis = Basis.ABSENT
    source: str = ""
    certainty: str = ""


ABSENT: Seen[Never] = Seen()


def seen(value: T, *lines: int) -> Seen[T]:
    """Return a value that stands in ``lines``."""
    return Seen(value, tuple(sorted(set(lines))), Basis.READ)


def yes(*lines: int) -> Seen[bool]:
    """Return "true", as ``lines`` say."""
    return Seen(value=True, lines=tuple(sorted(set(lines))), basis=Basis.READ)


def no(*lines: int) -> Seen[bool]:
    """Return "false", as ``lines`` say."""
    return Seen(value=False, lines=tuple(sorted(set(lines))), basis=Basis.READ)


class Dialect(StrEnum):
    """The kinds of configuration that are read."""

    FORTIOS = "fortios"
    CISCO_IOS = "cisco_ios"
    CISCO_ASA = "cisco_asa"
    YAMAHA = "yamaha"
    SWANCTL = "swanctl"
    IPSEC_CONF = "ipsec_conf"
    HOSTAPD = "hostapd"
    WIFI_EXPORT = "wifi_export"


class Zone(StrEnum):
    """Which side an interface faces."""

    WAN = "wan"
    LAN = "lan"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """What a proposal protects: the key exchange itself, or the traffic."""

    IKE = "ike"
    ESP = "esp"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One set of algorithms that a device offers or accepts, by canonical names; all of them count, not the first."""

    name: str
    phase: Phase
    encryption: Seen[tuple[str, ...]] = ABSENT
    integrity: Seen[tuple[str, ...]] = ABSENT
    prf: Seen[tuple[str, ...]] = ABSENT
    groups: Seen[tuple[str, ...]] = ABSENT
    lifetime: Seen[int] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyExchange:
    """One place where IKE is set: versions and authentications that are accepted, each of them.

    ``authentication`` holds "psk", "certificate", "eap" and "xauth", of either end; ``beyond`` is true where the device
    also takes algorithms that its configuration does not list.
    """

    name: str
    versions: Seen[tuple[int, ...]] = ABSENT
    aggressive: Seen[bool] = ABSENT
    authentication: Seen[tuple[str, ...]] = ABSENT
    proposals: tuple[Proposal, ...] = ()
    beyond: Seen[bool] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SslVpn:
    """An SSL-VPN service; ``minimum_protocol`` is "ssl3", "tls1.0" … "tls1.3"."""

    name: str
    enabled: Seen[bool] = ABSENT
    web_mode: Seen[bool] = ABSENT
    client_certificate: Seen[bool] = ABSENT
    minimum_protocol: Seen[str] = ABSENT
    split_tunnel: Seen[bool] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherVpn:
    """A VPN of another kind, such as PPTP."""

    kind: str
    name: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ipv6Tunnel:
    """A tunnel that joins IPv6 and IPv4: "6to4", "isatap", "teredo", "6in4", "6rd", "map-e", "ds-lite", "ipip"."""

    kind: str
    name: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """A rule that lets traffic pass from one VPN into another."""

    source: str
    target: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a management service answers on an interface.

    ``limited`` is true where only listed sources may connect; ``guarded`` where a filter stands before the service and
    its effect was not worked out.
    """

    service: str
    interface: str
    zone: Zone
    allowed: Seen[bool] = ABSENT
    limited: Seen[bool] = ABSENT
    guarded: Seen[bool] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Snmp:
    """One version of SNMP that answers.

    ``default_community`` is true for a community such as "public"; ``encrypted`` is told of version 3.
    """

    version: str
    name: str
    default_community: Seen[bool] = ABSENT
    encrypted: Seen[bool] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Wifi:
    """A wireless network; ``security`` names every method that a client may join by.

    They are "open", "owe", "wep", "wpa", "wpa2-psk", "wpa2-eap", "wpa3-sae" and "wpa3-enterprise".
    """

    ssid: str
    security: Seen[tuple[str, ...]] = ABSENT
    radius: Seen[bool] = ABSENT
    hidden: Seen[bool] = ABSENT
    mac_filter: Seen[bool] = ABSENT
    wps: Seen[bool] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Password:
    """A password of the device itself; ``weakness`` is "default", "blank" or "none" (no known default)."""

    name: str
    weakness: Seen[str] = ABSENT
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the file that could not be read, and from which line on."""

    line: int
    text: KeptText


@dataclass(frozen=True, slots=True)
class DeviceConfiguration:
    """All that was read of one device; ``outside`` names the interfaces that were recognised as facing outside."""

    dialect: Dialect
    firmware: Seen[str] = ABSENT
    outside: Seen[tuple[str, ...]] = ABSENT
    exchanges: tuple[KeyExchange, ...] | None = None
    proposals: tuple[Proposal, ...] = ()
    ssl_vpns: tuple[SslVpn, ...] | None = None
    other_vpns: tuple[OtherVpn, ...] | None = None
    relays: tuple[Relay, ...] | None = None
    ipv6_tunnels: tuple[Ipv6Tunnel, ...] | None = None
    accesses: tuple[Access, ...] | None = None
    snmp: tuple[Snmp, ...] | None = None
    passwords: tuple[Password, ...] | None = None
    wifi: tuple[Wifi, ...] | None = None
    faults: tuple[Fault, ...] = field(default=())
