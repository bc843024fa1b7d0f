"""A request at our own door, as a browser on this computer would make it: through the port, TLS and Caddy to a page."""

import socket
import ssl
from collections.abc import Sequence
from http.client import HTTPException, HTTPSConnection

from sekisho.config.environment import Environment
from sekisho.config.processes.health import PATH

_WITHIN = 10.0
_THIS_COMPUTER = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


class _HereConnection(HTTPSConnection):
    """HTTPS to an address of this computer under the name that people open."""

    def __init__(self, address: str, host: str, port: int) -> None:
        # Whether browsers trust the certificate is another question, asked elsewhere: here it is who answers, and how.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(host, port, timeout=_WITHIN, context=context)
        self._address, self._ours = address, context

    def connect(self) -> None:
        """Connect to the address and shake hands under the name."""
        raw = socket.create_connection((self._address, self.port), timeout=self.timeout)
        self.sock = self._ours.wrap_socket(raw, server_hostname=self.host)


def ask_door(settings: Environment, addresses: Sequence[str]) -> int | str:
    """Return the status that our page of health answers with at the first of ``addresses``, or what went wrong."""
    address = _THIS_COMPUTER.get(addresses[0], addresses[0])
    connection = _HereConnection(address, settings.host, settings.port)
    try:
        connection.request("GET", PATH, headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read(65536)
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    else:
        return answer.status
    finally:
        connection.close()
