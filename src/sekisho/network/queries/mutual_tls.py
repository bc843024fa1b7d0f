"""Finding out whether an endpoint really insists on client certificates, in a process of its own.

Three attempts: without a certificate, with one of an authority made up on the spot, and with the registered one when
there is one. To be used on registered endpoints only: a refused certificate may raise an alarm over there.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sekisho.network.queries.child import run_child
from sekisho.network.queries.tls_scan import sni_name
from sekisho.network.rules.credentials import ClientIdentity
from sekisho.network.rules.observation import MutualObservation, StartTls, Why

PROBER = Path(__file__).with_name("mutual_tls_prober.py")
DEADLINE = 30.0
PATIENCE = 3.0
AT_ONCE = 8
_observation = TypeAdapter(MutualObservation)


@dataclass(frozen=True, slots=True)
class Knocking:
    """One endpoint to try, and the client certificate that is registered for it."""

    host: str
    port: int
    http: bool = True
    starttls: StartTls | None = None
    server_name: str | None = None
    client: ClientIdentity | None = None


def probe_all(endpoints: Sequence[Knocking]) -> Iterator[MutualObservation]:
    """Try many endpoints, some at a time, each in a process of its own. Yields in the order given."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(_probe, endpoints)


def _probe(endpoint: Knocking) -> MutualObservation:
    client = endpoint.client
    return probe_mutual_tls(
        endpoint.host,
        endpoint.port,
        http=endpoint.http,
        starttls=endpoint.starttls,
        server_name=endpoint.server_name,
        certificate_pem=client.certificate_pem if client else None,
        key_pem=client.key_pem if client else None,
    )


def probe_mutual_tls(
    host: str,
    port: int,
    *,
    http: bool = True,
    starttls: StartTls | None = None,
    server_name: str | None = None,
    certificate_pem: str | None = None,
    key_pem: str | None = None,
    deadline: float = DEADLINE,
    patience: float = PATIENCE,
) -> MutualObservation:
    """Try one endpoint within ``deadline`` seconds and return what was seen; ``rules.mutual_tls`` says what it means.

    ``http``: the endpoint speaks HTTP. ``certificate_pem`` (with its chain) and ``key_pem`` are the registered client
    certificate. Never raises: what could not be seen is None, with the reason.
    """
    name = server_name or sni_name(host)
    request = {
        "host": host, "port": port, "http": http, "starttls": starttls, "server_name": name, "seconds": deadline,
        "patience": patience, "certificate_pem": certificate_pem if key_pem else None, "key_pem": key_pem,
    }  # fmt: skip
    answer = run_child(PROBER, request, deadline)
    try:
        return _observation.validate_json(answer or b"")
    except ValidationError:
        return MutualObservation(host, port, starttls, name, why={"reachable": Why.BROKEN_OFF})
