"""The NTP client against vectors of the standard, a real chronyd, and a server of our own that lies in every way."""

import socket
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.network.queries import addresses, ntp
from sekisho.network.rules import ntp_packet
from sekisho.network.rules.readings import Answer, Method
from tests.network.daemons import chronyd, free_port, needs_chrony, needs_faketime
from tests.network.listeners import PATIENCE, TimeServer
from tests.network.servers import LOOPBACK

QUICK = ntp.Asking(samples=3, timeout=PATIENCE, gap=0.0)
HASTY = ntp.Asking(samples=1, timeout=0.3, gap=0.0)  # where no answer is what is wanted
SECOND = 2**32
NONCE = b"abcdefgh"
# What a real chronyd 4.3 sent: set by "local stratum 3", and one without any source.
CHRONY_SET = bytes.fromhex(
    "240300e600000000000000007f7f0101eead50709738a0b46162636465666768eead50728ba037dfeead50728ba2f480"
)
CHRONY_UNSET = bytes.fromhex(
    "e40000e600010000000100000000000000000000000000006162636465666768eead50728b92e9d1eead50728b980dce"
)


def close_to(reading: float | None, shift: float, uncertainty: float | None) -> bool:
    """Tell whether a reading is right within what it says of itself."""
    assert reading is not None and uncertainty is not None
    return abs(reading - shift) <= uncertainty + 1e-5  # our clock counts microseconds


# Time stamps


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [  # RFC 5905 figure 4
        (datetime(1970, 1, 1, tzinfo=UTC), 2_208_988_800),
        (datetime(1972, 1, 1, tzinfo=UTC), 2_272_060_800),
        (datetime(1999, 12, 31, tzinfo=UTC), 3_155_587_200),
        (datetime(2036, 2, 8, tzinfo=UTC), 63_104),
        (datetime(1900, 1, 1, tzinfo=UTC), 0),
        (datetime(1899, 12, 31, tzinfo=UTC), 2**32 - 86_400),
    ],
)
def test_time_stamps_of_the_standard(moment: datetime, seconds: int) -> None:
    assert ntp_packet.stamp(moment) == seconds * SECOND
    assert ntp_packet.moment(seconds * SECOND, near=moment + timedelta(days=20_000)) == moment


def test_fractions_are_binary() -> None:
    half = datetime(2026, 11, 22, 0, 0, 0, 500_000, tzinfo=UTC)
    assert ntp_packet.stamp(half) % SECOND == SECOND // 2
    assert ntp_packet.stamp(half + timedelta(microseconds=250_000)) % SECOND == 3 * SECOND // 4


