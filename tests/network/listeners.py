"""Servers of our own on loopback: a time server with a shifted clock and any mischief on top, and talkative ports."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.network.servers import LOOPBACK, Identity

UNIX_IN_1900 = 2_208_988_800
PATIENCE = 20.0  # seconds until something that must come is given up

Reply = Callable[[bytes, bytes], list[bytes]]


def honest(question: bytes, reply: bytes) -> list[bytes]:
    """Send the reply as it is."""
    return [reply]


@dataclass
class TimeServer:
    """A time server of our own: the server side of RFC 5905 with a shifted clock, and any mischief on top.

    ``change`` gets the question and the honest reply and returns the datagrams to send. ``pause`` seconds pass between
    arrival and reply, on the server's account.
    """

    shift: float = 0.0
    change: Reply = honest
    pause: float = 0.0
    stratum: int = 2
    leap: int = 0
    reference: bytes = b"\x7f\x00\x00\x01"
    questions: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """Answer on a loopback port until the end of the block."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            channel.bind((LOOPBACK, 0))
            channel.settimeout(0.03)
            self.port = channel.getsockname()[1]
            stop = threading.Event()
            thread = threading.Thread(target=self._serve, args=(channel, stop))
            thread.start()
            try:
                yield self.port
            finally:
                stop.set()
                thread.join()

    def _serve(self, channel: socket.socket, stop: threading.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                question, asker = channel.recvfrom(2048)
                received = self._now()
                self.questions.append(question)
                time.sleep(self.pause)
                for datagram in self.change(question, self._reply(question, received)):
                    channel.sendto(datagram, asker)

    def _now(self) -> int:
        return (time.time_ns() + round(self.shift * 1e9) + UNIX_IN_1900 * 10**9) * 2**32 // 10**9 % 2**64

    def _reply(self, question: bytes, received: int) -> bytes:
        return struct.pack(
            ">BBbbII4sQ8sQQ", self.leap << 6 | 4 << 3 | 4, self.stratum, 0, -20, 0, 0, self.reference, received,
            question[40:48], received, self._now(),
        )  # fmt: skip


@dataclass
class Listener:
    """A TCP server on 127.x.y.z whose ``talk`` handles each connection, in a thread of its own."""

    talk: Callable[[socket.socket], None]
    host: str = LOOPBACK
    port: int = 0
    accepted: int = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """Listen until the end of the block; give the port."""
        stop = threading.Event()
        threads: list[threading.Thread] = []
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((self.host, self.port))
            server.listen(256)
            server.settimeout(0.03)
            self.port = server.getsockname()[1]
            acceptor = threading.Thread(target=self._accept, args=(server, stop, threads))
            acceptor.start()
            try:
                yield self.port
            finally:
                stop.set()
                acceptor.join()
                for thread in threads:
                    thread.join()

    def _accept(self, server: socket.socket, stop: threading.Event, threads: list[threading.Thread]) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                channel, _address = server.accept()
                self.accepted += 1
                thread = threading.Thread(target=self._one, args=(channel,))
                thread.start()
                threads.append(thread)

    def _one(self, channel: socket.socket) -> None:
        channel.settimeout(PATIENCE)
        with contextlib.suppress(OSError), channel:
            self.talk(channel)


def says(*parts: bytes) -> Callable[[socket.socket], None]:
    """Return a talk that sends parts and then waits for the other side to go."""

    def talk(channel: socket.socket) -> None:
        for part in parts:
            channel.sendall(part)
        silent(channel)

    return talk


def silent(channel: socket.socket) -> None:
    """Say nothing, and wait for the other side to go."""
    while channel.recv(4096):
        pass


def endless(channel: socket.socket) -> None:
    """Send without end."""
    while True:
        channel.sendall(b"A" * 1024)


def dripping(channel: socket.socket) -> None:
    """Send one byte now and then, and never a line end."""
    while True:
        channel.sendall(b"z")
        time.sleep(0.05)


def dialogue(*turns: tuple[bytes, int]) -> Callable[[socket.socket], None]:
    """Return a talk that sends something and then reads so many bytes, turn by turn."""

    def talk(channel: socket.socket) -> None:
        for words, expected in turns:
            channel.sendall(words)
            heard = b""
            while len(heard) < expected and (data := channel.recv(expected - len(heard))):
                heard += data
        silent(channel)

    return talk


def speaks_tls(folder: Path, who: Identity) -> Callable[[socket.socket], None]:
    """Return a talk that shakes hands as ``who`` and then waits."""
    certificate, key = who.write(folder, "listener")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def talk(channel: socket.socket) -> None:
        with context.wrap_socket(channel, server_side=True) as secure:
            secure.recv(1)

    return talk
