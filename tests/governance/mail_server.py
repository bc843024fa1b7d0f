"""A real mail server and a real HTTPS receiver on loopback, with a test authority, and ways to misbehave."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.network.servers import LOOPBACK, Identity, free_port, identity

HOST = "localhost"
USER, PASSWORD = "sekisho@clinic.example.jp", "himitsu no kotoba"
AUTHORITY = identity("Test authority of the clinic", authority=True)
GOOD = identity("mail", issuer=AUTHORITY, names=(HOST,))
FOREIGN = identity("mail", issuer=AUTHORITY, names=("elsewhere.example.jp",))
CA_PEM = AUTHORITY.pem.encode()


def tls(folder: Path, who: Identity = GOOD) -> ssl.SSLContext:
    """Return the server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*who.write(folder, "server"))
    return context


@dataclass
class Mailbox:
    """What the server took, and what it refuses: (recipient, reply) and a reply to the letter itself."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    reply: str = "250 OK queued"
    asked: int = 0
    arriving: threading.Event = field(default_factory=threading.Event)
    going_on: threading.Event = field(default_factory=threading.Event)
    holds: bool = False

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or refuse as told."""
        self.asked += 1
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter; when told to hold, say nothing until it goes on."""
        self.arriving.set()
        while self.holds and not self.going_on.is_set():
            await server.loop.run_in_executor(None, self.going_on.wait, 0.05)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.taken += [(address, letter) for address in envelope.rcpt_tos]
        return self.reply


class _Controller(Controller):
    """The library's server; it asks itself for a greeting at the start and would not trust our authority."""

    def _trigger_server(self) -> None:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with contextlib.ExitStack() as stack:
            channel = stack.enter_context(socket.create_connection((self.hostname, self.port), 10))
            if self.ssl_context is not None:
                channel = stack.enter_context(trusting.wrap_socket(channel))
            channel.recv(1024)


@contextmanager
def mail_server(
    mailbox: Mailbox,
    *,
    starttls: ssl.SSLContext | None = None,
    smtps: ssl.SSLContext | None = None,
    login: bool = False,
) -> Iterator[int]:
    """Run a mail server until the end of the block; give its port."""

    def authenticate(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        mailbox.logins.append(data.login.decode())
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        message = None if right else f"535 5.7.8 Wrong: {data.password.decode()}"
        return AuthResult(success=right, handled=False, message=message)

    controller = _Controller(
        mailbox,
        hostname=LOOPBACK,
        port=free_port(),
        ssl_context=smtps,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=authenticate if login else None,
        auth_required=login,
        auth_require_tls=starttls is not None,
        ready_timeout=30,
    )
    controller.start()
    try:
        yield int(controller.port)
    finally:
        mailbox.going_on.set()
        controller.stop()


@dataclass
class Postbox:
    """What the receiver of the webhook was sent, and how it answers."""

    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@contextmanager
def receiver(postbox: Postbox, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a receiver until the end of the block; give its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            postbox.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(postbox.status)
            for name, value in postbox.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(postbox.body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(postbox.body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer((LOOPBACK, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
