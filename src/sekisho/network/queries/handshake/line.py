"""One connection, bounded in time and bytes."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sekisho.network.rules.observation import StartTls, Why

MOST_BYTES = 512 * 1024  # a handshake with a dozen certificates has some twenty thousand
_MOST_AT_ONCE = 65536
_PLAIN_SHOWN = 60


class Fruitless(Exception):
    """The connection, or the whole endpoint, tells no more; ``why`` says for which reason."""

    def __init__(self, why: Why, seen: bytes = b"") -> None:
        super().__init__(why.value)
        self.why = why
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask, at the one address that was found at the beginning. ``server_name`` is ASCII, or None."""

    host: str
    port: int
    family: int
    address: tuple[str, int] | tuple[str, int, int, int]
    starttls: StartTls | None = None
    server_name: str | None = None


@dataclass(slots=True)
class Time:
    """The time that one endpoint may take, and how long one connection may. Seconds."""

    whole: float
    patience: float
    clock: Callable[[], float] = time.monotonic
    end: float = field(init=False)

    def __post_init__(self) -> None:
        self.end = self.clock() + self.whole

    def left(self) -> float:
        """Return what is left of the whole. Raises Fruitless when nothing is."""
        left = self.end - self.clock()
        if left <= 0:
            raise Fruitless(Why.OUT_OF_TIME)
        return left


class Line:
    """A connection that is read byte for byte. Everything but success is a Fruitless."""

    def __init__(self, target: Target, time_: Time) -> None:
        """Connect."""
        self._time = time_
        self._end = time_.clock() + min(time_.patience, time_.left())
        self._buffer = bytearray()
        self._received = 0
        self._closed = False
        self._socket = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(self._patience())
            self._socket.connect(target.address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self._socket.close()
            raise Fruitless(why_of(error)) from error

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all of it. A peer that has gone is found out by reading: it may have said why."""
        try:
            self._socket.settimeout(self._patience())
            self._socket.sendall(data)
        except TimeoutError as error:
            raise Fruitless(Why.SILENT) from error
        except OSError:
            self._closed = True

    def exactly(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        while len(self._buffer) < size:
            self._more()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def some(self) -> bytes:
        """Return what has come, at least one byte."""
        if not self._buffer:
            self._more()
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    def text_line(self) -> bytes:
        """Return the next line of a text protocol."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MOST_AT_ONCE:
                raise Fruitless(Why.TOO_MUCH)
            self._more()
        return self.exactly(self._buffer.index(b"\n") + 1)

    def rest(self) -> bytes:
        """Return what has come and was not read yet, for showing."""
        return bytes(self._buffer[:_PLAIN_SHOWN])

    def _patience(self) -> float:
        left = min(self._end - self._time.clock(), self._time.left())
        if left <= 0:
            raise Fruitless(Why.SILENT)
        return left

    def _more(self) -> None:
        if self._received > MOST_BYTES:
            raise Fruitless(Why.TOO_MUCH)
        try:
            self._socket.settimeout(self._patience())
            data = self._socket.recv(_MOST_AT_ONCE)
        except TimeoutError as error:
            raise Fruitless(Why.SILENT) from error
        except OSError as error:
            raise Fruitless(Why.HUNG_UP) from error
        if not data:
            raise Fruitless(Why.HUNG_UP)
        self._received += len(data)
        self._buffer += data


def find(host: str, port: int) -> list[tuple[int, tuple[str, int] | tuple[str, int, int, int]]]:
    """Return the addresses of ``host``, in the order to try. Raises Fruitless."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Fruitless(Why.NO_NAME) from error
    return [(family, address) for family, _type, _protocol, _name, address in found if len(address) in {2, 4}]  # type: ignore[misc]


def why_of(error: OSError) -> Why:
    """Return what a failed connection means."""
    if isinstance(error, TimeoutError):
        return Why.SILENT
    return Why.REFUSED if isinstance(error, ConnectionRefusedError) else Why.NO_ROUTE
