"""TCP connections for looking: they send what they are told, read a bounded amount, and are closed in any case.

No wait in here has a bound of its own; every caller puts ``asyncio.timeout`` around what it does.
"""

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from sekisho.network.queries.addresses import Address

_CHUNK = 16_384  # bytes, the largest TLS record
# Alert or handshake record of SSL 3.0 to TLS 1.3 (RFC 8446 section 5.1): whoever sends one speaks TLS.
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")


class Conversation(Protocol):
    """Something one can send to and receive from."""

    async def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises OSError."""
        ...

    async def receive(self, most: int) -> bytes:
        """Return at least one byte, at most ``most``; nothing at the end. Raises OSError."""
        ...


class Stream:
    """A plain TCP connection."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    async def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises OSError."""
        await asyncio.get_running_loop().sock_sendall(self._channel, data)

    async def receive(self, most: int) -> bytes:
        """Return at least one byte, at most ``most``; nothing at the end. Raises OSError."""
        return await asyncio.get_running_loop().sock_recv(self._channel, most)


class SelfConnected(ConnectionRefusedError):
    """The connection met itself: a port of this machine that nobody listens on, reached from the same port."""


@contextlib.asynccontextmanager
async def connected(addresses: Sequence[Address]) -> AsyncIterator[tuple[Stream, str]]:
    """Connect to the first address to which there is a way; give the stream and the address. Raises OSError.

    Another address is tried only when there is no way to the one before (IPv6 announced but not routed).
    """
    channel, address = await _connect(addresses)
    try:
        yield Stream(channel), address.ip
    finally:
        channel.close()


NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL})


async def _connect(addresses: Sequence[Address]) -> tuple[socket.socket, Address]:
    problem: OSError = OSError("no address")
    for address in addresses:
        try:
            return await _open(address), address
        except OSError as error:
            problem = error
            if error.errno not in NO_WAY:
                break
    raise problem


async def _open(address: Address) -> socket.socket:
    channel = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        channel.settimeout(0)
        await asyncio.get_running_loop().sock_connect(channel, address.place)
        itself = channel.getsockname() == channel.getpeername()
    except BaseException:
        channel.close()
        raise
    if itself:
        channel.close()
        raise SelfConnected(errno.ECONNREFUSED, "nobody listens")
    return channel


class NoTls(OSError):
    """There is no TLS connection. ``spoken`` tells whether what came was TLS nevertheless, None when nothing came."""

    def __init__(self, reason: str, *, spoken: bool | None) -> None:
        super().__init__(reason)
        self.spoken = spoken


class SecureStream:
    """TLS over a stream, for looking and for asking the time: no certificate is verified, any version is taken."""

    def __init__(self, stream: Stream, server_name: str | None) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _context().wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    async def handshake(self) -> None:
        """Shake hands. Raises NoTls, OSError. OpenSSL bounds what a server may send before it gives up."""
        begun = b""
        while True:
            try:
                self._tls.do_handshake()
                await self._flush()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._stream.receive(_CHUNK)
                begun = (begun + data)[:2]
                if not data:
                    raise NoTls("closed", spoken=_spoken(begun)) from None
                self._incoming.write(data)
            except ssl.SSLError as error:
                raise NoTls(error.reason or "TLS error", spoken=_spoken(begun)) from error
            else:
                return

    @property
    def version(self) -> str:
        """The protocol version that was agreed on, such as TLSv1.3."""
        return self._tls.version() or ""

    @property
    def certificate(self) -> bytes | None:
        """The server's certificate as DER, unverified."""
        return self._tls.getpeercert(binary_form=True)

    async def send(self, data: bytes) -> None:
        """Send all of ``data``, less than a record. Raises OSError."""
        self._tls.write(data)
        await self._flush()

    async def receive(self, most: int) -> bytes:
        """Return at least one byte, at most ``most``; nothing at the end. Raises OSError."""
        while True:
            try:
                return self._tls.read(most)
            except ssl.SSLWantReadError:
                data = await self._stream.receive(_CHUNK)
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return b""

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._stream.send(self._outgoing.read())


def _spoken(begun: bytes) -> bool | None:
    return begun in _TLS_RECORDS if len(begun) == 2 else None


def _context() -> ssl.SSLContext:
    """Return the weakest settings there are: what is looked at is judged elsewhere, and nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
