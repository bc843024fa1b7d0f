"""One message by syslog: RFC 5424 over UDP (RFC 5426), TCP with counted octets (RFC 6587) or TLS (RFC 5425)."""

import os
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.register.errors import HeadNotKept
from sekisho.register.rules import timestamp
from sekisho.register.services.posting import SLOW, UNREACHABLE, UNTRUSTED

SECONDS = 5.0
LARGEST_DATAGRAM = 2048  # what RFC 5426 wants every receiver to take
_LOG_AUDIT = 13
_NOTICE = 5
PRIORITY = _LOG_AUDIT * 8 + _NOTICE


@dataclass(frozen=True, slots=True)
class Collector:
    """Where messages go: ``transport`` is udp, tcp or tls; ``ca`` the authority of a tls collector, in PEM."""

    transport: str
    host: str
    port: int
    ca: Path | None = None


def write_message(words: str, kind: str, host: str, moment: datetime) -> bytes:
    """Return a message of the kind ``kind`` (MSGID) in one line, UTF-8 with its mark only where it is needed."""
    mark = "" if words.isascii() else "\N{BYTE ORDER MARK}"
    head = f"<{PRIORITY}>1 {timestamp(moment)} {host or '-'} sekisho {os.getpid()} {kind} -"
    return f"{head} {mark}{words}".encode()


def send(collector: Collector, message: bytes) -> None:
    """Send one message. Nothing says that it was kept: syslog knows no receipt. Raises HeadNotKept."""
    place = f"{collector.transport}://{collector.host}:{collector.port}"
    try:
        if collector.transport == "udp":
            _send_datagram(collector, message)
        else:
            _send_framed(collector, message)
    except TimeoutError as error:
        raise HeadNotKept(place=place, reason=SLOW) from error
    except ssl.SSLError as error:
        raise HeadNotKept(place=place, reason=UNTRUSTED) from error
    except OSError as error:
        raise HeadNotKept(place=place, reason=UNREACHABLE) from error


def _send_datagram(collector: Collector, message: bytes) -> None:
    family, kind, protocol, _name, address = socket.getaddrinfo(collector.host, collector.port, type=socket.SOCK_DGRAM)[
        0
    ]
    with socket.socket(family, kind, protocol) as channel:
        channel.settimeout(SECONDS)
        channel.sendto(message[:LARGEST_DATAGRAM], address)


def _send_framed(collector: Collector, message: bytes) -> None:
    framed = f"{len(message)} ".encode() + message
    with socket.create_connection((collector.host, collector.port), timeout=SECONDS) as channel:
        if collector.transport == "tcp":
            channel.sendall(framed)
            return
        context = ssl.create_default_context(cafile=str(collector.ca) if collector.ca else None)
        with context.wrap_socket(channel, server_hostname=collector.host) as protected:
            protected.sendall(framed)
