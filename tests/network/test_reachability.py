"""The TCP probe against listeners of every temper on loopback, real web servers, and a filtered network."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.network.queries import addresses, dialogues, streams
from sekisho.network.queries.reachability import Limits, probe, profile, sweep
from sekisho.network.rules.exposure import judge
from sekisho.network.rules.exposure_profile import Look, Vantage
from sekisho.network.rules.judged import Level
from sekisho.network.rules.reached import (
    Encryption,
    PortObservation,
    Reached,
    RegisteredEndpoint,
    Target,
    targets,
)
from sekisho.network.rules.sweep import AddressRange, Permit, PermitExpired
from tests.network.daemons import NFT, beside, free_port, namespaces
from tests.network.listeners import PATIENCE, Listener, dialogue, dripping, endless, says, silent, speaks_tls
from tests.network.servers import LOOPBACK, ROOT, Site, caddy, find_nginx, identity, nginx, swallowing

FAST = {"per_second": 1e6, "per_second_per_host": 1e6}
PATIENT = Limits(connect=PATIENCE, listen=PATIENCE, **FAST)
HASTY = Limits(connect=0.4, listen=0.4, **FAST)  # where silence is what is wanted
Talk = Callable[[socket.socket], None]


def look(talk: Talk, how: Look = Look.BANNER, limits: Limits = PATIENT) -> PortObservation:
    """Probe one listener."""
    with Listener(talk).running() as port:
        return probe([Target(LOOPBACK, port, how)], limits)[0]


# What answers


def test_open_refused_and_filtered() -> None:
    with Listener(says(b"SSH-2.0-OpenSSH_9.2\r\n")).running() as port, swallowing() as full:
        closed = free_port(socket.SOCK_STREAM)
        wanted = [Target(LOOPBACK, port, Look.BANNER), Target(LOOPBACK, closed), Target(LOOPBACK, full)]
        seen = probe(wanted, Limits(connect=1.5, listen=PATIENCE, **FAST))
    assert [one.reached for one in seen] == [Reached.OPEN, Reached.REFUSED, Reached.FILTERED]
    assert [(one.host, one.port, one.address) for one in seen] == [(LOOPBACK, one.port, LOOPBACK) for one in wanted]
    assert seen[0].banner == "SSH-2.0-OpenSSH_9.2\\r\\n"


def test_other_loopback_addresses_are_other_hosts() -> None:
    with Listener(silent, "127.0.0.7").running() as port:
        seen = probe([Target("127.0.0.7", port), Target("127.0.0.8", port)], PATIENT)
    assert [one.reached for one in seen] == [Reached.OPEN, Reached.REFUSED]


def test_no_way_there_and_no_name() -> None:
    """The kernel has no way to these; nothing leaves."""
    seen = probe([Target("255.255.255.255", 80), Target("", 80), Target("x" * 64 + ".example", 80)], HASTY)
    assert seen[0].reached in {Reached.UNREACHABLE, Reached.ERROR}
    assert [one.reached for one in seen[1:]] == [Reached.ERROR, Reached.ERROR] and seen[1].detail


def test_a_connection_to_oneself_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client port may be chosen that equals the port it asks: Linux then connects the socket to itself."""
    port = free_port(socket.SOCK_STREAM)

    class Same(socket.socket):
        def connect(self, place: Any) -> None:
            self.bind(place)
            super().connect(place)

    monkeypatch.setattr(streams, "socket", SimpleNamespace(socket=Same, SOCK_STREAM=socket.SOCK_STREAM))
    seen = probe([Target(LOOPBACK, port)], PATIENT)[0]
    assert (seen.reached, seen.detail) == (Reached.REFUSED, "nobody listens")


# What it says


def test_accepts_and_never_speaks() -> None:
    seen = look(silent, limits=HASTY)
    assert (seen.reached, seen.banner, seen.detail) == (Reached.OPEN, "", "silent")


