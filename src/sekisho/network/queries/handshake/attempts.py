"""Trying to get in without a client certificate, with a foreign one, and with the registered one.

With TLS 1.3 the handshake is over for the client before the server has looked at its certificate, and some servers
(nginx) let every handshake pass and say no in HTTP. So each attempt goes on to a request and its answer.
"""

import os
import ssl
import warnings
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sekisho.kernel import clock
from sekisho.network.queries.handshake.certificates import clean
from sekisho.network.queries.handshake.line import Fruitless, Line, Target, Time
from sekisho.network.queries.handshake.starttls import start_tls
from sekisho.network.rules.observation import Attempt, Ending, StartTls, Why

_MOST_ANSWER = 16384
_REQUESTS = {
    StartTls.SMTP: b"EHLO sekisho.invalid\r\n",
    StartTls.IMAP: b"a NOOP\r\n",
    StartTls.POP3: b"CAPA\r\n",
    StartTls.FTP: b"NOOP\r\n",
}


class Knock:
    """Attempts at one endpoint. ``http``: it speaks HTTP once the handshake is done."""

    def __init__(self, target: Target, time_: Time, *, http: bool) -> None:
        self.target = target
        self.time = time_
        self.http = http

    def attempt(self, pem: str | None) -> Attempt:
        """Try once, with the certificate, its chain and its key in ``pem``, or without. Never raises."""
        try:
            context = _context(pem)
        except (ssl.SSLError, ValueError):
            return Attempt(Ending.FAILED, why=Why.UNREADABLE)
        try:
            with Line(self.target, self.time) as line:
                if self.target.starttls:
                    start_tls(line, self.target.starttls)
                return self._converse(line, _Session(line, context, self.target.server_name))
        except Fruitless as error:
            return Attempt(Ending.FAILED, why=error.why)

    def _converse(self, line: Line, session: "_Session") -> Attempt:
        try:
            session.handshake()
            session.write(self._request())
            return _read(session.read(_MOST_ANSWER))
        except ssl.SSLZeroReturnError:
            return Attempt(Ending.CLOSED)
        except ssl.SSLError as error:
            return _alert(error)
        except Fruitless as error:
            if error.why is Why.HUNG_UP:
                return Attempt(Ending.CLOSED)
            # Before TLS 1.3 the server has had its say once the handshake is done; later a ticket shows that it has.
            if error.why is Why.SILENT and session.accepted():
                return Attempt(Ending.KEPT)
            return Attempt(Ending.FAILED, why=error.why)

    def _request(self) -> bytes:
        if self.target.starttls:
            return _REQUESTS.get(self.target.starttls, b"")
        if not self.http:
            return b""
        host = self.target.server_name or self.target.host
        host = f"[{host}]" if ":" in host else host
        head = f"GET / HTTP/1.1\r\nHost: {host}:{self.target.port}\r\nUser-Agent: Sekisho\r\nAccept: */*\r\n"
        return (head + "Connection: close\r\n\r\n").encode("ascii", errors="replace")


class _Session:
    """A TLS session of OpenSSL over a bounded line."""

    def __init__(self, line: Line, context: ssl.SSLContext, name: str | None) -> None:
        self._line = line
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._done = False

    def handshake(self) -> None:
        """Do our side of the handshake. Raises SSLError, Fruitless."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._exchange()
            else:
                break
            finally:
                self._flush()
        self._done = True

    def write(self, data: bytes) -> None:
        """Send a request."""
        if data:
            self._tls.write(data)
            self._flush()

    def read(self, most: int) -> bytes:
        """Return the first answer, whole as far as it comes in time. Raises SSLError, Fruitless where nothing came."""
        answer = b""
        try:
            while len(answer) < most:
                answer += self._some(most)
        except (ssl.SSLError, Fruitless):
            if not answer:
                raise
        return answer

    def _some(self, most: int) -> bytes:
        while True:
            try:
                part = self._tls.read(most)
            except ssl.SSLWantReadError:
                self._exchange()
            else:
                if not part:
                    raise ssl.SSLZeroReturnError
                return part

    def accepted(self) -> bool:
        """Tell whether the server has shown that it took the handshake."""
        if not self._done:
            return False  # and there is no session that could be asked for
        session = self._tls.session
        return self._tls.version() != "TLSv1.3" or (session is not None and session.has_ticket)

    def _exchange(self) -> None:
        self._flush()
        self._incoming.write(self._line.some())

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._line.send(data)


def _read(answer: bytes) -> Attempt:
    head, _blank, body = answer.partition(b"\r\n\r\n")
    status = int(head[9:12]) if head.startswith(b"HTTP/1.") and head[9:12].isdigit() else None
    said = clean((body if status is not None else head).decode(errors="replace"))
    return Attempt(Ending.ANSWERED, status=status, said=said)


def _alert(error: ssl.SSLError) -> Attempt:
    """OpenSSL names an alert by where it came from and what it says: TLSV13_ALERT_CERTIFICATE_REQUIRED."""
    _where, alert, name = (error.reason or "").partition("_ALERT_")
    if alert:
        return Attempt(Ending.ALERT, alert=name.lower())
    eof = isinstance(error, ssl.SSLEOFError)
    return Attempt(Ending.CLOSED) if eof else Attempt(Ending.FAILED, why=Why.UNREADABLE)


def _context(pem: str | None) -> ssl.SSLContext:
    """Return a client that takes any server: whom it is from is judged elsewhere, here nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= 0x4  # SSL_OP_LEGACY_SERVER_CONNECT
    if pem:
        # OpenSSL's interface takes files only; this one has no name and no disk.
        file = os.memfd_create("client")
        try:
            os.write(file, pem.encode())
            context.load_cert_chain(f"/proc/self/fd/{file}")
        finally:
            os.close(file)
    return context


def foreign_pem() -> str:
    """Return a client certificate of an authority made up on the spot, with its key."""
    now = clock.now()
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name("Sekisho asks: an authority that nobody knows")
    builder = x509.CertificateBuilder().not_valid_before(now - timedelta(hours=1))
    builder = builder.not_valid_after(now + timedelta(hours=1)).issuer_name(authority)
    root = (
        builder.subject_name(authority)
        .public_key(authority_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        builder.subject_name(_name("Sekisho asks"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join((leaf.public_bytes(Encoding.PEM), root.public_bytes(Encoding.PEM), secret)).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
