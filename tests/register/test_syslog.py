"""Syslog over TLS: what a known sender says is in the log with every byte; floods, stalls and rubbish are bounded."""

import asyncio
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.register.errors import InboxFull
from sekisho.register.inbox import Inbox, frames, parts
from sekisho.register.rules import is_document
from sekisho.register.rules.sources.entries import SourceFacts, raw_bytes
from sekisho.register.rules.sources.errors import SyslogRefused
from sekisho.register.rules.sources.syslog import LONGEST_MESSAGE, read_count, read_message
from sekisho.register.services import receiving
from sekisho.register.services.receiving import Patience, Receiver, tls_context
from sekisho_verify.form import check
from tests.register.certificates import Make, maker

pytestmark = pytest.mark.usefixtures("english")

SOURCE = SourceFacts("0" * 32, "画像サーバ", "1" * 32, "log-0")
NAME = "pacs.example.jp"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that gives a certificate and its key: by whom, for whom."""
    return maker(tmp_path_factory.mktemp("certificates"))


class Server:
    """A receiver in a thread of its own, and what came of it."""

    def __init__(self, folder: Path, context: ssl.SSLContext, patience: Patience) -> None:
        self.folder = folder
        self.inbox = Inbox(folder, receiving.SPOOL)
        self._receiver = Receiver(self.inbox, lambda names: SOURCE if NAME in names else None, patience)
        self._context = context
        self._ready = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._receiver.serve("127.0.0.1", 0, self._context)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self.inbox.close()

    def documents(self, count: int) -> list[dict[str, Any]]:
        """Return what is durable as soon as there are ``count`` events."""
        for _turn in range(400):
            found = [
                json.loads(entry)
                for part in parts(self.folder / receiving.SPOOL)
                for _number, entry in frames(part.read_bytes())
            ]
            if len(found) >= count:
                return found
            threading.Event().wait(0.02)
        raise AssertionError(found)


@pytest.fixture
def server(tmp_path: Path, certificates: Make) -> Iterator[Server]:
    """A receiver with little patience."""
    certificate, key = certificates("clinic", "localhost")
    context = tls_context(certificate, key, certificates("clinic", "clinic")[0])
    running = Server(tmp_path, context, Patience(idle=5, message=0.5, full=0.01))
    yield running
    running.close()


@pytest.fixture
def sender(server: Server, certificates: Make) -> Callable[..., Any]:
    """Return a function that connects with a certificate."""

    @contextmanager
    def connect(name: str = NAME, issuer: str = "clinic") -> Iterator[ssl.SSLSocket]:
        context = ssl.create_default_context(cafile=str(certificates("clinic", "clinic")[0]))
        context.load_cert_chain(*certificates(issuer, name))
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as wrapped,
        ):
            yield wrapped

    return connect


def framed(message: bytes) -> bytes:
    """Return a message with its octets counted."""
    return b"%d %s" % (len(message), message)


def message(text: str = "開いた", **head: str) -> bytes:
    """Return a message of RFC 5424."""
    moment = head.get("moment", "2026-11-20T09:01:02.5+09:00")
    return f"<85>1 {moment} pacs viewer 77 IHE+RFC-3881 - ".encode() + b"\xef\xbb\xbf" + text.encode()


AUDIT = """<?xml version="1.0" encoding="UTF-8"?><AuditMessage>
<EventIdentification EventActionCode="R" EventDateTime="2026-11-20T09:05:06+09:00" EventOutcomeIndicator="0">
<EventID csd-code="110103" codeSystemName="DCM" originalText="Instances Accessed"/></EventIdentification>
<ActiveParticipant UserID="D001" UserName="髙橋" UserIsRequestor="true" NetworkAccessPointID="10.0.0.7"
 NetworkAccessPointTypeCode="2"/>
