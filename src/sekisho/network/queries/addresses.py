"""From a host's name to its addresses, within a time: the resolver of the system alone may wait for minutes."""

import queue
import socket
import threading
from dataclasses import dataclass


class Unresolved(OSError):
    """The name has no address, or nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a host, as sockets take it."""

    family: socket.AddressFamily
    place: tuple[str, int] | tuple[str, int, int, int]

    @property
    def ip(self) -> str:
        """The address alone, without port."""
        return self.place[0]


def resolve(host: str, port: int, kind: socket.SocketKind, within: float = 5.0) -> tuple[Address, ...]:
    """Return the addresses of ``host`` in the order of the resolver, after at most ``within`` seconds.

    An address written in digits never asks anybody. Raises Unresolved.
    """
    try:
        return _lookup(host, port, kind, socket.AI_NUMERICHOST)
    except UnicodeError as error:  # a label of more than 63 characters, half a surrogate pair
        raise Unresolved(f"{host!a}: no name") from error
    except OSError:
        pass
    answers: queue.SimpleQueue[tuple[Address, ...] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_lookup(host, port, kind, 0))
        except OSError as error:
            answers.put(OSError(str(error)))

    # A daemon: a resolver that hangs must not keep the process from ending.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=within)
    except queue.Empty:
        raise Unresolved(f"{host}: no answer in {within:g} s") from None
    if isinstance(answer, OSError):
        raise Unresolved(f"{host}: {answer}")
    return answer


def _lookup(host: str, port: int, kind: socket.SocketKind, flags: int) -> tuple[Address, ...]:
    if not host or "\0" in host:
        raise Unresolved("no name")
    found = socket.getaddrinfo(host, port, type=kind, flags=flags)
    internet = (socket.AF_INET, socket.AF_INET6)
    return tuple(
        Address(family, place)  # type: ignore[arg-type]  # of the internet families only
        for family, _kind, _protocol, _name, place in found
        if family in internet
    )
