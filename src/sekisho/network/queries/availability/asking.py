"""Asking endpoints whether they answer: few connections at once, spread over the minute, each with one bound of time.

Nothing is sent to a protocol that is not known: TCP is a connection and its end, TLS a handshake, a page one request
for its head. No certificate is judged here. Not to be called from inside an event loop.
"""

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from sekisho.network.queries.addresses import Address, Unresolved, resolve
from sekisho.network.queries.streams import Conversation, NoTls, SecureStream, Stream, connected
from sekisho.network.queries.tls_scan import sni_name
from sekisho.network.rules.availability import Fault, Heard, Watched, Way, better, is_expected

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9][0-9])[ \r]")
_LONGEST_LINE = 1024
# What this server lacks, and no endpoint can help.
_HERE = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ENOBUFS})
_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN})
_CLOSED = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


@dataclass(frozen=True, slots=True)
class Ask:
    """One endpoint to ask: ``key`` is its id. ``status`` is what a page must answer, None for anything but a fault.

    ``client_wanted``: the endpoint wants a client certificate, so a TLS alert is an answer too.
    """

    key: str
    host: str
    port: int
    way: Way
    slow_ms: int
    secure: bool = False
    server_name: str | None = None
    path: str = "/"
    status: int | None = None
    client_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that one ask may take, between the beginnings of two at most, and before a failed one is repeated."""

    within: float = 5.0
    gap: float = 0.02
    again_after: float = 5.0
    at_once: int = 100
    spread: float = 15.0  # all beginnings lie in so many seconds, however many there are


def ask_all(asks: Sequence[Ask], pace: Pace | None = None) -> dict[str, Heard]:
    """Ask each endpoint and return what was heard by its key. Failed and slow ones are asked once more.

    Beginnings are spread: asked all at once each would wait for the others, and the time would be ours, not theirs.
    Never raises for what a network or a host can do.
    """
    return asyncio.run(_round(asks, pace or Pace())) if asks else {}


async def _round(asks: Sequence[Ask], pace: Pace) -> dict[str, Heard]:
    slots = asyncio.Semaphore(pace.at_once)
    with ThreadPoolExecutor(32, thread_name_prefix="resolve") as pool:
        asyncio.get_running_loop().set_default_executor(pool)
        found = await _pass(asks, pace, slots)
        again = [one for one in asks if found[one.key].state(one.slow_ms) is not Watched.UP]
        if again:
            await asyncio.sleep(pace.again_after)
            second = await _pass(again, pace, slots)
            found |= {key: better(found[key], heard) for key, heard in second.items()}
    return found


async def _pass(asks: Iterable[Ask], pace: Pace, slots: asyncio.Semaphore) -> dict[str, Heard]:
    waiting = list(asks)
    gap = min(pace.gap, pace.spread / len(waiting))
    found: dict[str, Heard] = {}

    async def one(number: int, ask: Ask) -> None:
        await asyncio.sleep(number * gap)
        async with slots:
            found[ask.key] = await _ask(ask, pace.within)

    async with asyncio.TaskGroup() as group:
        for number, ask in enumerate(waiting):
            group.create_task(one(number, ask))
    return found


async def _ask(ask: Ask, within: float) -> Heard:
    try:
        async with asyncio.timeout(within):
            places = await _places(ask, within)
            begun = asyncio.get_running_loop().time()
            async with connected(places) as (stream, _ip):
                status = await _converse(stream, ask)
        ms = (asyncio.get_running_loop().time() - begun) * 1000
    except TimeoutError:
        return Heard(fault=Fault.TIMEOUT)
    except (OSError, ssl.SSLError) as error:
        return Heard(fault=_fault(error))
    if status is not None and not is_expected(status, ask.status):
        return Heard(fault=Fault.STATUS, status=status)
    return Heard(ms, status=status)


async def _places(ask: Ask, within: float) -> Sequence[Address]:
    """Return the addresses. One in digits is read here; a name waits for the resolver in a thread."""
    find = partial(resolve, ask.host, ask.port, socket.SOCK_STREAM, within)
    if sni_name(ask.host) is None:
        return find()
    return await asyncio.get_running_loop().run_in_executor(None, find)


async def _converse(stream: Stream, ask: Ask) -> int | None:
    """Say what the way of asking says, and return the status of a page. Raises OSError, SSLError."""
    if ask.way is Way.TCP:
        return None
    spoken: Conversation | None = await _secured(stream, ask) if ask.secure else stream
    if spoken is None or ask.way is Way.TLS:
        return None
    await spoken.send(_request(ask))
    return await _status(spoken)


async def _secured(stream: Stream, ask: Ask) -> SecureStream | None:
    secure = SecureStream(stream, ask.server_name)
    try:
        await secure.handshake()
    except NoTls as error:
        if not (ask.client_wanted and error.spoken):
            raise
        return None
    return secure


def _request(ask: Ask) -> bytes:
    name = ask.server_name or ask.host
    host = f"[{name}]" if ":" in name else name
    lines = (f"{ask.way.value.upper()} {ask.path} HTTP/1.1", f"Host: {host}:{ask.port}", "User-Agent: Sekisho")
    return "\r\n".join((*lines, "Accept: */*", "Connection: close", "", "")).encode("ascii")


async def _status(spoken: Conversation) -> int:
    """Read no more than the first line. Raises OSError where it is none of HTTP."""
    heard = b""
    while b"\n" not in heard and len(heard) < _LONGEST_LINE:
        data = await spoken.receive(_LONGEST_LINE)
        if not data:
            break
        heard += data
    found = _STATUS.match(heard)
    if found is None:
        raise ConnectionResetError(errno.ECONNRESET, "no HTTP")
    return int(found[1])


def _fault(error: OSError) -> Fault:
    if isinstance(error, NoTls | ssl.SSLError):
        return Fault.TLS
    if isinstance(error, Unresolved):
        return Fault.NAME
    if error.errno == errno.ECONNREFUSED:
        return Fault.REFUSED
    for numbers, fault in ((_HERE, Fault.HERE), (_NO_WAY, Fault.NO_WAY), (_CLOSED, Fault.CLOSED)):
        if error.errno in numbers:
            return fault
    return Fault.TIMEOUT if error.errno == errno.ETIMEDOUT else Fault.OTHER
