"""Clocks of hosts, read by SMB2 from a real smbd and by HTTP from nginx, Caddy and servers that say odd things."""

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.network.queries import host_clock
from sekisho.network.rules import smb2_negotiate
from sekisho.network.rules.readings import Answer, HostReading, Method
from tests.network.daemons import beside, daemon, free_port, needs_faketime, needs_smbd, shifted, smbd
from tests.network.listeners import PATIENCE, Listener, says, silent
from tests.network.servers import LOOPBACK, find_nginx, identity

NGINX = find_nginx()
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx: none here")
# What a real smbd 4.17 sent at 2026-11-22 11:36:34 UTC, cut before its security buffer, its GUID blanked.
SMBD = bytes.fromhex(
    "000000fefe534d4240000000000000000000010001000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000041000100110301000000000000000000000000000000000007000000"
    "0000800000008000000080005447f4b9757add0100000000000000008000"
)


def right(read: HostReading, shift: float) -> bool:
    """Tell whether a reading is right within what it says of itself."""
    assert read.answer is Answer.TIME, read
    assert read.offset is not None and read.uncertainty is not None
    return abs(read.offset - shift) <= read.uncertainty + 1e-5


# SMB2


@needs_smbd
@pytest.mark.processes
@pytest.mark.parametrize("settings", [(), ("server min protocol = SMB3_11",), ("server max protocol = SMB2_02",)])
def test_a_real_samba(tmp_path: Path, settings: tuple[str, ...]) -> None:
    dialect = {(): "0x0311", ("server max protocol = SMB2_02",): "0x0202"}.get(settings, "0x0311")
    with smbd(tmp_path, 0, *settings) as port:
        read = host_clock.by_smb2(LOOPBACK, port, PATIENCE)
    assert right(read, 0) and (read.method, read.facts["dialect"]) == (Method.SMB2, dialect)
    assert (read.uncertainty or 0) >= 0.008  # one tick of Windows, halved


@needs_smbd
@needs_faketime
@pytest.mark.processes
@pytest.mark.parametrize("shift", [45, -400 * 86_400])
def test_a_real_samba_whose_clock_is_wrong(tmp_path: Path, shift: int) -> None:
    with smbd(tmp_path, shift) as port:
        assert right(host_clock.by_smb2(LOOPBACK, port, PATIENCE), shift)


def answer(system_time: int, *, status: int = 0, magic: bytes = b"\xfeSMB", flags: int = 1, size: int = 65) -> bytes:
    header = struct.pack("<4sHHIHHIIQIIQ16s", magic, 64, 0, status, 0, 1, flags, 0, 0, 0, 0, 0, bytes(16))
    body = struct.pack("<HHHH16sIIIIQQ", size, 1, 0x0302, 0, bytes(16), 0, 0, 0, 0, system_time, 0) + bytes(8)
    return struct.pack(">I", len(header + body)) + header + body


def test_a_filetime_of_the_standard() -> None:
    """1970-01-01 is 116444736000000000; a server may also say nothing."""
    assert smb2_negotiate.parse(answer(116_444_736_000_000_000)).system_time == datetime(1970, 1, 1, tzinfo=UTC)
    assert smb2_negotiate.parse(answer(0)).system_time is None
    assert smb2_negotiate.parse(answer(2**64 - 1)).system_time is None


def test_an_answer_of_a_real_samba() -> None:
    said = smb2_negotiate.parse(SMBD)
    assert said.dialect == 0x0311
    assert said.system_time == datetime(2026, 11, 22, 11, 36, 34, 53_922, tzinfo=UTC)


def test_a_question_is_what_windows_sends() -> None:
    question = smb2_negotiate.request(b"g" * 16, b"s" * 32)
    assert int.from_bytes(question[:4], "big") == len(question) - 4
    message = question[4:]
    assert message[:4] == b"\xfeSMB" and struct.unpack_from("<HH", message, 64) == (36, 5)
    assert struct.unpack_from("<5H", message, 100) == (0x0202, 0x0210, 0x0300, 0x0302, 0x0311)
    offset, count = struct.unpack_from("<IH", message, 64 + 28)
    assert (offset % 8, count) == (0, 2)
    assert struct.unpack_from("<HH", message, offset) == (1, 38)  # SHA-512 with a salt of 32 bytes
    assert struct.unpack_from("<HH", message, offset + 8 + 40) == (2, 6)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (answer(0), Answer.NO_TIME),
        (answer(1, status=0xC00000BB), Answer.MALFORMED),  # no common dialect
        (answer(1, magic=b"\xffSMB"), Answer.MALFORMED),  # SMB1
        (answer(1, flags=0), Answer.MALFORMED),  # a question sent back
        (answer(1, size=9), Answer.MALFORMED),
        (struct.pack(">I", 20) + bytes(20), Answer.MALFORMED),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Answer.MALFORMED),
        (b"\x00\xff\xff\xff" + bytes(100), Answer.MALFORMED),  # 16 MiB announced
    ],
)
def test_answers_of_port_445_that_hold_no_time(sent: bytes, expected: Answer) -> None:
    with Listener(says(sent)).running() as port:
        assert host_clock.by_smb2(LOOPBACK, port, PATIENCE).answer is expected


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_bring_the_smb_parser_down(data: bytes) -> None:
    with suppress(smb2_negotiate.NotSmb2):
        smb2_negotiate.missing(data)
        smb2_negotiate.parse(data)


# HTTP


def saying(date: str, *more: str) -> Callable[[socket.socket], None]:
    lines = ["HTTP/1.1 404 Not Found", f"Date: {date}", *more, "", ""]
    return says("\r\n".join(lines).encode())


