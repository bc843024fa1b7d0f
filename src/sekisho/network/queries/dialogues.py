"""What an open port says of itself, asked in its own protocol and no further than before any sign-in."""

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509

from sekisho.kernel.canonical import Json
from sekisho.network.queries.streams import NoTls, SecureStream, Stream
from sekisho.network.rules.exposure_profile import Look
from sekisho.network.rules.reached import Encryption

MOST_BANNER = 512  # bytes
_MOST_REPLY = 4096  # bytes of one FTP reply
_MOST_NAMES = 50
_LONGEST_NAME = 253  # characters, as in DNS
_PAUSE = 0.3  # seconds of silence that end a banner once it has begun
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_FTP_END = re.compile(rb"(?:^|\n)(\d{3}) [^\n]*\n")  # RFC 959 section 4.2: the last line has a space after the code


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard: the escaped banner, whether there is encryption, the names of a certificate."""

    banner: str = ""
    encryption: Encryption = Encryption.UNKNOWN
    names: tuple[str, ...] = ()
    detail: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


async def converse(stream: Stream, look: Look, host: str, seconds: float) -> Heard:
    """Let an open port speak, for ``seconds`` at most. What goes wrong is a word of detail, never an error."""
    try:
        if look is Look.BANNER:
            return await _banner(stream, seconds)
        async with asyncio.timeout(seconds):
            match look:
                case Look.TLS:
                    return await _tls(stream, host)
                case Look.FTP:
                    return await _ftp(stream)
                case Look.RFB:
                    return await _rfb(stream)
    except TimeoutError:
        return Heard(detail="silent")
    except OSError as error:
        return Heard(detail=error.strerror or str(error))
    return Heard()


def escaped(data: bytes) -> str:
    """Return bytes as printable ASCII: all else, and the backslash, as Python writes it, so that nothing acts on it.

    Escape sequences of terminals, line ends, bidirectional marks and markup of other alphabets cannot come through.
    """
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


async def _banner(stream: Stream, seconds: float) -> Heard:
    """Listen until a line ends, a pause comes or the time is over; what was heard by then is kept."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    heard, ended = b"", "silent"
    with contextlib.suppress(TimeoutError):
        while len(heard) < MOST_BANNER and not heard.endswith(b"\n"):
            async with asyncio.timeout_at(min(deadline, loop.time() + _PAUSE) if heard else deadline):
                data = await stream.receive(MOST_BANNER - len(heard))
            if not data:
                ended = "closed"
                break
            heard += data
    facts: dict[str, Json] = {"banner_truncated": len(heard) >= MOST_BANNER}
    return Heard(escaped(heard), detail="" if heard else ended, facts=facts)


async def _tls(stream: Stream, host: str) -> Heard:
    secure = SecureStream(stream, _server_name(host))
    try:
        await secure.handshake()
    except NoTls as error:
        encryption = {True: Encryption.YES, False: Encryption.NO, None: Encryption.UNKNOWN}[error.spoken]
        return Heard(encryption=encryption, detail=str(error))
    names, detail = _names(secure.certificate)
    return Heard(encryption=Encryption.YES, names=names, detail=detail, facts={"tls_version": secure.version})


def _server_name(host: str) -> str | None:
    """Return the name to ask for; addresses are not sent (RFC 6066 section 3), nor what is no name of a host."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if _HOST_NAME.fullmatch(host) else None
    return None


_BROKEN = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def _names(certificate: bytes | None) -> tuple[tuple[str, ...], str]:
    """Return the alternative names of a certificate, without such its common names."""
    if not certificate:
        return (), "no certificate"
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        found = _alternative_names(parsed)
        found = found or [str(name.value) for name in parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
        return tuple(escaped(name.encode())[:_LONGEST_NAME] for name in found[:_MOST_NAMES]), ""
    except _BROKEN as error:
        return (), f"certificate: {type(error).__name__}"


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


async def _ftp(stream: Stream) -> Heard:
    """Ask an FTP server for TLS (RFC 4217 section 4): 234 offers it. Whether it may be left out is not tried."""
    greeting, code = await _ftp_reply(stream)
    if code != "220":
        return Heard(escaped(greeting[:MOST_BANNER]), detail="no greeting")
    await stream.send(b"AUTH TLS\r\n")
    _reply, code = await _ftp_reply(stream)
    if code == "234":
        return Heard(escaped(greeting[:MOST_BANNER]), Encryption.OFFERED)
    await stream.send(b"QUIT\r\n")
    return Heard(escaped(greeting[:MOST_BANNER]), Encryption.NO if code else Encryption.UNKNOWN, detail=code)


async def _ftp_reply(stream: Stream) -> tuple[bytes, str]:
    reply = b""
    while len(reply) < _MOST_REPLY:
        data = await stream.receive(_MOST_REPLY - len(reply))
        if not data:
            break
        reply += data
        if end := _FTP_END.search(reply):
            return reply, end[1].decode()
    return reply, ""


# Security types of RFB (RFC 6143 section 8.1.2 and the registry behind it).
_RFB_CLEAR = frozenset({1, 2, 16, 17, 21, 30})  # none, VNC password, Tight, Ultra, MD5, Apple: the screen goes in clear
_RFB_ENCRYPTED = frozenset({5, 18})  # RA2, TLS


async def _rfb(stream: Stream) -> Heard:
    """Ask a VNC server which kinds of security it offers (RFC 6143 sections 7.1.1 and 7.1.2), and choose none."""
    version = await _exactly(stream, 12)
    if not re.fullmatch(rb"RFB \d{3}\.\d{3}\n", version):
        return Heard(escaped(version), detail="no RFB")
    old = version < b"RFB 003.007\n"
    await stream.send(b"RFB 003.003\n" if old else b"RFB 003.008\n")
    if old:
        types = [int.from_bytes(await _exactly(stream, 4), "big")]
    else:
        count = await _exactly(stream, 1)
        types = list(await _exactly(stream, count[0] if count else 0))
    facts: dict[str, Json] = {"rfb_security_types": types}
    return Heard(escaped(version), _rfb_encryption(set(types)), facts=facts)


def _rfb_encryption(types: set[int]) -> Encryption:
    if types & _RFB_CLEAR:
        return Encryption.NO
    if not types or 0 in types:  # refused, with a reason we do not read
        return Encryption.UNKNOWN
    return Encryption.YES if types <= _RFB_ENCRYPTED else Encryption.OFFERED


async def _exactly(stream: Stream, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := await stream.receive(count - len(data))):
        data += more
    return data
