"""Examining TLS endpoints, each in a process of its own. Only the address given is contacted."""

import ipaddress
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sekisho.network.queries.child import run_child
from sekisho.network.rules.observation import Observation, StartTls, Why

SCANNER = Path(__file__).with_name("tls_scanner.py")
DEADLINE = 60.0
PATIENCE = 3.0  # a server that answers at all does so in a tenth of that
AT_ONCE = 4
_observation = TypeAdapter(Observation)


@dataclass(frozen=True, slots=True)
class Address:
    """One endpoint to examine. ``server_name`` is what to ask for; without one, the host unless that is a number."""

    host: str
    port: int
    starttls: StartTls | None = None
    ca_pem: str | None = None
    server_name: str | None = None


def scan(
    host: str,
    port: int,
    *,
    starttls: StartTls | None = None,
    ca_pem: str | None = None,
    server_name: str | None = None,
    deadline: float = DEADLINE,
    patience: float = PATIENCE,
) -> Observation:
    """Examine one endpoint within ``deadline`` seconds, ``patience`` for a connection, and return what was seen.

    The chain is checked against ``ca_pem``, the registered authority, or else against the machine's store. Never
    raises: what could not be seen is None in the Observation, with the reason.
    """
    name = server_name or sni_name(host)
    request = {
        "host": host, "port": port, "starttls": starttls, "server_name": name, "ca_pem": ca_pem, "seconds": deadline,
        "patience": patience,
    }  # fmt: skip
    answer = run_child(SCANNER, request, deadline)
    try:
        return _observation.validate_json(answer or b"")
    except ValidationError:
        return Observation(host, port, starttls, name, why={"reachable": Why.BROKEN_OFF})


def scan_all(addresses: Iterable[Address], *, deadline: float = DEADLINE) -> Iterator[Observation]:
    """Examine many endpoints, some at a time, each by one connection at a time. Yields in the order given."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(
            lambda address: scan(
                address.host, address.port, starttls=address.starttls, ca_pem=address.ca_pem,
                server_name=address.server_name, deadline=deadline,
            ),
            addresses,
        )  # fmt: skip


def sni_name(host: str) -> str | None:
    """Return the name to ask for: the host as ASCII, or None where it is a number or no name (RFC 6066, 3)."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    else:
        return None
    try:
        return host.rstrip(".").encode("idna").decode("ascii") or None
    except UnicodeError:
        return None
