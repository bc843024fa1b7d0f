"""Posting one signed message to the webhook, and telling honestly how it ended. Nothing of the answer is kept."""

import http.client
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sekisho import __version__
from sekisho.governance.rules.delivery import Sent, Trouble, signature
from sekisho.governance.services.connecting import Way, WayBroken, broken, connected, protecting
from sekisho.kernel import clock

_MOST_READ = 64 * 1024
_WELL = range(200, 300)
_ELSEWHERE = range(300, 400)
_TRY_AGAIN = frozenset({408, 425, 429})
_THEIR_FAULT = range(500, 600)
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where messages go, and the secret that they are signed with."""

    url: str
    secret: str = field(repr=False)
    ca_pem: str = ""


def post(receiver: Receiver, body: bytes, message_id: str, *, seconds: float) -> Sent:
    """Post ``body`` within ``seconds``. Raises nothing: how it ended is the answer. Redirects are not followed."""
    parts = urlsplit(receiver.url)
    host, plain = parts.hostname or "", parts.scheme == "http"
    way = Way(host, parts.port or _PORTS[parts.scheme], seconds, loopback_only=plain)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Sekisho/{__version__}",
        "Sekisho-Delivery": message_id,
        "Sekisho-Signature": signature(receiver.secret, clock.now(), body),
        "Connection": "close",
    }
    connection = http.client.HTTPConnection(host, way.port)
    try:
        with connected(way) as channel:
            # The connection is given, so the library looks no name up and follows no proxy.
            connection.sock = channel if plain else _protected(channel, host, receiver.ca_pem)
            path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            connection.request("POST", path, body, headers)
            with connection.getresponse() as answer:
                answer.read(_MOST_READ)
                return _judged(answer.status)
    except http.client.RemoteDisconnected:
        return broken(Trouble.CUT).sent
    except http.client.HTTPException:
        return broken(Trouble.RUBBISH).sent
    except WayBroken as ended:
        return ended.sent
    finally:
        connection.close()


def _protected(channel: socket.socket, host: str, ca_pem: str) -> ssl.SSLSocket:
    return protecting(ca_pem).wrap_socket(channel, server_hostname=host)


def _judged(status: int) -> Sent:
    if status in _WELL:
        return Sent(answer=str(status))
    if status in _ELSEWHERE:
        return Sent(Trouble.REDIRECT, str(status))
    return Sent(Trouble.STATUS, str(status), again=status in _TRY_AGAIN or status in _THEIR_FAULT)
