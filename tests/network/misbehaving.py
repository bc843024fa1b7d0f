"""Servers of our own on loopback: some misbehave, some are very old, some start TLS when asked to."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.network.servers import LOOPBACK, Identity


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each connection by ``serve`` in a thread of its own, and yield the port."""
    listener = socket.create_server((LOOPBACK, 0))
    ended = threading.Event()

    def handle(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            serve(connection)

    def accept() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _address = listener.accept()
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def never_answers(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"\xff\xfe READY 1.0 \x00\x01 who are you?\r\n" * 20)
    connection.recv(4096)


def plain_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def trickle(connection: socket.socket) -> None:
    """A handshake record of the largest size, a byte at a time, for ever."""
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        connection.sendall(b"\x02")
        time.sleep(0.1)


def flood(connection: socket.socket) -> None:
    """Handshake records without end, all of one message that never gets complete."""
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(16380))
    while True:
        connection.sendall(b"\x16\x03\x03\x40\x00" + bytes(16384))


def huge_record(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\xff\xff" + bytes(65535))


def resets(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def half_hello(connection: socket.socket) -> None:
    """The first half of a ServerHello, then silence."""
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x00\x50\x02\x00\x00\x4c\x03\x03" + bytes(20))
    never_answers(connection)


def ssl3_server(connection: socket.socket) -> None:
    """Agrees to SSL 3.0 and nothing else; no library that is shipped today can."""
    hello = connection.recv(4096)
    if hello[9:11] != b"\x03\x00":
        connection.sendall(b"\x15\x03\x00\x00\x02\x02\x46")
        return
    suites = hello[46 : 46 + int.from_bytes(hello[44:46])]
    offered = {suites[place : place + 2] for place in range(0, len(suites), 2)}
    if b"\x00\x05" not in offered:
        connection.sendall(b"\x15\x03\x00\x00\x02\x02\x28")
        return
    body = b"\x03\x00" + bytes(32) + b"\x00" + b"\x00\x05" + b"\x00"
    message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\x00\x00\x00"
    connection.sendall(b"\x16\x03\x00" + len(message).to_bytes(2) + message)
    connection.recv(4096)


def picky(suites: list[int], *, alert: bool = False, most: int = 10_000) -> Callable[[socket.socket], None]:
    """Return a server of TLS 1.2 that picks by its own order and hangs up where others send an alert.

    Microsoft's servers do so. After ``most`` connections it hangs up on everybody, as a busy device does.
    """
    asked = iter(range(10**9))

    def serve(connection: socket.socket) -> None:
        hello = connection.recv(4096)
        number = next(asked)
        offered = {
            int.from_bytes(hello[place : place + 2]) for place in range(46, 46 + int.from_bytes(hello[44:46]), 2)
        }
        is_12 = hello[9:11] == b"\x03\x03" and hello[43] == 0
        chosen = next((suite for suite in suites if suite in offered), None) if is_12 and number < most else None
        if chosen is not None:
            body = b"\x03\x03" + bytes(32) + b"\x00" + chosen.to_bytes(2) + b"\x00"
            message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\x00\x00\x00"
            connection.sendall(b"\x16\x03\x03" + len(message).to_bytes(2) + message)
            connection.recv(4096)
        elif alert:
            connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")

    return serve


def ssl2_server(connection: socket.socket) -> None:
    """Agrees to SSL 2.0 and nothing else."""
    hello = connection.recv(4096)
    if hello[:1] != b"\x80":
        connection.sendall(b"\x15\x03\x00\x00\x02\x02\x46")
        return
    body = b"\x04\x00\x01\x00\x02" + bytes(6)
    connection.sendall((0x8000 | len(body)).to_bytes(2) + body)
    connection.recv(4096)


def tls_context(certificate: Identity, folder: Path, **settings: Any) -> ssl.SSLContext:
    """Return a server's context of Python's own library."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate.write(folder, "own"))
    for name, value in settings.items():
        setattr(context, name, value)
    return context


def only_tls(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """Return a server that does handshakes and nothing else."""

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(4096)

    return serve


def starts_tls(protocol: str, context: ssl.SSLContext, answer: bytes = b"") -> Callable[[socket.socket], None]:
    """Return a server that speaks ``protocol`` up to STARTTLS, then TLS, and gives one ``answer``."""

    def serve(connection: socket.socket) -> None:
        _SPEAK[protocol](connection)
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(4096)
            tls.sendall(answer)

    return serve


def _smtp(connection: socket.socket) -> None:
    connection.sendall(b"220-mail.example.jp\r\n220 ready\r\n")
    connection.recv(4096)
    connection.sendall(b"250-mail.example.jp\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
    connection.recv(4096)
    connection.sendall(b"220 go ahead\r\n")


def _imap(connection: socket.socket) -> None:
    connection.sendall(b"* OK ready\r\n")
    connection.recv(4096)
    connection.sendall(b"* CAPABILITY IMAP4rev1\r\na OK begin\r\n")


def _pop3(connection: socket.socket) -> None:
    connection.sendall(b"+OK ready\r\n")
    connection.recv(4096)
    connection.sendall(b"+OK begin\r\n")


def _ftp(connection: socket.socket) -> None:
    connection.sendall(b"220 ready\r\n")
    connection.recv(4096)
    connection.sendall(b"234 begin\r\n")


def _ldap(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")


def _postgres(connection: socket.socket) -> None:
    connection.recv(8)
    connection.sendall(b"S")


_SPEAK = {"smtp": _smtp, "imap": _imap, "pop3": _pop3, "ftp": _ftp, "ldap": _ldap, "postgres": _postgres}