def test_an_endless_banner_is_cut() -> None:
    seen = look(endless)
    assert seen.reached is Reached.OPEN and seen.facts["banner_truncated"] is True
    assert seen.banner == "A" * dialogues.MOST_BANNER


def test_a_dripping_banner_ends_with_the_time() -> None:
    seen = look(dripping, limits=Limits(connect=PATIENCE, listen=1.0, **FAST))
    assert seen.banner.startswith("z") and set(seen.banner) == {"z"} and len(seen.banner) < dialogues.MOST_BANNER


def test_nothing_in_a_banner_acts_on_a_reader() -> None:
    """Terminal sequences, line ends, markup of other alphabets, bidirectional marks."""
    seen = look(says(b"\x1b[2J\x1b]0;owned\x07\x00\xff\xfd\\<b>\xe2\x80\xae\x9b\x7f\n"))
    assert seen.banner == r"\x1b[2J\x1b]0;owned\x07\x00\xff\xfd\\<b>\xe2\x80\xae\x9b\x7f\n"


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_escaped_bytes_are_printable_and_can_be_read_back(data: bytes) -> None:
    text = dialogues.escaped(data)
    assert all(" " <= character <= "~" for character in text)
    assert text.encode().decode("unicode_escape").encode("latin-1") == data


def test_closes_at_once() -> None:
    seen = look(lambda _channel: None)
    assert (seen.reached, seen.detail) == (Reached.OPEN, "closed")


def test_a_plain_look_sends_and_waits_for_nothing() -> None:
    """Printers print what they are sent, and modalities log it."""
    heard = []

    def talk(channel: socket.socket) -> None:
        while data := channel.recv(4096):
            heard.append(data)

    assert look(talk, Look.CONNECT).reached is Reached.OPEN
    assert look(talk, Look.BANNER, HASTY).reached is Reached.OPEN
    assert heard == []


# TLS


@pytest.mark.skipif(find_nginx() is None, reason="nginx: none here")
@pytest.mark.processes
def test_names_of_real_web_servers(tmp_path: Path) -> None:
    who = identity("ehr.example.jp", names=("ehr.example.jp", "10.example.jp"))
    with (
        nginx(
            tmp_path / "n",
            {"old": Site(who, "ssl_protocols TLSv1 TLSv1.1;"), "new": Site(who, "ssl_protocols TLSv1.3;")},
        ) as n,
        caddy(tmp_path / "c", {"modern": {"default_sni": "ehr.example.jp"}}, who) as c,
    ):
        wanted = [Target(LOOPBACK, port, Look.TLS) for port in (n["old"], n["new"], c["modern"])]
        seen = probe(wanted, PATIENT)
    assert [one.encryption for one in seen] == [Encryption.YES] * 3
    assert {one.names for one in seen} == {("ehr.example.jp", "10.example.jp")}
    assert [one.facts["tls_version"] for one in seen] == ["TLSv1.1", "TLSv1.3", "TLSv1.3"]


@pytest.mark.parametrize(
    ("talk", "encryption", "detail"),
    [
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Encryption.NO, "WRONG_VERSION_NUMBER"),
        (
            says(b"\x15\x03\x01\x00\x02\x02\x28"),
            Encryption.YES,
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
        ),  # TLS, but not with us
        (says(b"\x16\x03\x03\x40\x00" + b"\x02" * 400_000), Encryption.YES, ""),  # a flood that begins like TLS
        (lambda channel: channel.recv(4096), Encryption.UNKNOWN, "closed"),
    ],
)
def test_what_is_no_tls_connection(talk: Talk, encryption: Encryption, detail: str) -> None:
    seen = look(talk, Look.TLS)
    assert (seen.reached, seen.encryption, seen.names) == (Reached.OPEN, encryption, ())
    assert not detail or seen.detail == detail


def test_silence_where_tls_should_be() -> None:
    assert look(silent, Look.TLS, HASTY).encryption is Encryption.UNKNOWN


