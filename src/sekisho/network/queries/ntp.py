"""Asking time servers by NTP (RFC 5905): several samples each, bounded in time, from an ordinary port.

A reply counts only when it carries back the random bytes we sent, so nobody who cannot see our packets can forge one.
No clock is ever set here.
"""

import errno
import math
import secrets
import socket
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.network.queries.addresses import Address, Unresolved, resolve
from sekisho.network.rules import ntp_packet
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading

PORT = 123
_LARGEST = 2048  # bytes taken of one datagram; a header has 48
_MOST_DATAGRAMS = 64  # looked at per question, so that a flood of forged replies cannot keep us busy
_AT_ONCE = 8  # servers


@dataclass(frozen=True, slots=True)
class Asking:
    """How often a server is asked. ``gap`` seconds lie between two questions (RFC 5905 bursts use two).

    ``timeout`` and ``resolve`` bound one reply and the look-up of the name, in seconds.
    """

    samples: int = 4
    timeout: float = 2.0
    gap: float = 2.0
    resolve: float = 5.0

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError("at least one sample")

    @property
    def longest(self) -> float:
        """Seconds after which an answer about one server is there at the latest."""
        return self.resolve + self.samples * self.timeout + max(0, self.samples - 1) * self.gap


@dataclass(frozen=True, slots=True)
class Sample:
    """One exchange: TIME with offset and delay in seconds, or why there is no time."""

    answer: Answer
    detail: str = ""
    offset: float = 0.0
    delay: float = 0.0
    reply: ntp_packet.Reply | None = None
    forged: int = 0


def ask_all(servers: Sequence[tuple[str, int]], asking: Asking | None = None) -> tuple[SourceReading, ...]:
    """Ask several servers (host, port) at the same time and return what each said, in their order."""
    if not servers:
        return ()
    with ThreadPoolExecutor(min(_AT_ONCE, len(servers)), thread_name_prefix="ntp") as pool:
        return tuple(pool.map(lambda server: ask(server[0], server[1], asking), servers))


def ask(host: str, port: int = PORT, asking: Asking | None = None) -> SourceReading:
    """Ask one server and return its best sample, the one with the smallest delay (RFC 5905 section 10).

    Never raises for what a network or a server can do, and ends within ``asking.longest`` seconds.
    """
    how = asking or Asking()
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        addresses = resolve(host, port, socket.SOCK_DGRAM, how.resolve)
    except Unresolved as error:
        return SourceReading(name, Answer.UNRESOLVED, detail=str(error))
    try:
        channel = _connect(addresses)
    except OSError as error:
        return SourceReading(name, Answer.UNREACHABLE, detail=error.strerror or str(error))
    with channel:
        return _reading(name, _samples(channel, how), channel.getpeername()[0])


def ask_host(host: str, port: int = PORT, asking: Asking | None = None) -> HostReading:
    """Read the clock of a host that serves time itself, such as a router or a domain controller."""
    read = ask(host, port, asking)
    return HostReading(host, Method.NTP, read.answer, read.offset, read.uncertainty, read.detail, read.facts)


def _connect(addresses: Sequence[Address]) -> socket.socket:
    """Return a socket that hears the first address to which there is a way, and nobody else. Raises OSError."""
    problem: OSError = OSError("no address")
    for address in addresses:
        channel = socket.socket(address.family, socket.SOCK_DGRAM)
        try:
            channel.connect(address.place)
        except OSError as error:
            channel.close()
            problem = error
        else:
            return channel
    raise problem


def _samples(channel: socket.socket, how: Asking) -> list[Sample]:
    """Ask until there are enough samples. A kiss-o'-death ends it at once (RFC 5905 section 7.4)."""
    samples: list[Sample] = []
    for number in range(how.samples):
        if number:
            time.sleep(how.gap)
        samples.append(exchange(channel, how.timeout))
        if samples[-1].answer in {Answer.KISS, Answer.REFUSED, Answer.UNREACHABLE}:
            break
    return samples


