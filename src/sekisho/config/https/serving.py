"""What Caddy is told of certificates and of plain HTTP, and which certificate it really shows.

Light on purpose: the supervisor and the process that becomes Caddy load it.
"""

import http.client
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sekisho.config.environment import Environment
from sekisho.config.https.roots import to_der

OURS = "127.0.0.1"  # Caddy listens there always, whether other networks are let in or not
_SECONDS = 5.0


def kept_file(settings: Environment) -> Path:
    """Return where the copy of the facility's own certificate and key lies that Caddy shows."""
    return settings.home / "caddy" / "own.pem"


def is_own(settings: Environment) -> bool:
    """Tell whether the facility's own certificate is shown: it is wanted, and was once found right."""
    return settings.tls_certificate is not None and kept_file(settings).is_file()


def caddy_certificates(settings: Environment, names: Sequence[str]) -> dict[str, Any]:
    """Return where Caddy takes the certificates for ``names`` from, the present one first.

    From its own authority, but the present one from the kept copy where there is one.
    """
    if not is_own(settings):
        return {"automate": [*names]}
    path = str(kept_file(settings))
    return {"load_files": [{"certificate": path, "key": path}], "automate": [*names[1:]]}


def listen(addresses: Sequence[str], port: int) -> list[str]:
    """Return addresses and port as Caddy writes them."""
    return [f"{f'[{address}]' if ':' in address else address}:{port}" for address in addresses]


def plain_server(settings: Environment, addresses: Sequence[str]) -> dict[str, Any]:
    """Return the server of plain HTTP: it leads whoever only looks to HTTPS, and takes nothing from anybody."""
    there = {
        "handler": "static_response",
        "status_code": 308,
        "headers": {"Location": [f"{settings.origin}{{http.request.uri}}"]},
    }
    return {
        "listen": listen(addresses, settings.redirect_port),
        "protocols": ["h1"],
        "automatic_https": {"disable": True},
        "read_header_timeout": "15s",
        "read_timeout": "15s",
        "idle_timeout": "30s",
        "max_header_bytes": 16384,
        "routes": [
            {"handle": [{"handler": "headers", "response": {"deferred": True, "delete": ["Server"]}}]},
            {"match": [{"host": [settings.host], "method": ["GET", "HEAD"]}], "handle": [there], "terminal": True},
            {"handle": [{"handler": "static_response", "status_code": 421}]},
        ],
    }


def shown_certificate(settings: Environment, address: str = OURS) -> bytes | None:
    """Return the certificate that a client is shown at ``address``, in DER; None where no connection comes about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is looked at, nothing is said to it
    try:
        with (
            socket.create_connection((address, settings.port), timeout=_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=settings.host) as channel,
        ):
            return channel.getpeercert(binary_form=True)
    except OSError:
        return None


def shows_own(settings: Environment, address: str = OURS) -> bool:
    """Tell whether the kept certificate is the one that is shown."""
    return shown_certificate(settings, address) == to_der(kept_file(settings).read_text(encoding="ascii"))


class AdminConnection(http.client.HTTPConnection):
    """HTTP to Caddy's admin socket, which only this user reaches."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=30)
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def load_into(admin: Path, configuration: bytes) -> bool:
    """Let the running Caddy take a configuration over, certificates read anew, without dropping a connection."""
    connection = AdminConnection(admin)
    headers = {"Content-Type": "application/json", "Cache-Control": "must-revalidate"}
    try:
        connection.request("POST", "/load", body=configuration, headers=headers)
        answer = connection.getresponse()
        answer.read(65536)
    except (OSError, http.client.HTTPException):
        return False
    else:
        return answer.status == 200
    finally:
        connection.close()