def test_a_listener_with_a_certificate(tmp_path: Path) -> None:
    """Sixty names, of which fifty are kept; without any the common name speaks."""
    many = tuple(f"pacs{number}.example.jp" for number in range(60))
    seen = look(speaks_tls(tmp_path, identity("pacs.example.jp", names=many)), Look.TLS)
    assert (seen.encryption, seen.names) == (Encryption.YES, many[:50])
    seen = look(speaks_tls(tmp_path, identity("画像\x1b[0m", authority=True)), Look.TLS)
    assert seen.names == (r"\xe7\x94\xbb\xe5\x83\x8f\x1b[0m",)


# FTP and VNC

GREETING = (b"220-Welcome\r\n220 (vsFTPd 3.0.3)\r\n", len(b"AUTH TLS\r\n"))


@pytest.mark.parametrize(
    ("turns", "encryption"),
    [
        ([GREETING, (b"234 Proceed with negotiation.\r\n", 0)], Encryption.OFFERED),
        ([GREETING, (b"530 Please login with USER and PASS.\r\n", 6)], Encryption.NO),
        ([GREETING, (b"502-Not\r\n502 here\r\n", 6)], Encryption.NO),
        ([(b"421 Too many users\r\n", 0)], Encryption.UNKNOWN),
        ([(b"220 ready\r\n" + b"x" * 9000, 0)], Encryption.UNKNOWN),
    ],
)
def test_ftp(turns: list[tuple[bytes, int]], encryption: Encryption) -> None:
    seen = look(
        dialogue(*turns),
        Look.FTP,
        Limits(connect=PATIENCE, listen=1.0 if encryption is Encryption.UNKNOWN else PATIENCE, **FAST),
    )
    assert (seen.reached, seen.encryption) == (Reached.OPEN, encryption)
    assert not seen.banner or len(seen.banner) <= 4 * dialogues.MOST_BANNER


@pytest.mark.parametrize(
    ("turns", "types", "encryption"),
    [
        ([(b"RFB 003.008\n", 12), (b"\x01\x02", 0)], [2], Encryption.NO),
        ([(b"RFB 003.008\n", 12), (b"\x02\x13\x02", 0)], [19, 2], Encryption.NO),  # one may choose the weaker
        ([(b"RFB 003.008\n", 12), (b"\x01\x13", 0)], [19], Encryption.OFFERED),
        ([(b"RFB 005.000\n", 12), (b"\x01\x05", 0)], [5], Encryption.YES),
        ([(b"RFB 003.003\n", 12), (b"\0\0\0\x02", 0)], [2], Encryption.NO),
        ([(b"RFB 003.008\n", 12), (b"\x00\0\0\0\x04busy", 0)], [], Encryption.UNKNOWN),
    ],
)
def test_vnc(turns: list[tuple[bytes, int]], types: list[int], encryption: Encryption) -> None:
    seen = look(dialogue(*turns), Look.RFB)
    assert (seen.encryption, seen.facts["rfb_security_types"]) == (encryption, types)
    assert seen.banner.startswith("RFB 00")


def test_something_else_on_the_port_of_vnc() -> None:
    seen = look(says(b"SSH-2.0-x\r\n "), Look.RFB)
    assert (seen.detail, seen.encryption) == ("no RFB", Encryption.UNKNOWN)


# How gently


class Hall:
    """Counts who is inside, in all and by host. Nobody leaves before ``expected`` have been inside together.

    A server counts one out before it closes the connection, and only then does the probe begin another: what is counted
    is never more than what is open.
    """

    def __init__(self, expected: int) -> None:
        self.expected, self.full, self.lock = expected, threading.Event(), threading.Lock()
        self.inside: Counter[str] = Counter()
        self.most = self.most_of_one = 0

    def door(self, host: str) -> Talk:
        def talk(_channel: socket.socket) -> None:
            with self.lock:
                self.inside[host] += 1
                self.most = max(self.most, self.inside.total())
                self.most_of_one = max(self.most_of_one, self.inside[host])
                if self.most >= self.expected:
                    self.full.set()
            self.full.wait(PATIENCE)
            time.sleep(0.02)  # room for one too many
            with self.lock:
                self.inside[host] -= 1

        return talk