def exchange(channel: socket.socket, timeout: float) -> Sample:
    """Ask once on a connected socket and wait for the reply that is ours, at most ``timeout`` seconds.

    T1 is read from the platform's clock between two readings of a steady one, and T4 is T1 plus all the time since the
    first: what the machine loses in between makes the delay longer, and never the offset wrong by more than half of it.
    """
    nonce = secrets.token_bytes(8)
    began = time.monotonic()
    asked = ntp_packet.stamp(clock.now())
    deadline = began + timeout
    sample, forged = Sample(Answer.NO_ANSWER), 0
    try:
        channel.send(ntp_packet.request(nonce))
        for _datagram in range(_MOST_DATAGRAMS):
            if (left := deadline - time.monotonic()) <= 0:
                break
            channel.settimeout(left)
            data = channel.recv(_LARGEST)
            sample = _sample(data, nonce, asked, time.monotonic() - began)
            if sample.answer not in {Answer.WRONG_ORIGIN, Answer.MALFORMED}:
                break
            forged += 1  # anybody can send such: the true reply may still come
    except TimeoutError:
        pass
    except OSError as error:
        sample = Sample(_refusal(error), error.strerror or str(error))
    return Sample(sample.answer, sample.detail, sample.offset, sample.delay, sample.reply, forged)


def _sample(data: bytes, nonce: bytes, asked: int, elapsed: float) -> Sample:
    try:
        reply = ntp_packet.parse(data)
    except ntp_packet.NotNtp as error:
        return Sample(Answer.MALFORMED, str(error))
    answer, detail = ntp_packet.usable(reply, nonce)
    if answer is not Answer.TIME:
        return Sample(answer, detail)
    answered = ntp_packet.later_by(asked, elapsed)
    offset, delay = ntp_packet.offset_and_delay(asked, reply.received, reply.sent, answered)
    bounded = ntp_packet.bounded_delay(delay, reply.precision)
    if bounded is None:
        return Sample(Answer.IMPOSSIBLE, f"the server kept it {-delay:.3f} s longer than it took")
    return Sample(Answer.TIME, "", offset, bounded, reply)


def _refusal(error: OSError) -> Answer:
    return Answer.REFUSED if error.errno == errno.ECONNREFUSED else Answer.UNREACHABLE


def _reading(name: str, samples: Sequence[Sample], address: str) -> SourceReading:
    counts = Counter(sample.answer for sample in samples)
    facts: dict[str, Json] = {
        "address": address,
        "samples": {answer.value: count for answer, count in sorted(counts.items())},
        "forged": sum(sample.forged for sample in samples),
    }
    told = [sample for sample in samples if sample.answer is Answer.TIME]
    if not told:
        # What the server itself said outweighs silence; of several the last stands.
        spoke = [sample for sample in samples if sample.answer is not Answer.NO_ANSWER] or list(samples)
        return SourceReading(name, spoke[-1].answer, detail=spoke[-1].detail, facts=facts)
    best = min(told, key=lambda sample: sample.delay)
    jitter = math.sqrt(sum((sample.offset - best.offset) ** 2 for sample in told) / len(told))
    return _told(name, best, jitter, facts)


def _told(name: str, best: Sample, jitter: float, facts: dict[str, Json]) -> SourceReading:
    reply = best.reply
    assert reply is not None  # noqa: S101  # a sample with a time has a reply
    distance = ntp_packet.root_distance(reply)
    facts |= {
        "delay_seconds": best.delay,
        "jitter_seconds": jitter,
        "root_distance_seconds": distance,
        "stratum": reply.stratum,
        "leap": reply.leap,
        "version": reply.version,
        "reference": ntp_packet.reference_name(reply),
    }
    # RFC 5905 section 11.2, root synchronization distance: what the true offset may be away from ours.
    uncertainty = best.delay / 2 + distance + reply.precision + jitter
    return SourceReading(name, Answer.TIME, best.offset, uncertainty, facts=facts)
