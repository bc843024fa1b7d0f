"""Reading handshakes byte by byte: known answers, and bytes that are wrong in every way."""

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.network.queries.handshake.agreement import AGREEABLE, NotAgreed, Opener, expand_label, new_share
from sekisho.network.queries.handshake.answer import Answer, Cursor, Unreadable, read_answer
from sekisho.network.queries.handshake.certificates import certificate_facts, clean, pem_facts
from sekisho.network.queries.handshake.hello import GROUPS, GROUPS_13, Hello, ssl2_hello
from sekisho.network.queries.handshake.issuers import is_public
from sekisho.network.queries.handshake.line import Fruitless
from sekisho.network.queries.profiles import FOLDER
from sekisho.network.rules.observation import Version, Why
from sekisho.network.rules.suites import read_registry
from tests.network import servers

NAMES = read_registry((FOLDER / "cipher-suites.txt").read_text(encoding="ascii"))
SUITES = tuple(NAMES)[:60]


class Spoken:
    """A line on which everything has been said already."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def exactly(self, size: int) -> bytes:
        if len(self.data) < size:
            raise Fruitless(Why.HUNG_UP)
        part, self.data = self.data[:size], self.data[size:]
        return part

    def rest(self) -> bytes:
        return self.data[:60]


def answer_to(hello: Hello, data: bytes) -> Answer:
    """Return what is read from ``data`` as an answer to ``hello``."""
    return read_answer(Spoken(data), hello, hello.message(), NAMES)  # type: ignore[arg-type]


def record(kind: int, body: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2) + body


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def server_hello(suite: int, extensions: bytes = b"", version: int = 0x0303) -> bytes:
    rest = len(extensions).to_bytes(2) + extensions if extensions else b""
    return message(2, version.to_bytes(2) + bytes(32) + b"\0" + suite.to_bytes(2) + b"\0" + rest)


OLD = Hello(Version.TLS12, SUITES, (29, 23), "ehr.example.jp")


def test_the_key_schedule_of_rfc_8448() -> None:
    """RFC 8448, 3: the secrets of a simple handshake."""
    derived = bytes.fromhex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba")
    early = bytes.fromhex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
    assert expand_label("sha256", early, b"derived", hashlib.sha256().digest(), 32) == derived
    handshake = bytes.fromhex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac")
    transcript = bytes.fromhex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8")
    traffic = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    assert expand_label("sha256", handshake, b"s hs traffic", transcript, 32) == traffic
    assert expand_label("sha256", traffic, b"key", b"", 16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert expand_label("sha256", traffic, b"iv", b"", 12).hex() == "5d313eb2671276ee13000b30"


@pytest.mark.parametrize("group", AGREEABLE)
def test_two_shares_agree_and_rubbish_does_not(group: int) -> None:
    ours, theirs = new_share(group), new_share(group)
    assert ours.agree(theirs.public) == theirs.agree(ours.public)
    for rubbish in (b"", b"\4" + bytes(64), bytes(len(ours.public))):
        with pytest.raises(NotAgreed):
            ours.agree(rubbish)


def test_records_that_do_not_open() -> None:
    with pytest.raises(NotAgreed):
        Opener(0xC02F, bytes(32), b"")
    opener = Opener(0x1301, bytes(32), b"")
    with pytest.raises(NotAgreed):
        opener.open(b"\x17\x03\x03\x00\x20", bytes(32))
    with pytest.raises(NotAgreed):
        opener.open(b"\x17\x03\x03\x00\x01", b"\0")


def test_facts_of_an_old_flight() -> None:
    curve = message(12, b"\3\0\x17" + bytes(70))
    prime = message(12, b"\0\x80" + b"\xff" * 128 + bytes(40))
    done = message(14, b"")
    seen = answer_to(OLD, record(22, server_hello(0xC02F, b"\xff\x01\0\1\0") + curve + message(13, bytes(9)) + done))
    assert (seen.version, seen.suite, seen.group, seen.requested) == (0x0303, 0xC02F, 23, True)
    assert 0xFF01 in seen.extensions
    seen = answer_to(OLD, record(22, server_hello(0x009E)) + record(22, prime[:40]) + record(22, prime[40:] + done))
    assert (seen.dh_bits, seen.requested) == (1024, False)
    seen = answer_to(OLD, record(22, server_hello(0x008D) + message(12, b"\0\0") + done))
    assert (seen.suite, seen.dh_bits, seen.group) == (0x008D, None, None)


@pytest.mark.parametrize(
    ("data", "why", "alert"),
    [
        (b"", Why.HUNG_UP, None),
        (record(21, b"\2\x46"), Why.HUNG_UP, 70),
        (record(21, b"\1\x70") + record(21, b"\2\x28"), Why.HUNG_UP, 40),
        (record(21, b"\2"), Why.UNREADABLE, None),
        (b"HTTP/1.1 400 Bad Request", Why.NOT_TLS, None),
        (b"SSH-2.0-OpenSSH_9.2", Why.NOT_TLS, None),
        (b"\x16\x02\x00\x00\x05hello", Why.NOT_TLS, None),
        (b"\x16\x03\x03\xff\xff" + bytes(65535), Why.UNREADABLE, None),
        (record(22, server_hello(0xC02F)[:20]), Why.HUNG_UP, None),
        (record(22, message(2, b"short")), Why.UNREADABLE, None),
        (record(23, b"secret"), Why.UNREADABLE, None),
        (b"".join(record(22, b"\x0b\xff\xff\xff" + bytes(16000)) for _ in range(40)), Why.TOO_MUCH, None),
    ],
)
def test_answers_that_are_none(data: bytes, why: Why, alert: int | None) -> None:
    seen = answer_to(OLD, data)
    assert (seen.why, seen.alert, seen.suite) == (why, alert, None)


def test_what_was_seen_before_the_end_stays() -> None:
    seen = answer_to(OLD, record(22, server_hello(0xC02F)) + b"\x16\x03")
    assert (seen.suite, seen.why, seen.requested) == (0xC02F, Why.HUNG_UP, None)


def test_the_beginnings_of_ssl_2() -> None:
    hello = Hello(Version.SSL2, (), ())
    assert hello.records()[:-16] == ssl2_hello()[:-16]
    assert answer_to(hello, b"\x80\x0b\x04" + bytes(9)).suite is not None
    assert answer_to(hello, b"\x15\x03\x01\x00\x02\x02\x46").alert is not None
    assert answer_to(hello, b"HTTP/1.1").why is Why.NOT_TLS


def test_hellos_avoid_the_lengths_that_hang_old_load_balancers() -> None:
    for count in range(1, 200):
        size = len(Hello(Version.TLS12, tuple(range(count)), (29, 23), "ehr.example.jp").message())
        assert size not in range(256, 512)


def test_every_group_that_is_offered_has_a_name() -> None:
    assert set(GROUPS_13) <= set(GROUPS)
    assert set(AGREEABLE) <= set(GROUPS_13)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from([Version.SSL2, Version.SSL3, Version.TLS12, Version.TLS13]))
def test_any_bytes_can_be_read(data: bytes, version: Version) -> None:
    hello = Hello(version, SUITES, (29,), shares=(new_share(29),) if version is Version.TLS13 else ())
    for start in (b"", b"\x16\x03\x03\x01\x00", b"\x16\x03\x03\x00\x80\x02\x00\x00\x40\x03\x03" + bytes(33)):
        seen = answer_to(hello, start + data)
        assert seen.why is not None or seen.suite is not None


FLIGHT = record(
    22,
    server_hello(0xC02F, b"\xff\x01\0\1\0")
    + message(11, b"\0\0\x0a\0\0\7" + b"1234567")
    + message(12, b"\3\0\x17" + bytes(70))
    + message(14, b""),
)


@settings(max_examples=300)
@given(st.integers(0, len(FLIGHT) - 1), st.integers(0, 255), st.integers(0, len(FLIGHT)))
def test_a_flight_with_one_byte_changed_and_an_early_end(place: int, value: int, end: int) -> None:
    answer_to(OLD, (FLIGHT[:place] + bytes([value]) + FLIGHT[place + 1 :])[:end])


def test_reading_beyond_the_end() -> None:
    with pytest.raises(Unreadable):
        Cursor(b"\2a").vector(1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_certificate_with_or_without_facts(data: bytes) -> None:
    assert certificate_facts(data).fingerprint == hashlib.sha256(data).hexdigest()


@settings(max_examples=200)
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_certificate_has_facts_or_none(place: int, value: int) -> None:
    data = bytearray(_WHOLE)
    data[place % len(data)] = value
    facts = certificate_facts(bytes(data))
    assert facts.not_after is None or facts.subject is not None


_WHOLE = servers.identity("x").certificate.public_bytes(Encoding.DER)


def test_texts_from_outside_can_be_written_down() -> None:
    assert clean("a\0b\n\ud800") == "a�b�?"
    assert len(clean("x" * 10_000)) == 300
    assert pem_facts("nothing") is None


def test_whom_a_client_certificate_is_from() -> None:
    authority = servers.identity("Clinic CA", authority=True)
    client = servers.identity("laptop", issuer=authority)
    store = Path("/etc/ssl/certs/ca-certificates.crt")
    if not store.is_file():
        pytest.skip("this machine has no certificate store")
    assert is_public(client.pem) is False
    assert is_public(client.certificate.public_bytes(Encoding.PEM).decode()) is None
    end = "-----END CERTIFICATE-----"
    assert is_public(store.read_text().partition(end)[0] + end) is True
    assert is_public("nothing") is None