@pytest.mark.parametrize(("at_once", "of_one_host", "expected"), [(6, 5, 6), (99, 2, 12), (1, 1, 1)])
def test_never_more_at_once_than_allowed(at_once: int, of_one_host: int, expected: int) -> None:
    """Thirty ports of six hosts. The servers count."""
    hall = Hall(expected)
    hosts = [f"127.0.0.{number}" for number in range(11, 17)]
    with ExitStack() as stack:
        listeners = [Listener(hall.door(host), host) for host in hosts for _port in range(5)]
        wanted = [Target(one.host, stack.enter_context(one.running()), Look.BANNER) for one in listeners]
        limits = Limits(PATIENCE, PATIENCE, at_once=at_once, at_once_per_host=of_one_host, **FAST)
        seen = probe(wanted, limits)
    assert [one.reached for one in seen] == [Reached.OPEN] * 30
    assert (hall.most, sum(listener.accepted for listener in listeners)) == (expected, 30)
    assert hall.most_of_one <= of_one_host


def test_turns_lie_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured by what is slept, not by a clock."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("sekisho.network.queries.reachability.asyncio.sleep", sleep)
    ports = [free_port(socket.SOCK_STREAM) for _port in range(5)]
    probe([Target(LOOPBACK, port) for port in ports], Limits(per_second=1e6, per_second_per_host=0.001))
    long = [seconds for seconds in slept if seconds > 100]
    assert [round(seconds, -3) for seconds in long] == [1000, 2000, 3000, 4000]


def test_limits_let_something_through() -> None:
    with pytest.raises(ValueError, match="limits"):
        Limits(at_once=0)


def test_progress_and_stop() -> None:
    told: list[tuple[int, int]] = []
    with Listener(silent).running() as port:
        wanted = [Target(LOOPBACK, port), *(Target(f"127.0.0.{n}", port) for n in range(2, 12))]
        probe(wanted, Limits(at_once=1, **FAST), progress=lambda done, of: told.append((done, of)))
        assert sorted(told) == [(n, 11) for n in range(1, 12)]
        few = probe(
            wanted, Limits(at_once=1, **FAST), stop=lambda: len(told) > 13, progress=lambda *now: told.append(now)
        )
    assert len(few) == 3  # eleven before, and the fourth is not begun


def test_a_target_is_looked_at_once() -> None:
    listener = Listener(silent)
    with listener.running() as port:
        seen = probe([Target(LOOPBACK, port)] * 4, PATIENT)
    assert (len(seen), listener.accepted) == (1, 1)
    assert probe([]) == ()