def http_date(shift: float = 0.0) -> str:
    return format_datetime(clock.now() + timedelta(seconds=shift), usegmt=True)


class Dated:
    """Answers with the present second, shifted."""

    def __init__(self, shift: float) -> None:
        self.shift = shift

    def __call__(self, channel: socket.socket) -> None:
        channel.recv(4096)
        saying(http_date(self.shift))(channel)


@pytest.mark.parametrize("shift", [0, 90, -7 * 86_400])
def test_the_date_of_an_answer(shift: int) -> None:
    with Listener(Dated(shift)).running() as port:
        read = host_clock.by_http(LOOPBACK, port, PATIENCE)
    assert right(read, shift)
    assert (read.uncertainty or 0) >= 0.5 and read.facts["resolution_seconds"] == 1.0


@settings(deadline=None)
@given(st.integers(0, 999_999), st.floats(-1e6, 1e6), st.floats(0, 5))
def test_the_second_is_never_taken_for_more_than_it_says(micro: int, shift: float, took: float) -> None:
    """Wherever in the second the server read its clock, the truth lies within the uncertainty."""
    asked = datetime(2026, 11, 22, 3, 4, 5, micro, tzinfo=UTC)
    exchange = host_clock._Exchange(asked, took, b"")
    for part in (0.0, 0.5, 1.0):
        truth = asked + timedelta(seconds=took * part + shift)
        said = truth.replace(microsecond=0)
        read = host_clock._reading("h", Method.HTTP_DATE, exchange, said, 1.0, {})
        assert read.offset is not None and read.uncertainty is not None
        assert abs(read.offset - shift) <= read.uncertainty + 3e-6


NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


def cut_short(channel: socket.socket) -> None:
    channel.recv(4096)
    channel.sendall(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("talk", "expected", "detail"),
    [
        (saying(NOON, "Age: 40"), Answer.NO_TIME, "from a cache"),
        (saying(NOON, f"Date: {NOON}"), Answer.NO_TIME, "no Date that can be used"),
        (saying("Sun, 22 Nov 2026 12:00:00 +0900"), Answer.NO_TIME, "no Date that can be used"),
        (saying("Sun, 32 Nov 2026 12:00:00 GMT"), Answer.NO_TIME, "no Date that can be used"),
        (says(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"), Answer.NO_TIME, "no Date"),
        (says(b"SSH-2.0-OpenSSH\r\n\r\n"), Answer.NO_TIME, "no HTTP"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9000), Answer.MALFORMED, "endless"),
        (cut_short, Answer.MALFORMED, "cut short"),
    ],
)
def test_answers_that_hold_no_time(talk: Callable[[socket.socket], None], expected: Answer, detail: str) -> None:
    with Listener(talk).running() as port:
        read = host_clock.by_http(LOOPBACK, port, PATIENCE)
    assert (read.answer, read.detail, read.offset) == (expected, detail, None)


def test_age_zero_is_fresh() -> None:
    with Listener(saying(http_date(), "Age: 0")).running() as port:
        assert host_clock.by_http(LOOPBACK, port, PATIENCE).answer is Answer.TIME


def test_silence_and_nobody() -> None:
    with Listener(silent).running() as port:
        assert host_clock.by_http(LOOPBACK, port, 0.2).answer is Answer.NO_ANSWER
        assert host_clock.by_smb2(LOOPBACK, port, 0.2).answer is Answer.NO_ANSWER
    assert host_clock.by_http(LOOPBACK, free_port(socket.SOCK_STREAM), PATIENCE).answer is Answer.REFUSED
    assert host_clock.by_http("", 80, PATIENCE).answer is Answer.UNRESOLVED


def test_over_tls(tmp_path: Path) -> None:
    who = identity("emr.example.jp")
    certificate, key = who.write(tmp_path, "http")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def talk(channel: socket.socket) -> None:
        with context.wrap_socket(channel, server_side=True) as secure:
            Dated(-20)(secure)

    with Listener(talk).running() as port:
        assert right(host_clock.by_http(LOOPBACK, port, PATIENCE, tls=True), -20)
        assert host_clock.by_http(LOOPBACK, port, PATIENCE).answer is not Answer.TIME
    with Listener(Dated(0)).running() as port:
        assert host_clock.by_http(LOOPBACK, port, PATIENCE, tls=True).answer is Answer.NO_TIME


@pytest.fixture
def nginx_configuration(tmp_path: Path) -> tuple[Path, int]:
    port = free_port(socket.SOCK_STREAM)
    text = f"""
        daemon off; worker_processes 1; pid {tmp_path}/pid; error_log stderr;
        events {{ worker_connections 16; }}
        http {{ access_log off; client_body_temp_path {tmp_path}/a; proxy_temp_path {tmp_path}/b;
          fastcgi_temp_path {tmp_path}/c; uwsgi_temp_path {tmp_path}/d; scgi_temp_path {tmp_path}/e;
          server {{ listen {LOOPBACK}:{port}; location / {{ return 204; }} }} }}
    """
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(text)
    return configuration, port


@needs_nginx
@pytest.mark.processes
@pytest.mark.parametrize("shift", [0, pytest.param(40, marks=needs_faketime)])
def test_a_real_web_server(nginx_configuration: tuple[Path, int], shift: int) -> None:
    configuration, port = nginx_configuration

    def ready() -> bool:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return True
        return False

    command = [str(NGINX), "-c", str(configuration), "-e", "stderr"]
    with daemon(command, ready, shifted(beside(str(NGINX)), shift)):
        assert right(host_clock.by_http(LOOPBACK, port, PATIENCE), shift)
