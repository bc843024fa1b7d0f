"""Receiving syslog over TLS (RFC 5424, RFC 5425): every sender shows a certificate, and what is taken is durable.

The protocol knows no acknowledgement. So nothing is read ahead of the disk by more than a small window: when the inbox
is full the connection is not read from, and the sender feels it. A message that cannot be an entry is refused, and the
refusal is recorded with its size and hash.
"""

import asyncio
import hashlib
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import SekishoError
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import EntryTooLarge, InboxFull
from sekisho.register.inbox import Inbox
from sekisho.register.rules import EventOutcome, timestamp
from sekisho.register.rules.sources.audit_xml import is_audit_xml, read_audit
from sekisho.register.rules.sources.entries import SUBJECT_KIND, Observed, SourceFacts, entry_document
from sekisho.register.rules.sources.errors import AuditXmlRefused, SyslogRefused
from sekisho.register.rules.sources.syslog import LONGEST_COUNT, LONGEST_MESSAGE, Message, read_count, read_message
from sekisho.register.rules.sources.verbs import Verb

log = structlog.get_logger(__name__)
SPOOL = "syslog"
MOST_CONNECTIONS = 64
MOST_PER_SENDER = 8
MOST_REFUSALS = 20
MOST_SKIPPED = 64 * 1024 * 1024
WINDOW = 256
_PIECE = 64 * 1024
Find = Callable[[list[str]], SourceFacts | None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: how long a connection may be silent between two messages, and how long one message may take."""

    idle: float = 900.0
    message: float = 30.0
    full: float = 0.1


class TooManyRefusals(Exception):  # it ends a connection, it is shown to nobody
    """A sender that sends rubbish is hung up on."""


@dataclass(slots=True)
class _Peer:
    """One connection: who sends, what waits for the disk, and how often it was refused."""

    source: SourceFacts
    address: str
    pending: set[asyncio.Task[None]] = field(default_factory=set)
    refusals: int = 0


def tls_context(certificate: Path, key: Path, clients: Path) -> ssl.SSLContext:
    """Return the server's side: only senders with a certificate of ``clients`` get in. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(cafile=clients)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Receiver:
    """Takes messages. ``find`` tells which source the names in a certificate belong to; it may ask the database."""

    def __init__(self, inbox: Inbox, find: Find, patience: Patience | None = None) -> None:
        self._inbox = inbox
        self._find = find
        self._patience = patience or Patience()
        self._connections: Counter[str] = Counter()

    async def serve(self, host: str, port: int, context: ssl.SSLContext) -> asyncio.Server:
        """Listen. Raises OSError."""
        return await asyncio.start_server(
            self._take, host, port, ssl=context, limit=_PIECE, ssl_handshake_timeout=10, ssl_shutdown_timeout=5
        )

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        names = certificate_names(writer.get_extra_info("ssl_object"))
        address = str((writer.get_extra_info("peername") or ("",))[0])
        source = await asyncio.to_thread(self._find, names)
        key = source.id if source else ""
        is_many = self._connections.total() >= MOST_CONNECTIONS or self._connections[key] >= MOST_PER_SENDER
        if source is None or is_many:
            log.warning("syslog sender refused", names=names, address=address, unknown=source is None)
            await _hang_up(writer)
            return
        self._connections[key] += 1
        peer = _Peer(source, address)
        try:
            await self._read_all(peer, reader)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, SekishoError, TooManyRefusals) as error:
            log.info("syslog connection ended", source=source.name, reason=type(error).__name__)
        finally:
            self._connections[key] -= 1
            await asyncio.gather(*peer.pending, return_exceptions=True)
            await _hang_up(writer)

    async def _read_all(self, peer: _Peer, reader: asyncio.StreamReader) -> None:
        while True:
            length = await self._length(peer, reader)
            async with asyncio.timeout(self._patience.message):
                raw = await reader.readexactly(length) if length <= LONGEST_MESSAGE else None
                size_and_hash = None if raw is not None else await _skipped(reader, length)
            if raw is None and size_and_hash:
                await self._refuse(peer, "too long", *size_and_hash)
            elif raw is not None:
                await self._queue(peer, raw)

    async def _length(self, peer: _Peer, reader: asyncio.StreamReader) -> int:
        async with asyncio.timeout(self._patience.idle):
            first = await reader.readexactly(1)
        digits = first
        async with asyncio.timeout(self._patience.message):
            while not digits.endswith(b" ") and len(digits) <= LONGEST_COUNT:
                digits += await reader.readexactly(1)
        try:
            return read_count(digits.removesuffix(b" "))
        except SyslogRefused as error:  # where the next message begins cannot be known any more
            await self._refuse(peer, str(error), len(digits), hashlib.sha256(digits).hexdigest())
            raise

    async def _queue(self, peer: _Peer, raw: bytes) -> None:
        """Hand a message to the inbox; wait while as many are on their way as may be. Raises what the inbox raised."""
        while len(peer.pending) >= WINDOW:
            await asyncio.wait(peer.pending, return_when=asyncio.FIRST_COMPLETED)
            _settle(peer)
        _settle(peer)
        peer.pending.add(asyncio.create_task(self._store(peer, raw)))

    async def _store(self, peer: _Peer, raw: bytes) -> None:
        try:
            seen = observed(read_message(raw))
            await self._append(entry_document(peer.source, seen, raw, "octets"))
        except (SyslogRefused, EntryTooLarge) as error:
            await self._refuse(peer, str(error), len(raw), hashlib.sha256(raw).hexdigest())

    async def _append(self, document: dict[str, Json]) -> None:
        while True:
            try:
                await self._inbox.append_async(document)
            except InboxFull:
                await asyncio.sleep(self._patience.full)
            else:
                return

    async def _refuse(self, peer: _Peer, reason: str, size: int, digest: str) -> None:
        """Record that a message was refused. Raises TooManyRefusals for one too many."""
        peer.refusals += 1
        if peer.refusals > MOST_REFUSALS:
            raise TooManyRefusals
        await self._append(refusal_document(peer.source, peer.address, reason, size, digest))


