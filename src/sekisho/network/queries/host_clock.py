"""Reading the clock of a host without an account: by the SMB2 handshake of Windows and Samba, by the HTTP Date header.

Each reading says how far it may be wrong: half the time it took, and what the method cannot resolve (half a second for
HTTP, one tick of Windows for SMB2). NTP, where a host serves it, is in :mod:`sekisho.network.queries.ntp`. Not to be
called from inside an event loop.
"""

import asyncio
import errno
import re
import secrets
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.network.queries.addresses import Address, Unresolved, resolve
from sekisho.network.queries.streams import NO_WAY, Conversation, NoTls, SecureStream, Stream, connected
from sekisho.network.rules import smb2_negotiate
from sekisho.network.rules.readings import Answer, HostReading, Method

_WINDOWS_TICK = 0.016  # seconds between two steps of the clock that Windows reads (15.6 ms)
_HTTP_SECOND = 1.0  # a Date header names the second that has begun (RFC 9110 section 5.6.7)
_MOST_HEADER = 16_384  # bytes
_DATE_FORM = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A question and its answer: when it was asked (UTC) and how many seconds it took."""

    asked: datetime
    took: float
    answer: bytes


def by_smb2(host: str, port: int = 445, timeout: float = 5.0) -> HostReading:
    """Read the SystemTime that an SMB2 server gives in its first answer (MS-SMB2 2.2.4), within ``timeout`` seconds."""

    async def talk(stream: Stream) -> _Exchange:
        return await _exchange(
            stream, smb2_negotiate.request(secrets.token_bytes(16), secrets.token_bytes(32)), _smb2_whole
        )

    def read(exchange: _Exchange) -> HostReading:
        said = smb2_negotiate.parse(exchange.answer)
        facts: dict[str, Json] = {"dialect": f"0x{said.dialect:04x}"}
        if said.system_time is None:
            return HostReading(host, Method.SMB2, Answer.NO_TIME, facts=facts)
        return _reading(host, Method.SMB2, exchange, said.system_time, _WINDOWS_TICK, facts)

    return _ask(host, port, timeout, Method.SMB2, talk, read)


def by_http(host: str, port: int = 80, timeout: float = 5.0, *, tls: bool = False) -> HostReading:
    """Read the Date header of the answer to HEAD /, whatever its status, within ``timeout`` seconds.

    The header counts whole seconds, so the reading is never surer than half a second. An answer out of a cache (Age)
    tells the time at which it was stored and is not used. With ``tls`` no certificate is verified.
    """

    async def talk(stream: Stream) -> _Exchange:
        lines = ("HEAD / HTTP/1.1", f"Host: {_in_url(host)}:{port}", "Cache-Control: no-cache", "Connection: close")
        conversation: Conversation = stream
        if tls:
            conversation = secure = SecureStream(stream, None)
            await secure.handshake()
        return await _exchange(conversation, "".join(f"{line}\r\n" for line in (*lines, "")).encode(), _header_whole)

    def read(exchange: _Exchange) -> HostReading:
        date, detail = _date(exchange.answer)
        if date is None:
            return HostReading(host, Method.HTTP_DATE, Answer.NO_TIME, detail=detail, facts={"tls": tls})
        # The true time of the server lies anywhere in the second that the header names.
        return _reading(host, Method.HTTP_DATE, exchange, date, _HTTP_SECOND, {"tls": tls})

    return _ask(host, port, timeout, Method.HTTP_DATE, talk, read)


def _ask(
    host: str,
    port: int,
    timeout: float,
    method: Method,
    talk: Callable[[Stream], Awaitable[_Exchange]],
    read: Callable[[_Exchange], HostReading],
) -> HostReading:
    """Connect, talk and read; every way it can fail is an answer."""
    try:
        addresses = resolve(host, port, socket.SOCK_STREAM, timeout)
        return read(asyncio.run(_talk(addresses, timeout, talk)))
    except Unresolved as error:
        return HostReading(host, method, Answer.UNRESOLVED, detail=str(error))
    except TimeoutError:
        return HostReading(host, method, Answer.NO_ANSWER)
    except (smb2_negotiate.NotSmb2, _NotWhole) as error:
        return HostReading(host, method, Answer.MALFORMED, detail=str(error))
    except (NoTls, ssl.SSLError) as error:
        return HostReading(host, method, Answer.NO_TIME, detail=str(error))
    except OSError as error:
        return HostReading(host, method, _refusal(error), detail=error.strerror or str(error))


async def _talk(
    addresses: Sequence[Address], seconds: float, talk: Callable[[Stream], Awaitable[_Exchange]]
) -> _Exchange:
    async with asyncio.timeout(seconds), connected(addresses) as (stream, _address):
        return await talk(stream)


def _refusal(error: OSError) -> Answer:
    if error.errno == errno.ECONNREFUSED:
        return Answer.REFUSED
    return Answer.UNREACHABLE if error.errno in NO_WAY else Answer.NO_ANSWER


class _NotWhole(ValueError):
    """The answer does not end where it should."""


async def _exchange(stream: Conversation, question: bytes, whole: Callable[[bytes], bool]) -> _Exchange:
    """Send ``question`` and read until the answer is whole or ends; the clock is read as in the NTP client."""
    began = time.monotonic()
    asked = clock.now()
    await stream.send(question)
    answer = b""
    while not whole(answer):
        if len(answer) >= _MOST_HEADER:
            raise _NotWhole("endless")
        data = await stream.receive(_MOST_HEADER - len(answer))
        if not data:
            raise _NotWhole("cut short")
        answer += data
    return _Exchange(asked, time.monotonic() - began, answer)


def _smb2_whole(answer: bytes) -> bool:
    return smb2_negotiate.missing(answer) == 0


def _header_whole(answer: bytes) -> bool:
    return b"\r\n\r\n" in answer or b"\n\n" in answer


def _date(answer: bytes) -> tuple[datetime | None, str]:
    """Return the Date of an HTTP answer, or None with the reason."""
    lines = re.split(r"\r?\n", answer.decode("latin-1").replace("\r\n\r\n", "\n\n").partition("\n\n")[0])
    if not lines[0].startswith("HTTP/1."):
        return None, "no HTTP"
    fields = [line.partition(":") for line in lines[1:]]
    dates = [value.strip() for name, _colon, value in fields if name.strip().lower() == "date"]
    if any(name.strip().lower() == "age" and value.strip("0 ") for name, _colon, value in fields):
        return None, "from a cache"
    if len(dates) != 1 or not _DATE_FORM.fullmatch(dates[0]):
        return None, "no Date" if not dates else "no Date that can be used"
    try:
        return parsedate_to_datetime(dates[0]).astimezone(UTC), ""
    except ValueError:
        return None, "no Date that can be used"


def _reading(
    host: str, method: Method, exchange: _Exchange, said: datetime, resolution: float, facts: dict[str, Json]
) -> HostReading:
    """Return the offset when the server's clock stood in [said, said + resolution] at some time during the exchange."""
    middle = exchange.asked + timedelta(seconds=exchange.took / 2)
    offset = (said - middle).total_seconds() + resolution / 2
    facts |= {"took_seconds": exchange.took, "resolution_seconds": resolution}
    return HostReading(host, method, Answer.TIME, offset, (exchange.took + resolution) / 2, facts=facts)


def _in_url(host: str) -> str:
    if ":" in host:
        return f"[{host.partition('%')[0]}]"
    return host if host.isascii() else host.encode("idna").decode()