def test_another_address_is_tried_when_there_is_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the first the kernel knows no way, as to an IPv6 address that is announced but not routed."""

    def both(host: str, port: int, **kwargs: int) -> list[object]:
        if kwargs["flags"]:
            raise socket.gaierror(socket.EAI_NONAME, "a name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("255.255.255.255", LOOPBACK)]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", both)
    with Listener(silent).running() as port:
        seen = probe([Target("dual.example", port)], PATIENT)[0]
    assert (seen.reached, seen.address) == (Reached.OPEN, LOOPBACK)


def test_from_the_register_to_the_remarks() -> None:
    """A host with SSH as registered, and a VNC server that nobody told us of."""
    host = "127.0.0.21"
    ssh = Listener(says(b"SSH-2.0-OpenSSH_9.2\r\n"), host)
    vnc = Listener(dialogue((b"RFB 003.008\n", 12), (b"\x01\x01", 0)), host, 5900)
    with ssh.running() as port, vnc.running():
        registered = [RegisteredEndpoint(host, port, "ssh", Vantage.INTERNAL)]
        seen = probe(targets(registered, profile()), Limits(connect=PATIENCE, listen=PATIENCE, **FAST))
    found = judge(registered, seen, profile(), Vantage.INTERNAL)
    assert set(found) == {host}
    assert {(one.code, one.level) for one in found[host]} == {
        ("exposure.not_registered", Level.NG),
        ("exposure.cleartext", Level.NG),
        ("exposure.as_registered", Level.OK),
        ("exposure.shut", Level.OK),
    }
    assert len(seen) == len(profile().tcp_ports) + 1


# Sweeps

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NETWORK = ip_network("127.0.9.0/29")
PERMIT = Permit(
    "院長", "stocktaking", (ip_network("127.0.9.0/24"),), NOW - timedelta(hours=1), NOW + timedelta(hours=1)
)
RANGES = [AddressRange(ip_network("127.0.9.0/24"), "office")]


def test_a_sweep_finds_what_listens() -> None:
    with clock.use(clock.FixedClock(NOW)), Listener(silent, "127.0.9.3").running() as port:
        result = sweep(NETWORK, [port], PERMIT, ranges=RANGES, limits=PATIENT)
    assert (result.ended, result.planned, result.asked) == ("done", 6, 6)
    assert [one.host for one in result.observations if one.reached is Reached.OPEN] == ["127.0.9.3"]


def test_a_permit_that_ends_on_the_way_ends_the_sweep() -> None:
    fixed = clock.FixedClock(NOW)

    def progress(done: int, _planned: int) -> None:
        if done == 2:
            fixed.moment = PERMIT.until

    with clock.use(fixed):
        limits = Limits(at_once=1, **FAST)
        result = sweep(NETWORK, [9], PERMIT, ranges=RANGES, limits=limits, progress=progress)
        assert (result.ended, result.asked) == ("expired", 2)
        with pytest.raises(PermitExpired):
            sweep(NETWORK, [9], PERMIT, ranges=RANGES)


def test_a_sweep_can_be_stopped() -> None:
    with clock.use(clock.FixedClock(NOW)):
        result = sweep(NETWORK, [9], PERMIT, ranges=RANGES, stop=lambda: True)
    assert (result.ended, result.asked, result.planned) == ("stopped", 0, 6)


def test_the_profile_comes_along() -> None:
    assert profile().look(22) is Look.BANNER and profile().look(9100) is Look.CONNECT


# A network that filters

FILTERED = """
import json, socket, subprocess, sys
from sekisho.network.queries.reachability import Limits, probe
from sekisho.network.rules.reached import Target
nft = sys.argv[1]
def run(*command): subprocess.run(command, check=True)
run("ip", "link", "set", "lo", "up")
run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
run("ip", "address", "add", "192.0.2.1/24", "dev", "near")
run("ip", "link", "set", "near", "up")
run("ip", "link", "set", "far", "up")
run("ip", "route", "add", "unreachable", "198.51.100.0/24")
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
if nft:
    verdicts = "tcp dport 3389 drop", "tcp dport 3390 reject with tcp reset"
    rules = "\\n".join(["table inet t { chain i { type filter hook input priority 0", *verdicts, "}", "}", ""])
    subprocess.run([nft, "-f", "-"], input=rules, text=True, check=True)
targets = [Target("127.0.0.1", port), Target("127.0.0.1", 3389), Target("127.0.0.1", 3390), Target("192.0.2.9", 80),
           Target("198.51.100.1", 80)]
seen = probe(targets, Limits(connect=1.0, per_second=1e6, per_second_per_host=1e6))
print(json.dumps([one.reached.value for one in seen]))
"""


@pytest.mark.processes
@pytest.mark.skipif(not namespaces() or shutil.which("ip") is None, reason="unshare: no network namespaces here")
def test_a_network_that_filters() -> None:
    """In a network of its own: a packet filter (if nft is there), an address nobody has, a route that says no."""
    command = ["unshare", "-rn", sys.executable, "-c", FILTERED, NFT or ""]
    done = subprocess.run(
        command, capture_output=True, text=True, env=beside(NFT or "/usr/"), cwd=ROOT, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    dropped = ["filtered", "refused"] if NFT else ["refused", "refused"]
    assert answers == ["open", *dropped, "filtered", "unreachable"]
