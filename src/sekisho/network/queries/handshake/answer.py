"""What a server says to a hello: its records, its handshake messages, and the facts in them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sekisho.network.queries.handshake.agreement import NotAgreed, Opener
from sekisho.network.queries.handshake.hello import Hello
from sekisho.network.queries.handshake.line import Fruitless, Line
from sekisho.network.rules.observation import Version, Why
from sekisho.network.rules.suites import suite

RETRY = hashlib.sha256(b"HelloRetryRequest").digest()  # RFC 8446, 4.1.3
DOWNGRADED = (b"DOWNGRD\x01", b"DOWNGRD\x00")
_LONGEST_RECORD = 2**14 + 2048  # RFC 5246, 6.2.3
_LONGEST_MESSAGE = 256 * 1024
_MOST_CERTIFICATES = 10
_ALERT, _HANDSHAKE, _DATA, _CHANGE = 21, 22, 23, 20


class Unreadable(Exception):
    """The bytes are not what the protocol says they are."""


class Cursor:
    """Reads numbers and vectors from bytes; raises Unreadable where they end too soon."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        part = self.data[self.place : self.place + size]
        if len(part) < size:
            raise Unreadable
        self.place += size
        return part

    def number(self, size: int) -> int:
        """Return the next number of ``size`` bytes."""
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """Return the next vector whose length has ``size`` bytes."""
        return self.take(self.number(size))

    def more(self) -> bool:
        """Tell whether anything is left."""
        return self.place < len(self.data)


@dataclass(slots=True)
class Answer:
    """What came back. With a ServerHello ``suite`` is set; ``alert`` is the number of a fatal alert (RFC 8446, 6.2).

    ``why`` tells why there is no more: a connection that ended after the ServerHello leaves the rest None.
    ``retry`` marks a HelloRetryRequest. ``requested`` tells whether a client certificate was asked for.
    """

    why: Why | None = None
    alert: int | None = None
    plain: bytes = b""
    version: int | None = None
    suite: int | None = None
    group: int | None = None
    retry: bool = False
    compression: int = 0
    random: bytes = b""
    extensions: Mapping[int, bytes] = field(default_factory=dict)
    certificates: tuple[bytes, ...] | None = None
    dh_bits: int | None = None
    requested: bool | None = None

    @property
    def spoke_tls(self) -> bool:
        """Tell whether a TLS server was at the other end."""
        return self.suite is not None or self.alert is not None


def read_answer(line: Line, hello: Hello, sent: bytes, names: Mapping[int, str]) -> Answer:
    """Read the server's flight after ``hello``, whose message was ``sent``. Never raises."""
    answer = Answer()
    try:
        if hello.version is Version.SSL2:
            _read_ssl2(line, answer)
        else:
            _read_flight(line, hello, sent, names, answer)
    except Fruitless as error:
        answer.why = error.why
        answer.plain = answer.plain or error.seen
    except (Unreadable, NotAgreed):
        answer.why = Why.UNREADABLE
    return answer


def _read_ssl2(line: Line, answer: Answer) -> None:
    first = line.exactly(3)
    if first[0] == _ALERT and first[1] == 3:
        answer.alert = 0  # of whatever number: a TLS server that does not know SSL 2.0
    elif first[0] & 0x80 and first[2] == 4:
        answer.version, answer.suite = 2, 0
    else:
        raise Fruitless(Why.NOT_TLS, first + line.rest())


def _read_flight(line: Line, hello: Hello, sent: bytes, names: Mapping[int, str], answer: Answer) -> None:
    messages = _Messages(line, answer)
    for kind, body in messages:
        if kind == 2:
            _server_hello(Cursor(body), answer)
            if answer.retry:
                return
            if answer.version == 0x0304:
                messages.opener = _opener(hello, answer, sent + _message(kind, body))
        elif kind in {14, 20}:  # ServerHelloDone; Finished in TLS 1.3
            answer.requested = bool(answer.requested)
            return
        else:
            _note(kind, Cursor(body), names, answer)