<ParticipantObjectIdentification ParticipantObjectID="P100" ParticipantObjectTypeCode="1"
 ParticipantObjectTypeCodeRole="1"/></AuditMessage>"""


def test_messages_are_durable_with_every_byte(server: Server, sender: Callable[..., Any]) -> None:
    sent = [message(), message(AUDIT), message("x") + b"\xff\xfe"]
    with sender() as connection:
        connection.sendall(b"".join(map(framed, sent)))
        found = server.documents(3)
    assert [raw_bytes(one["details"]) for one in found] == sent
    assert [one["details"]["raw_form"] for one in found] == ["text", "text", "base64"]
    assert all(is_document(one) for one in found)
    audit = found[1]
    assert (audit["action"], audit["outcome"]) == ("imported.read", "success")
    assert (audit["actor"]["id"], audit["actor"]["name"], audit["patient"]) == ("D001", "髙橋", "P100")
    assert (audit["network"], audit["occurred_at"]) == ("10.0.0.7", "2026-11-20T00:05:06.000000Z")
    assert found[0]["occurred_at"] == "2026-11-20T00:01:02.500000Z"
    assert found[0]["device"] == "pacs"


def test_what_is_received_is_what_the_verifier_takes(server: Server, sender: Callable[..., Any]) -> None:
    with sender() as connection:
        connection.sendall(framed(message()) + framed(b"rubbish") + framed(message(AUDIT)))
        server.documents(3)
    entries = [entry for part in parts(server.folder / "syslog") for _at, entry in frames(part.read_bytes())]
    assert [check(entry).strange for entry in entries] == ["", "", ""]


@pytest.mark.parametrize(("name", "issuer"), [("other.example.jp", "clinic"), (NAME, "stranger")])
def test_a_stranger_gets_nothing_in(server: Server, sender: Callable[..., Any], name: str, issuer: str) -> None:
    with pytest.raises(OSError), sender(name, issuer) as connection:  # whichever the kernel says
        connection.sendall(framed(message()))
        connection.settimeout(10)
        if not connection.recv(1):
            raise ConnectionResetError
    with sender() as connection:
        connection.sendall(framed(message("B")))
        (only,) = server.documents(1)
    assert only["details"]["raw"].endswith("B")


def test_without_a_certificate_nobody_gets_in(server: Server, certificates: Make) -> None:
    context = ssl.create_default_context(cafile=str(certificates("clinic", "clinic")[0]))
    with (
        pytest.raises(OSError),
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.sendall(framed(message()))
        if not connection.recv(1):
            raise ConnectionResetError


def test_a_message_too_large_is_refused_by_size_and_hash_and_the_next_is_taken(
    server: Server, sender: Callable[..., Any]
) -> None:
    large = message("x" * 10_000_000)
    escaped = message("\x01" * (LONGEST_MESSAGE - 200))
    with sender() as connection:
        connection.sendall(framed(large) + framed(escaped) + framed(message("danach")))
        found = server.documents(3)
    refused = [one for one in found if one["action"] == "log_source.refuse"]
    facts = [(one["details"]["bytes"], one["details"]["sha256"]) for one in refused]
    assert facts == [(len(one), hashlib.sha256(one).hexdigest()) for one in (large, escaped)]
    assert any(one["details"].get("raw", "").endswith("danach") for one in found)


def test_a_sender_that_stalls_is_hung_up_on(server: Server, sender: Callable[..., Any]) -> None:
    for begun in (b"100 <85>1 ", b"10"):
        with sender() as connection:
            connection.sendall(begun)
            connection.settimeout(10)
            assert connection.recv(1) == b""


@pytest.mark.parametrize("rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"0 ", b"99999999999 x", b"-1 x"])
def test_without_a_length_the_connection_ends_and_it_is_recorded(
    server: Server, sender: Callable[..., Any], rubbish: bytes
) -> None:
    with sender() as connection:
        connection.sendall(rubbish)
        connection.settimeout(10)
        assert connection.recv(1) == b""
    assert [one["action"] for one in server.documents(1)] == ["log_source.refuse"]


def test_rubbish_without_end_is_hung_up_on(server: Server, sender: Callable[..., Any]) -> None:
    with sender() as connection:
        connection.sendall(framed(b"rubbish") * 200)
        found = server.documents(receiving.MOST_REFUSALS)
    assert len(found) == receiving.MOST_REFUSALS


def test_a_full_inbox_slows_the_sender_and_loses_nothing(
    server: Server, sender: Callable[..., Any], monkeypatch: Any
) -> None:
    real, refused = server.inbox.append_async, []

    async def append(document: Any) -> int:
        if len(refused) < 300:
            refused.append(document)
            raise InboxFull
        return await real(document)

    monkeypatch.setattr(server.inbox, "append_async", append)
    sent = [message(str(number)) for number in range(1000)]
    with sender() as connection:
        connection.sendall(b"".join(map(framed, sent)))
        found = server.documents(1000)
    assert sorted(raw_bytes(one["details"]) for one in found) == sorted(sent)


def test_a_broken_audit_message_is_kept_as_it_came(server: Server, sender: Callable[..., Any]) -> None:
    broken = message("<AuditMessage><EventIdentification>")
    with sender() as connection:
        connection.sendall(framed(broken))
        (found,) = server.documents(1)
    assert raw_bytes(found["details"]) == broken
    assert found["action"] == "imported.other"
    assert "no audit message" in found["details"]["audit_fault"]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for read in (read_message, read_count):
        try:
            read(data)
        except SyslogRefused:
            continue


@pytest.mark.parametrize(
    "data",
    [b"", b"<192>1 - - - - - -", b"<1>2 - - - - - -", b"<1>1 now - - - - -", b"<1>1 2026-02-30T00:00:00Z - - - - -",
     b"<1>1 - - - - - [a", b"<1>1 - - - - - -x", b"<1>1 - - - - - "],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(SyslogRefused):
        read_message(data)


def test_structured_data_is_passed_over() -> None:
    found = read_message(rb'<13>1 - h a - - [x@1 k="a\]b" l="\"c"][y] text')
    assert (found.body, found.moment, found.facility, found.severity) == (b"text", None, 1, 5)
