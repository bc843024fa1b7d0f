"""NTP packets and the arithmetic of their time stamps (RFC 5905): pure functions, no sockets, no clock.

A time stamp is 64 bits: seconds since 1900-01-01 and a binary fraction, and wraps every 136 years ("era", next on
2036-02-07; RFC 5905 section 6). Differences are therefore taken modulo 2^64 and are right as long as the two clocks are
less than 68 years apart; no era number is ever guessed.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sekisho.network.rules.readings import Answer

LENGTH = 48  # bytes of the header (RFC 5905 section 7.3); extension fields and MACs may follow and are ignored
_LAYOUT = struct.Struct(">BBbbII4s8s8sQQ")
_UNIX_IN_1900 = 2_208_988_800  # seconds from 1900-01-01 to 1970-01-01 (RFC 5905 figure 4)
_ERA = 1 << 64
_SECOND = 1 << 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CLIENT, _SERVER = 3, 4  # association modes (RFC 5905 figure 10)
_UNSYNCHRONISED = 3  # leap indicator (RFC 5905 figure 9)
_HIGHEST_STRATUM = 15  # 16 means unsynchronised (RFC 5905 figure 11)
_MAX_DISTANCE = 16.0  # seconds; RFC 5905 MAXDISP, beyond which the header is not worth using
_CLOCK_NOISE = 0.001  # seconds a delay may fall below zero because two clocks never tick quite alike


class NotNtp(ValueError):
    """The bytes are no NTP packet."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The fields of a packet; times are raw 64-bit stamps, distances are seconds."""

    leap: int
    version: int
    mode: int
    stratum: int
    precision: float
    root_delay: float
    root_dispersion: float
    reference: bytes
    origin: bytes
    received: int
    sent: int


def stamp(moment: datetime) -> int:
    """Return the 64-bit NTP time stamp of an aware ``moment`` (RFC 5905 section 6), whatever its era."""
    microseconds = (moment - _EPOCH) // _MICROSECOND
    return ((microseconds + _UNIX_IN_1900 * 1_000_000) * _SECOND // 1_000_000) % _ERA


def moment(value: int, near: datetime) -> datetime:
    """Return the moment of a stamp in the era that lies within 68 years of ``near``."""
    return near + timedelta(seconds=difference(value, stamp(near)) / _SECOND)


def difference(later: int, earlier: int) -> int:
    """Return ``later`` - ``earlier`` as a signed number of 2^-32 s, right across the end of an era."""
    return (later - earlier + _ERA // 2) % _ERA - _ERA // 2


def later_by(value: int, seconds: float) -> int:
    """Return the stamp ``seconds`` after ``value``."""
    return (value + round(seconds * _SECOND)) % _ERA


def offset_and_delay(asked: int, received: int, sent: int, answered: int) -> tuple[float, float]:
    """Return offset and round-trip delay in seconds from T1, T2, T3, T4 (RFC 5905 section 8).

    The offset is server minus client, and off by at most half the delay however unequal the two ways are.
    """
    there, back = difference(received, asked), difference(sent, answered)
    return (there + back) / 2 / _SECOND, (there - back) / _SECOND


def request(nonce: bytes) -> bytes:
    """Return a client packet whose transmit stamp is ``nonce``, eight random bytes.

    The server copies them into the origin field of its reply. Random bytes say nothing about our clock and cannot be
    guessed from outside, which a real time stamp can (draft-ietf-ntp-data-minimization). Version 4, all else zero.
    """
    if len(nonce) != 8 or not any(nonce):
        raise ValueError("eight bytes that are not all zero")
    return bytes([4 << 3 | _CLIENT]) + bytes(LENGTH - 9) + nonce


def parse(data: bytes) -> Reply:
    """Read a packet (RFC 5905 section 7.3). Raises NotNtp."""
    if len(data) < LENGTH or len(data) % 4:
        raise NotNtp(f"{len(data)} bytes")
    first, stratum, _poll, precision, delay, dispersion, reference, _set, origin, received, sent = _LAYOUT.unpack_from(
        data
    )
    if not 1 <= (version := first >> 3 & 7) <= 4:
        raise NotNtp(f"version {version}")
    return Reply(
        leap=first >> 6,
        version=version,
        mode=first & 7,
        stratum=stratum,
        precision=2.0**precision,
        root_delay=delay / (1 << 16),
        root_dispersion=dispersion / (1 << 16),
        reference=reference,
        origin=origin,
        received=received,
        sent=sent,
    )


def usable(reply: Reply, nonce: bytes) -> tuple[Answer, str]:
    """Return TIME when the reply may be used, else why not, with a word of detail (RFC 5905 sections 7.4, 8, A.5.1.1).

    The origin comes first: a kiss-o'-death or "not synchronised" that anybody could have sent counts for nothing.
    """
    if reply.mode != _SERVER:
        return Answer.MALFORMED, f"mode {reply.mode}"
    if reply.origin != nonce:
        return Answer.WRONG_ORIGIN, ""
    if reply.stratum == 0 and (code := _letters(reply.reference)):
        return Answer.KISS, code
    # chrony without a source answers with stratum 0 and no letters: that is no kiss, its clock is just not set.
    if reply.leap == _UNSYNCHRONISED or not 0 < reply.stratum <= _HIGHEST_STRATUM:
        return Answer.UNSYNCHRONISED, f"leap {reply.leap}, stratum {reply.stratum}"
    if not reply.received or not reply.sent:
        return Answer.MALFORMED, "no time stamps"
    if root_distance(reply) >= _MAX_DISTANCE:
        return Answer.UNSYNCHRONISED, f"root distance {root_distance(reply):.3f} s"
    if difference(reply.sent, reply.received) < 0:
        return Answer.IMPOSSIBLE, "sent before it was received"
    return Answer.TIME, ""


def bounded_delay(delay: float, precision: float) -> float | None:
    """Return a delay that is at least zero, or None when it is so far below that the reply must be wrong."""
    return max(delay, 0.0) if delay >= -(precision + _CLOCK_NOISE) else None


def root_distance(reply: Reply) -> float:
    """Return how far the server says it may be from true time, in seconds (RFC 5905 section 11.2, less our delay)."""
    return reply.root_delay / 2 + reply.root_dispersion


def _letters(reference: bytes) -> str:
    """Return the letters of a kiss-o'-death (DENY, RSTR, RATE …) or of a clock (GPS); nothing when there are none."""
    letters = reference.rstrip(b"\0")
    return letters.decode() if letters.isalnum() else ""


def reference_name(reply: Reply) -> str:
    """Return what the server follows: a clock's letters at stratum 1, else the IPv4 address or hash it gives."""
    letters = _letters(reply.reference) if reply.stratum == 1 else ""
    return letters or ".".join(str(byte) for byte in reply.reference)