def test_an_era_ends_and_nothing_happens() -> None:
    before = ntp_packet.stamp(datetime(2036, 2, 7, 6, 28, 15, tzinfo=UTC))
    after = ntp_packet.stamp(datetime(2036, 2, 7, 6, 28, 17, tzinfo=UTC))
    assert before == (2**32 - 1) * SECOND and after == SECOND
    assert ntp_packet.difference(after, before) == 2 * SECOND
    assert ntp_packet.difference(before, after) == -2 * SECOND
    # Asked at the last second of the era, answered in the next: the server is 1 s ahead, half a second each way.
    assert ntp_packet.offset_and_delay(before, before + 3 * SECOND // 2, after, SECOND // 2) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((0, 0, 0, 0), (0.0, 0.0)),
        ((100, 110, 111, 121), (0.0, 20.0)),  # the same clock, ten seconds each way, one in between
        ((100, 105, 105, 100), (5.0, 0.0)),
        ((100, 95, 96, 103), (-6.0, 2.0)),
        ((100, 120, 120, 120), (10.0, 20.0)),  # all of the delay on one way: off by half of it
    ],
)
def test_offset_and_delay(times: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    asked, received, sent, answered = (time * SECOND for time in times)
    assert ntp_packet.offset_and_delay(asked, received, sent, answered) == expected


moments = st.integers(0, 130 * 366 * 86_400).map(
    lambda second: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
ways = st.floats(0, 30)
TEN_YEARS = 10 * 366 * 86_400


@settings(deadline=None)
@given(moments, st.floats(-TEN_YEARS, TEN_YEARS), ways, ways, ways)
def test_any_shift_is_found_within_half_the_delay(
    moment: datetime, shift: float, there: float, kept: float, back: float
) -> None:
    """However unequal the ways, and whatever era it is."""
    later = ntp_packet.later_by
    asked = ntp_packet.stamp(moment)
    received = later(later(asked, there), shift)
    sent, answered = later(received, kept), later(asked, there + kept + back)
    offset, delay = ntp_packet.offset_and_delay(asked, received, sent, answered)
    rounding = 5 / SECOND
    assert delay == pytest.approx(there + back, abs=1e-6)
    assert abs(offset - shift) <= delay / 2 + rounding + abs(shift) * 1e-15


@settings(deadline=None)
@given(moments, moments)
def test_a_stamp_finds_its_moment_again(moment: datetime, near: datetime) -> None:
    if abs(moment - near) < timedelta(days=68 * 365):
        assert abs(ntp_packet.moment(ntp_packet.stamp(moment), near) - moment) < timedelta(microseconds=2)


# Packets


def test_a_question_gives_nothing_away() -> None:
    question = ntp_packet.request(NONCE)
    assert question == b"\x23" + bytes(39) + NONCE
    with pytest.raises(ValueError, match="zero"):
        ntp_packet.request(bytes(8))


def test_a_packet_of_a_real_server() -> None:
    reply = ntp_packet.parse(CHRONY_SET)
    assert (reply.leap, reply.version, reply.mode, reply.stratum) == (0, 4, 4, 3)
    assert reply.precision == 2.0**-26 and ntp_packet.root_distance(reply) == 0
    assert ntp_packet.reference_name(reply) == "127.127.1.1"
    seen = ntp_packet.moment(reply.received, near=datetime(2026, 1, 1, tzinfo=UTC))
    assert seen.replace(microsecond=0) == datetime(2026, 11, 22, 11, 28, 50, tzinfo=UTC)
    assert ntp_packet.usable(reply, NONCE) == (Answer.TIME, "")
    assert ntp_packet.usable(reply, b"hgfedcba")[0] is Answer.WRONG_ORIGIN


def test_a_server_without_a_source_is_no_kiss() -> None:
    """A real chronyd says stratum 0 with leap 3 and no letters."""
    reply = ntp_packet.parse(CHRONY_UNSET)
    assert (reply.leap, reply.stratum, reply.reference) == (3, 0, bytes(4))
    assert ntp_packet.usable(reply, NONCE)[0] is Answer.UNSYNCHRONISED


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_no_bytes_bring_the_parser_down(data: bytes) -> None:
    try:
        reply = ntp_packet.parse(data)
    except ntp_packet.NotNtp:
        return
    assert ntp_packet.usable(reply, b"12345678")[0] is not Answer.TIME or b"12345678" in data


# A server of our own


@pytest.mark.parametrize("shift", [0.0, 3.25, -0.75, -5 * 365 * 86_400.0, 40 * 365 * 86_400.0])
def test_a_shifted_server(shift: float) -> None:
    """Forty years on is the next era."""
    with TimeServer(shift).running() as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
    assert read.answer is Answer.TIME
    assert close_to(read.offset, shift, read.uncertainty)
    assert read.facts["samples"] == {"time": 3} and read.facts["stratum"] == 2


def test_the_platform_is_the_one_that_is_off() -> None:
    """The offset is source minus platform, and the platform's clock is the kernel's."""
    wrong = clock.now() - timedelta(hours=5)
    with TimeServer().running() as port, clock.use(clock.FixedClock(wrong)):
        read = ntp.ask(LOOPBACK, port, ntp.Asking(1, PATIENCE))
        now = wrong + timedelta(hours=5)
    assert read.offset is not None and read.uncertainty is not None
    later = (clock.now() - now).total_seconds()
    assert 5 * 3600 - read.uncertainty - 1e-5 <= read.offset <= 5 * 3600 + later + read.uncertainty


def test_what_the_server_keeps_is_no_delay() -> None:
    with TimeServer(7.5, pause=0.2).running() as port:
        read = ntp.ask(LOOPBACK, port, ntp.Asking(1, PATIENCE))
    assert close_to(read.offset, 7.5, read.uncertainty)


def patched(reply: bytes, at: int, value: bytes) -> bytes:
    return reply[:at] + value + reply[at + len(value) :]


def sent_after_arrival(reply: bytes, seconds: int) -> bytes:
    return patched(reply, 40, struct.pack(">Q", int.from_bytes(reply[32:40]) + seconds * SECOND))


KISS = b"DENY" + bytes(8)


MISCHIEF: dict[str, tuple[Callable[[bytes, bytes], list[bytes]], Answer]] = {
    "forged origin": (lambda _q, r: [patched(r, 24, b"notyours")], Answer.WRONG_ORIGIN),
    "forged kiss": (lambda _q, r: [patched(patched(r, 1, b"\0"), 12, KISS + b"notyours")], Answer.WRONG_ORIGIN),
    "kiss": (lambda _q, r: [patched(patched(r, 1, b"\0"), 12, b"RATE")], Answer.KISS),
    "stratum 16": (lambda _q, r: [patched(r, 1, b"\x10")], Answer.UNSYNCHRONISED),
    "alarm": (lambda _q, r: [patched(r, 0, b"\xe4")], Answer.UNSYNCHRONISED),
    "far root": (lambda _q, r: [patched(r, 4, struct.pack(">II", 0, 20 << 16))], Answer.UNSYNCHRONISED),
    "short": (lambda _q, r: [r[:47]], Answer.MALFORMED),
    "odd length": (lambda _q, r: [r + b"x"], Answer.MALFORMED),
    "garbage": (lambda _q, _r: [b"\xff" * 48], Answer.MALFORMED),
    "empty": (lambda _q, _r: [b""], Answer.MALFORMED),
    "echo": (lambda q, _r: [q], Answer.MALFORMED),  # mode 3: a client's packet
    "broadcast": (lambda _q, r: [patched(r, 0, b"\x25")], Answer.MALFORMED),
    "version 0": (lambda _q, r: [patched(r, 0, b"\x04")], Answer.MALFORMED),
    "no stamps": (lambda _q, r: [patched(r, 32, bytes(16))], Answer.MALFORMED),
    "sent first": (lambda _q, r: [sent_after_arrival(r, -1)], Answer.IMPOSSIBLE),
    "kept too long": (lambda _q, r: [sent_after_arrival(r, 99)], Answer.IMPOSSIBLE),
}


@pytest.mark.parametrize("name", MISCHIEF)
def test_what_cannot_be_used_is_named(name: str) -> None:
    """Sent so often that the client gives up on the flood, so that no test waits."""
    change, expected = MISCHIEF[name]
    with TimeServer(change=lambda question, reply: change(question, reply) * 64).running() as port:
        read = ntp.ask(LOOPBACK, port, ntp.Asking(1, PATIENCE))
    assert (read.answer, read.offset, read.uncertainty) == (expected, None, None)


def test_silence() -> None:
    with TimeServer(change=lambda _question, _reply: []).running() as port:
        read = ntp.ask(LOOPBACK, port, HASTY)
    assert (read.answer, read.facts["samples"]) == (Answer.NO_ANSWER, {"no_answer": 1})


@pytest.mark.parametrize("before", ["forged origin", "forged kiss", "short", "garbage", "empty"])
def test_forged_replies_do_not_keep_the_true_one_out(before: str) -> None:
    mischief = MISCHIEF[before][0]
    server = TimeServer(-2.0, change=lambda question, reply: [*mischief(question, reply) * 5, reply])
    with server.running() as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
    assert read.answer is Answer.TIME and close_to(read.offset, -2.0, read.uncertainty)
    assert read.facts["forged"] == 15


def test_a_flood_of_forged_replies_ends() -> None:
    server = TimeServer(change=lambda _question, reply: [patched(reply, 24, b"notyours")] * 200)
    with server.running() as port:
        read = ntp.ask(LOOPBACK, port, ntp.Asking(1, PATIENCE))
    assert read.answer is Answer.WRONG_ORIGIN and read.facts["forged"] == 64


def test_a_kiss_ends_the_asking() -> None:
    """RFC 5905 section 7.4: whoever is told to go away goes."""
    server = TimeServer(change=MISCHIEF["kiss"][0])
    with server.running() as port:
        read = ntp.ask(LOOPBACK, port, ntp.Asking(8, PATIENCE, 0))
    assert (read.answer, read.detail, len(server.questions)) == (Answer.KISS, "RATE", 1)


def test_every_question_has_its_own_nonce() -> None:
    server = TimeServer()
    with server.running() as port:
        ntp.ask(LOOPBACK, port, ntp.Asking(6, PATIENCE, 0))
    assert len({question[40:] for question in server.questions}) == 6
    assert all(question[:40] == b"\x23" + bytes(39) for question in server.questions)


def test_lost_samples_do_not_lose_the_server() -> None:
    """The first reply is lost."""
    server = TimeServer(1.0)
    server.change = lambda _question, reply: [reply] if len(server.questions) > 1 else []
    with server.running() as port:
        read = ntp.ask(LOOPBACK, port, ntp.Asking(2, 2.0, 0))
    assert read.answer is Answer.TIME and read.facts["samples"] == {"time": 1, "no_answer": 1}


def test_nobody_listens() -> None:
    read = ntp.ask(LOOPBACK, free_port(), QUICK)
    assert (read.answer, read.facts["samples"]) == (Answer.REFUSED, {"refused": 1})


def test_no_way_there() -> None:
    """The kernel refuses to send to everybody, so nothing leaves."""
    assert ntp.ask("255.255.255.255", 123, HASTY).answer is Answer.UNREACHABLE


def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_args: object, **_kwargs: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", nobody)
    assert ntp.ask("clock.example", 123, HASTY).answer is Answer.UNRESOLVED


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    released, real = threading.Event(), socket.getaddrinfo

    def hanging(host: str, port: int, **kwargs: int) -> object:
        if kwargs["flags"] == socket.AI_NUMERICHOST:
            return real(host, port, **kwargs)
        released.wait(PATIENCE)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", hanging)
    read = ntp.ask("clock.example", 123, ntp.Asking(1, 0.1, 0, resolve=0.1))
    released.set()
    assert read.answer is Answer.UNRESOLVED


def test_an_address_in_digits_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = socket.getaddrinfo

    def watched(host: str, port: int, **kwargs: int) -> object:
        asked.append(kwargs["flags"])
        return real(host, port, **kwargs)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", watched)
    found = [addresses.resolve(host, 123, socket.SOCK_DGRAM) for host in ("127.0.0.1", "::1")]
    assert [one.ip for (one,) in found] == ["127.0.0.1", "::1"]
    assert asked == [socket.AI_NUMERICHOST] * 2


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 64 + ".example", "\ud800.example"])
def test_names_that_are_none(name: str) -> None:
    assert ntp.ask(name, 123, HASTY).answer is Answer.UNRESOLVED