def _note(kind: int, body: Cursor, names: Mapping[int, str], answer: Answer) -> None:
    if kind == 11:
        answer.certificates = _certificates(body, modern=answer.version == 0x0304)
    elif kind == 12:
        _key_exchange(body, answer, names)
    elif kind == 13:
        answer.requested = True


class _Messages:
    """The handshake messages of a line, opened where they are encrypted."""

    def __init__(self, line: Line, answer: Answer) -> None:
        self._line = line
        self._answer = answer
        self._buffer = b""
        self.opener: Opener | None = None

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while True:
            while len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[1:4]):
                self._fill()
            size = int.from_bytes(self._buffer[1:4])
            kind, body, self._buffer = self._buffer[0], self._buffer[4 : 4 + size], self._buffer[4 + size :]
            yield kind, body

    def _fill(self) -> None:
        if len(self._buffer) > _LONGEST_MESSAGE:
            raise Fruitless(Why.TOO_MUCH)
        header = self._line.exactly(5)
        size = int.from_bytes(header[3:])
        kind = header[0]
        if kind not in {_ALERT, _HANDSHAKE, _DATA, _CHANGE} or header[1] != 3:
            raise Fruitless(Why.NOT_TLS, header + self._line.rest())
        if size > _LONGEST_RECORD:
            raise Fruitless(Why.UNREADABLE)
        body = self._line.exactly(size)
        if kind == _DATA:
            if self.opener is None:
                raise Unreadable
            kind, body = self.opener.open(header, body)
        if kind == _ALERT:
            self._alert(body)
        elif kind == _HANDSHAKE:
            self._buffer += body

    def _alert(self, body: bytes) -> None:
        if len(body) != 2:
            raise Unreadable
        if body[0] == 1 and body[1] != 0:  # a warning, such as one about the server name
            return
        self._answer.alert = body[1]
        raise Fruitless(Why.HUNG_UP)


def _message(kind: int, body: bytes) -> bytes:
    return kind.to_bytes(1) + len(body).to_bytes(3) + body


def _server_hello(body: Cursor, answer: Answer) -> None:
    version = body.number(2)
    random = body.take(32)
    body.vector(1)
    number, compression = body.number(2), body.number(1)
    extensions: dict[int, bytes] = {}
    if body.more():
        rest = Cursor(body.vector(2))
        while rest.more():
            kind = rest.number(2)
            extensions[kind] = rest.vector(2)
    if 43 in extensions:
        version = int.from_bytes(extensions[43])
    if version == 0x0304 and 51 in extensions:
        answer.group = int.from_bytes(extensions[51][:2])
    answer.version, answer.random, answer.suite, answer.compression = version, random, number, compression
    answer.extensions, answer.retry = extensions, random == RETRY


def _opener(hello: Hello, answer: Answer, transcript: bytes) -> Opener:
    share = next((share for share in hello.shares if share.group == answer.group), None)
    if share is None or answer.suite is None:
        raise Unreadable
    theirs = Cursor(answer.extensions[51])
    theirs.number(2)
    return Opener(answer.suite, share.agree(theirs.vector(2)), transcript)


def _certificates(body: Cursor, *, modern: bool) -> tuple[bytes, ...]:
    if modern:
        body.vector(1)  # the context, empty from a server
    rows = Cursor(body.vector(3))
    found: list[bytes] = []
    while rows.more() and len(found) < _MOST_CERTIFICATES:
        found.append(rows.vector(3))
        if modern:
            rows.vector(2)
    return tuple(found)


def _key_exchange(body: Cursor, answer: Answer, names: Mapping[int, str]) -> None:
    made_of = suite(names.get(answer.suite or 0, ""))
    if made_of is None or "PSK" in {made_of.exchange, made_of.authentication}:
        return  # an identity hint stands first
    if made_of.exchange in {"DHE", "DH"}:
        answer.dh_bits = int.from_bytes(body.vector(2)).bit_length()
    elif made_of.exchange in {"ECDHE", "ECDH"} and body.number(1) == 3:
        answer.group = body.number(2)
