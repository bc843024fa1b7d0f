"""Which ports matter, what listens there and from where it must not be reached: ``profiles/exposure.yaml``.

The profile is data with a version, so that it can grow without code. It is read strictly: a key that is not known here,
a port named twice or a group without services is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sekisho.network.rules.strict_yaml import read

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Certainty = Literal["primary", "secondary", "memory", "own"]


class Vantage(StrEnum):
    """From where one looks, and from where an endpoint may be reached; the values are those of the estate."""

    INTERNAL = "internal"
    SECURE = "secure"
    OPEN = "open"

    @property
    def breadth(self) -> int:
        """How many others stand there too: inside < over a secure network < over an open one."""
        return tuple(Vantage).index(self)


class Look(StrEnum):
    """How a port is looked at. Only CONNECT sends and waits for nothing; the others speak the port's own protocol."""

    CONNECT = "connect"
    BANNER = "banner"
    TLS = "tls"
    FTP = "ftp"
    RFB = "rfb"
    NONE = "none"


class Cleartext(StrEnum):
    """Whether a service carries passwords and contents in the clear: never, always, or as the conversation shows."""

    NO = "no"
    ASK = "ask"
    ALWAYS = "always"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Row):
    """A text in both languages of the platform."""

    ja: Words
    en: Words


class Group(_Row):
    """Services of one kind, and from where none of them may be reached even if the register says so."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    title: Bilingual
    why: Bilingual
    forbidden_from: tuple[Vantage, ...]
    source: Words
    certainty: Certainty


class Service(_Row):
    """What listens on some ports. ``begins`` are beginnings of its banner, escaped as banners are, on whatever port."""

    name: Words
    group: Words
    ports: tuple[PortNumber, ...] = Field(min_length=1)
    transport: Literal["tcp", "udp"] = "tcp"
    meaning: Bilingual
    look: Look = Look.CONNECT
    cleartext: Cleartext = Cleartext.NO
    begins: tuple[Words, ...] = ()
    source: Words
    certainty: Certainty

    @model_validator(mode="after")
    def _datagrams_are_not_looked_at(self) -> "Service":
        if (self.transport == "udp") != (self.look is Look.NONE):
            raise ValueError("a UDP service has look: none, a TCP service any other")
        return self


class _File(_Row):
    version: int = Field(ge=1)
    revised: date
    groups: tuple[Group, ...] = Field(min_length=1)
    services: tuple[Service, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "_File":
        faults = list(_faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _faults(file: _File) -> Iterator[str]:
    ids = [group.id for group in file.groups]
    yield from (f"the group {name} stands here twice" for name in {name for name in ids if ids.count(name) > 1})
    for service in file.services:
        if service.group not in ids:
            yield f"{service.name} belongs to the unknown group {service.group}"
    taken = [(service.transport, port) for service in file.services for port in service.ports]
    yield from (
        f"{kind} port {port} stands here twice" for kind, port in {one for one in taken if taken.count(one) > 1}
    )
    yield from (f"the group {name} has no service" for name in ids if name not in {row.group for row in file.services})


@dataclass(frozen=True)
class ExposureProfile:
    """The profile, ready to be asked."""

    version: int
    revised: date
    groups: tuple[Group, ...]
    services: tuple[Service, ...]

    @cached_property
    def tcp_ports(self) -> tuple[int, ...]:
        """Every TCP port worth looking at, in order."""
        return tuple(sorted(port for service in self.services if service.transport == "tcp" for port in service.ports))

    def look(self, port: int) -> Look | None:
        """Return how a TCP port is looked at, None when the profile does not know it."""
        service = self._by_port.get(("tcp", port))
        return service.look if service else None

    def only_udp(self, port: int) -> Service | None:
        """Return the service of a port that is known for UDP alone, which no TCP look can see."""
        return None if ("tcp", port) in self._by_port else self._by_port.get(("udp", port))

    def service(self, port: int, banner: str = "") -> Service | None:
        """Return what listens: by what it said of itself, else by its port number."""
        for service in self.services:
            if any(banner.startswith(beginning) for beginning in service.begins):
                return service
        return self._by_port.get(("tcp", port))

    def group(self, service: Service) -> Group:
        """Return the group of a service of this profile."""
        return self._groups[service.group]

    @cached_property
    def _by_port(self) -> dict[tuple[str, int], Service]:
        return {(service.transport, port): service for service in self.services for port in service.ports}

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return {group.id: group for group in self.groups}


def read_profile(text: str) -> ExposureProfile:
    """Read the YAML of a profile. Raises DataInvalid with every fault."""
    file = read(_File, text)
    return ExposureProfile(file.version, file.revised, file.groups, file.services)