def test_the_quickest_sample_counts() -> None:
    """What a slow way adds to the offset is in its delay (RFC 5905 section 10)."""
    reply = ntp_packet.parse(CHRONY_SET)
    samples = [
        ntp.Sample(Answer.TIME, "", offset, delay, reply) for offset, delay in [(0.4, 0.9), (0.1, 0.2), (0.3, 0.8)]
    ]
    read = ntp._reading("x", samples, LOOPBACK)
    assert read.offset == 0.1 and read.facts["delay_seconds"] == 0.2
    assert read.uncertainty is not None and read.uncertainty > 0.1  # half the delay, and what the others differ


def test_what_the_server_does_not_know_itself_is_uncertain_too() -> None:
    """Half its root delay and its root dispersion (RFC 5905 section 11.2)."""
    far = struct.pack(">II", 1 << 16, 1 << 14)
    with TimeServer(change=lambda _question, reply: [patched(reply, 4, far)]).running() as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
    assert read.facts["root_distance_seconds"] == 0.75
    assert read.uncertainty is not None and read.uncertainty >= 0.75


def test_several_servers_in_their_order() -> None:
    with TimeServer(5.0).running() as ahead, TimeServer(-5.0).running() as behind:
        places = [(LOOPBACK, ahead), (LOOPBACK, free_port()), (LOOPBACK, behind)]
        read = ntp.ask_all(places, QUICK)
    assert [one.answer for one in read] == [Answer.TIME, Answer.REFUSED, Answer.TIME]
    assert [one.name for one in read] == [f"{LOOPBACK}:{port}" for _host, port in places]
    assert (read[0].offset or 0) > 0 > (read[2].offset or 0)
    assert ntp.ask_all([]) == ()


