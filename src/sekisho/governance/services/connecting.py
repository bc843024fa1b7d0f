"""Connecting to a server that a person named: to an address that was looked at, and never for longer than allowed."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sekisho.governance.rules.delivery import PASSING, AddressRefused, Sent, Trouble, require_reachable

LONGEST_STEP = 10.0


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a server. ``seconds`` is how long everything together may take."""

    host: str
    port: int
    seconds: float
    loopback_only: bool = False


class WayBroken(Exception):
    """The way ended early; ``sent`` says how."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(sent.trouble)
        self.sent = sent


def broken(trouble: Trouble, answer: str = "") -> WayBroken:
    """Return what is raised for ``trouble``; whether another try may help follows from it."""
    return WayBroken(Sent(trouble, answer, again=trouble in PASSING))


@contextmanager
def connected(way: Way) -> Iterator[socket.socket]:
    """Give a connection to the address that the name leads to now, and cut it when its time is over.

    Name and address cannot part: what was looked at is what is connected to. Raises WayBroken.
    """
    deadline = time.monotonic() + way.seconds
    channel = _connect(way, _addresses(way), deadline)
    handle = channel.dup()  # stays the connection's own, whatever is wrapped around the first one
    cutter = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [handle])
    cutter.daemon = True
    cutter.start()
    try:
        yield channel
    except TimeoutError as error:
        raise broken(Trouble.TIMEOUT) from error
    except ssl.SSLCertVerificationError as error:
        raise broken(Trouble.CERTIFICATE, error.verify_message) from error
    except ssl.SSLError as error:
        raise broken(Trouble.TLS, error.reason or "") from error
    except OSError as error:
        cut = Trouble.TIMEOUT if time.monotonic() >= deadline else Trouble.CUT
        raise broken(cut) from error
    finally:
        cutter.cancel()
        handle.close()
        channel.close()


def _addresses(way: Way) -> list[str]:
    try:
        found = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise broken(Trouble.NAME) from error
    try:
        return require_reachable((str(one[4][0]) for one in found), loopback_only=way.loopback_only)
    except AddressRefused as error:
        raise broken(Trouble.ADDRESS, str(error.params["address"])) from error


def _connect(way: Way, addresses: list[str], deadline: float) -> socket.socket:
    trouble = Trouble.CONNECT
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((address, way.port), timeout=min(LONGEST_STEP, left))
        except TimeoutError:
            trouble = Trouble.TIMEOUT
        except OSError:
            trouble = Trouble.CONNECT
    raise broken(trouble)


def _cut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself in this very moment
        handle.shutdown(socket.SHUT_RDWR)


def protecting(ca_pem: str) -> ssl.SSLContext:
    """Return how certificates are checked: by ``ca_pem`` alone where it is given, else by the system's authorities."""
    context = ssl.create_default_context(cadata=ca_pem or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
