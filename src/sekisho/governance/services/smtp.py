"""Handing one mail to the mail server (RFC 5321), and telling honestly how it ended."""

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from sekisho.governance.rules.delivery import Security, Sent, Trouble, plain_answer
from sekisho.governance.services.connecting import Way, WayBroken, broken, connected, protecting

_READY, _DONE, _FORWARDED, _GO_ON = 220, 250, 251, 354
_REPLIES, _PASSING_REPLIES = range(200, 600), range(400, 500)
_LINE_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server as it is talked to."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_pem: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole mail in 7-bit form with CRLF, and whom it goes to."""

    receiver: str
    content: bytes


class _Client(smtplib.SMTP):
    """A client over a connection that stands already; the standard one would look the name up again."""

    def __init__(self, channel: socket.socket, server: Server) -> None:
        super().__init__(local_hostname=server.sender.partition("@")[2])
        self._host = server.host  # the name that starttls checks the certificate for
        self.sock = channel


def hand_over(server: Server, letter: Letter, *, seconds: float) -> Sent:
    """Hand a letter over within ``seconds``. Raises nothing: how it ended is the answer."""
    way = Way(server.host, server.port, seconds, loopback_only=server.security is Security.NONE)
    handed = False
    try:
        with connected(way) as channel, closing(_Client(channel, server)) as client:
            _greet(client, server)
            _envelope(client, server, letter)
            with _speaking(server, Trouble.REFUSED):
                handed = True
                _content(client, server, letter)
            with suppress(smtplib.SMTPException, OSError):
                client.quit()  # the letter was taken; how they part changes nothing
    except WayBroken as ended:
        # A refusal of the letter is an answer; silence after it was sent is none.
        is_silent = handed and ended.sent.trouble in {Trouble.TIMEOUT, Trouble.CUT, Trouble.RUBBISH, Trouble.TLS}
        return Sent(Trouble.AFTERWARDS, ended.sent.answer, unclear=True) if is_silent else ended.sent
    return Sent()


def _greet(client: smtplib.SMTP, server: Server) -> None:
    """Come to the point where a letter may be handed over. Raises WayBroken, OSError."""
    context = protecting(server.ca_pem)
    if server.security is Security.TLS and client.sock is not None:
        client.sock = context.wrap_socket(client.sock, server_hostname=server.host)
    with _speaking(server, Trouble.REFUSED):
        _require(server, Trouble.REFUSED, client.getreply(), _READY)
        client.ehlo_or_helo_if_needed()
    if server.security is Security.STARTTLS:
        with _speaking(server, Trouble.NO_STARTTLS):
            client.starttls(context=context)
    if server.user:
        with _speaking(server, Trouble.LOGIN):
            client.login(server.user, server.password)


def _envelope(client: smtplib.SMTP, server: Server, letter: Letter) -> None:
    with _speaking(server, Trouble.REFUSED):
        client.ehlo_or_helo_if_needed()
        _require(server, Trouble.SENDER, client.mail(server.sender), _DONE)
        _require(server, Trouble.RECEIVER, client.rcpt(letter.receiver), _DONE, _FORWARDED)
        _require(server, Trouble.REFUSED, client.docmd("DATA"), _GO_ON)


def _content(client: smtplib.SMTP, server: Server, letter: Letter) -> None:
    client.send(_LINE_WITH_DOT.sub(b"..", letter.content) + b".\r\n")
    _require(server, Trouble.REFUSED, client.getreply(), _DONE)


def _require(server: Server, trouble: Trouble, reply: tuple[int, bytes], *wanted: int) -> None:
    """Raise WayBroken unless the server answered as wanted."""
    if reply[0] not in wanted:
        raise _refusal(server, trouble, *reply)


def _refusal(server: Server, trouble: Trouble, code: int, words: bytes | str) -> WayBroken:
    if code not in _REPLIES:
        return broken(Trouble.RUBBISH)
    said = words.decode("utf8", "replace") if isinstance(words, bytes) else words
    answer = plain_answer(f"{code} {said}", (server.password,))
    return WayBroken(Sent(trouble, answer, again=code in _PASSING_REPLIES))


@contextmanager
def _speaking(server: Server, trouble: Trouble) -> Iterator[None]:
    """Turn what the library raises into WayBroken; ``trouble`` is what a missing ability means here."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        cause = error.__context__
        raise (cause if isinstance(cause, OSError) else ConnectionResetError()) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(server, trouble, error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPException as error:
        raise broken(trouble) from error
