"""Asking a protocol that begins in the clear to turn to TLS."""

from collections.abc import Callable

from sekisho.network.queries.handshake.line import Fruitless, Line
from sekisho.network.rules.observation import StartTls, Why

_LDAP_OID = b"1.3.6.1.4.1.1466.20037"
_LDAP_REQUEST = bytes([0x30, 0x1D, 2, 1, 1, 0x77, 0x18, 0x80, 0x16]) + _LDAP_OID
_LDAP_SUCCESS = b"\x0a\x01\x00"
_POSTGRES_REQUEST = bytes([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F])
_MOST_LINES = 100


def start_tls(line: Line, protocol: StartTls) -> None:
    """Speak ``protocol`` up to the point where the handshake begins. Raises Fruitless."""
    _SPOKEN[protocol](line)


def _smtp(line: Line) -> None:
    _reply(line, b"220")
    line.send(b"EHLO sekisho.invalid\r\n")
    _reply(line, b"250")
    line.send(b"STARTTLS\r\n")
    _reply(line, b"220")


def _ftp(line: Line) -> None:
    _reply(line, b"220")
    line.send(b"AUTH TLS\r\n")
    _reply(line, b"234")


def _reply(line: Line, code: bytes) -> None:
    """Read a reply of one or more lines; "250-" goes on, "250 " is the last (RFC 5321, 4.2.1)."""
    for _number in range(_MOST_LINES):
        text = line.text_line()
        if text[:3] != code:
            raise Fruitless(Why.NO_STARTTLS, text)
        if text[3:4] != b"-":
            return
    raise Fruitless(Why.TOO_MUCH)


def _imap(line: Line) -> None:
    _tagged(line, b"*")
    line.send(b"a STARTTLS\r\n")
    _tagged(line, b"a")


def _tagged(line: Line, tag: bytes) -> None:
    """Read up to the line with ``tag``, which must say OK."""
    for _number in range(_MOST_LINES):
        text = line.text_line()
        words = text.split(maxsplit=2)
        if words[:1] == [tag]:
            if words[1:2] != [b"OK"]:
                raise Fruitless(Why.NO_STARTTLS, text)
            return
        if not text.startswith(b"*"):
            raise Fruitless(Why.NO_STARTTLS, text)
    raise Fruitless(Why.TOO_MUCH)


def _pop3(line: Line) -> None:
    for command in (b"STLS\r\n", b""):
        text = line.text_line()
        if not text.startswith(b"+OK"):
            raise Fruitless(Why.NO_STARTTLS, text)
        line.send(command)


def _ldap(line: Line) -> None:
    line.send(_LDAP_REQUEST)
    head = line.exactly(2)
    size = head[1]
    if size & 0x80:  # the long form of a BER length
        size = int.from_bytes(line.exactly(min(size & 0x7F, 4)))
    body = line.exactly(min(size, 4096))
    if head[0] != 0x30 or b"\x78" not in body[:8] or _LDAP_SUCCESS not in body:
        raise Fruitless(Why.NO_STARTTLS, head + body)


def _postgres(line: Line) -> None:
    line.send(_POSTGRES_REQUEST)
    if (answer := line.exactly(1)) != b"S":
        raise Fruitless(Why.NO_STARTTLS, answer)


_SPOKEN: dict[StartTls, Callable[[Line], None]] = {
    StartTls.SMTP: _smtp,
    StartTls.IMAP: _imap,
    StartTls.POP3: _pop3,
    StartTls.FTP: _ftp,
    StartTls.LDAP: _ldap,
    StartTls.POSTGRES: _postgres,
}
