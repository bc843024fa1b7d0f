"""The daily look at a TLS endpoint: two handshakes, broken off once they have shown their facts.

It runs in this process: what answers meets our own bounded reader and the parser of the certificate library, which is
written in a memory-safe language, and no TLS library.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sekisho.network.queries.handshake.line import Fruitless, Time
from sekisho.network.queries.handshake.look import reach
from sekisho.network.queries.handshake.present import glance
from sekisho.network.queries.tls_scan import Address, sni_name
from sekisho.network.rules.observation import Glance, StartTls

DEADLINE = 10.0
PATIENCE = 3.0
AT_ONCE = 8


def look_lightly(
    host: str,
    port: int,
    *,
    starttls: StartTls | None = None,
    server_name: str | None = None,
    deadline: float = DEADLINE,
    patience: float = PATIENCE,
) -> Glance:
    """Look at one endpoint within ``deadline`` seconds, ``patience`` for a connection.

    Never raises: what could not be seen is None, with the reason. A name is looked up by the machine's resolver, which
    has a patience of its own.
    """
    time_ = Time(deadline, patience)
    name = server_name or sni_name(host)
    try:
        target = reach(host, port, time_, starttls, name)
    except Fruitless as error:
        return Glance(host, port, starttls, name, reachable=False, why={"reachable": error.why})
    return glance(target, time_)


def look_all(addresses: Sequence[Address]) -> Iterator[Glance]:
    """Look at many endpoints, some at a time. Yields in the order given."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(_look, addresses)


def _look(address: Address) -> Glance:
    return look_lightly(address.host, address.port, starttls=address.starttls, server_name=address.server_name)