def _settle(peer: _Peer) -> None:
    done = {task for task in peer.pending if task.done()}
    peer.pending -= done
    faults = [fault for task in done if (fault := task.exception())]
    if faults:
        raise faults[0]


async def _skipped(reader: asyncio.StreamReader, length: int) -> tuple[int, str]:
    """Read past a message without keeping it; return its size and hash. Raises EOFError for an endless one."""
    if length > MOST_SKIPPED:
        raise EOFError
    hashed, left = hashlib.sha256(), length
    while left:
        piece = await reader.readexactly(min(left, _PIECE))
        hashed.update(piece)
        left -= len(piece)
    return length, hashed.hexdigest()


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        await writer.wait_closed()


def certificate_names(tls: ssl.SSLObject | None) -> list[str]:
    """Return the names in the certificate that a sender has shown: DNS names first, then the common name."""
    shown = (tls.getpeercert() if tls else None) or {}
    alternatives: object = shown.get("subjectAltName", ())
    names = [value for kind, value in alternatives if kind == "DNS"]  # type: ignore[attr-defined]  # pairs, says ssl
    subject: object = shown.get("subject", ())
    parts = [pair for part in subject for pair in part]  # type: ignore[attr-defined]
    return names + [value for kind, value in parts if kind == "commonName"]


def observed(message: Message) -> Observed:
    """Return what a message says; an audit message that cannot be read is kept as any other, and that is said."""
    words: dict[str, Json] = {
        "facility": message.facility,
        "severity": message.severity,
        "host": message.host,
        "app": message.app,
        "message_id": message.kind,
    }
    if is_audit_xml(message.body):
        try:
            seen = read_audit(message.body)
        except AuditXmlRefused as error:
            words["audit_fault"] = str(error)
        else:
            return Observed(
                seen.occurred_at, seen.verb, seen.outcome, seen.person, seen.person_name, seen.patient, seen.device,
                seen.network, {**words, **seen.words},
            )  # fmt: skip
    return Observed(message.moment or clock.now(), Verb.OTHER, device=message.host or None, words=words)


def refusal_document(source: SourceFacts, address: str, reason: str, size: int, digest: str) -> dict[str, Json]:
    """Return the entry that says what was refused, and of what size and hash it was."""
    return {
        "occurred_at": timestamp(clock.now()),
        "actor": {"kind": "platform", "id": SPOOL, "name": SPOOL, "roles": ["platform"], "assurance": 0},
        "session": None,
        "action": str(LogSourceAction.REFUSE),
        "subject": {"kind": SUBJECT_KIND, "id": source.id, "label": source.name},
        "patient": None,
        "system": source.system,
        "device": None,
        "network": address or None,
        "outcome": EventOutcome.FAILURE.value,
        "reason": "",
        "details": {"code": reason, "bytes": size, "sha256": digest},
        "commitment": None,
    }
