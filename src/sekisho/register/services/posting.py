"""Posting bytes to a witness or a time-stamping authority, bounded in time and size. No redirects, no proxies."""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sekisho import __version__
from sekisho.register.errors import HeadNotKept

LARGEST_ANSWER = 256 * 1024
SECONDS = 10.0
UNREACHABLE = "unreachable"
SLOW = "slow"
UNTRUSTED = "untrusted"
GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status and at most LARGEST_ANSWER bytes."""

    status: int
    body: bytes


def post(url: str, body: bytes, kind: str, *, ca: Path | None = None, seconds: float = SECONDS) -> Answer:
    """Post ``body`` of media type ``kind`` and return the answer. Raises HeadNotKept saying what kept it."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    headers = {"Content-Type": kind, "User-Agent": f"Sekisho/{__version__}", "Connection": "close"}
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, ca, seconds)
    is_over = threading.Event()
    try:
        connection.connect()
    except TimeoutError as error:
        raise HeadNotKept(place=url, reason=SLOW) from error
    except (ssl.SSLError, ValueError) as error:
        raise HeadNotKept(place=url, reason=UNTRUSTED) from error
    except OSError as error:
        raise HeadNotKept(place=url, reason=UNREACHABLE) from error
    # A peer that sends a byte now and then keeps every single wait short; the whole is bounded here.
    clock = threading.Timer(seconds, _shut, [connection.sock, is_over])
    clock.start()
    try:
        connection.request("POST", path, body, headers)
        with connection.getresponse() as answer:
            return Answer(answer.status, _bounded(answer.read(LARGEST_ANSWER + 1), url))
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_slow = is_over.is_set() or isinstance(error, TimeoutError)
        raise HeadNotKept(place=url, reason=SLOW if is_slow else GARBLED) from error
    finally:
        clock.cancel()
        connection.close()


def _connection(
    scheme: str, host: str, port: int | None, ca: Path | None, seconds: float
) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _bounded(body: bytes, url: str) -> bytes:
    if len(body) > LARGEST_ANSWER:
        raise HeadNotKept(place=url, reason=GARBLED)
    return body


def _shut(channel: socket.socket, is_over: threading.Event) -> None:
    is_over.set()
    try:
        channel.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended in the same moment