def test_the_longest_wait_is_known() -> None:
    assert ntp.Asking(4, 2.0, 2.0, 5.0).longest == 5 + 4 * 2 + 3 * 2
    with pytest.raises(ValueError, match="sample"):
        ntp.Asking(samples=0)


# A real chronyd


@needs_chrony
@pytest.mark.processes
def test_a_real_server(tmp_path: Path) -> None:
    with chronyd(tmp_path) as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
        host = ntp.ask_host(LOOPBACK, port, QUICK)
    assert read.answer is Answer.TIME and close_to(read.offset, 0, read.uncertainty)
    assert (read.facts["stratum"], read.facts["version"], read.facts["reference"]) == (3, 4, "127.127.1.1")
    assert (host.method, host.answer) == (Method.NTP, Answer.TIME)


@needs_chrony
@needs_faketime
@pytest.mark.processes
@pytest.mark.parametrize("shift", [90, -3600, -10 * 365 * 86_400, 10 * 366 * 86_400])
def test_a_real_server_whose_clock_is_wrong(tmp_path: Path, shift: int) -> None:
    """In ten years it is era 1 (from 2036-02-07)."""
    with chronyd(tmp_path, shift) as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
    assert read.answer is Answer.TIME and close_to(read.offset, shift, read.uncertainty)


@needs_chrony
@pytest.mark.processes
def test_a_real_server_without_a_source(tmp_path: Path) -> None:
    with chronyd(tmp_path, local=False) as port:
        read = ntp.ask(LOOPBACK, port, QUICK)
    assert (read.answer, read.offset) == (Answer.UNSYNCHRONISED, None)
