"""Examining TLS endpoints, each in a process of its own. Only the address given is contacted."""

import ipaddress
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sekisho.network.queries.child import START, run_child
from sekisho.network.rules.observation import Observation, StartTls, Why

SCANNER = Path(__file__).with_name("tls_scanner.py")
DEADLINE = 60.0
AT_ONCE = 4  # as the scanner has it
PATIENCE = 3.0  # a server that answers at all does so in a tenth of that
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
    address = Address(host, port, starttls, ca_pem, server_name)
    return next(scan_all([address], deadline=deadline, patience=patience))


def scan_all(
    addresses: Iterable[Address], *, deadline: float = DEADLINE, patience: float = PATIENCE
) -> Iterator[Observation]:
    """Examine many endpoints, some at a time, each by one connection at a time. Yields in the order given."""
    rows = list(addresses)
    if not rows:
        return
    requests = [_request(row, deadline, patience) for row in rows]
    rounds = -(-len(rows) // AT_ONCE)
    answer = run_child(SCANNER, requests, rounds * (deadline + START))
    try:
        seen = json.loads(answer or b"[]")
    except ValueError:
        seen = []
    for number, request in enumerate(requests):
        yield _read(seen[number] if len(seen) == len(rows) else None, request)


def _read(seen: object, request: dict[str, Any]) -> Observation:
    """Return what one process saw. What it says is not believed to have the right form: it has met a stranger."""
    try:
        return _observation.validate_python(seen)
    except ValidationError:
        host, port, starttls, name = (request[field] for field in ("host", "port", "starttls", "server_name"))
        return Observation(host, port, starttls, name, why={"reachable": Why.BROKEN_OFF})


def _request(address: Address, deadline: float, patience: float) -> dict[str, Any]:
    return {**asdict(address), "server_name": address.server_name or sni_name(address.host), "seconds": deadline,
            "patience": patience}  # fmt: skip


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
