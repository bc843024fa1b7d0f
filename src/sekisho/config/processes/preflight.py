"""What is checked before the platform starts and does not lie in the data directory: the clock and the port."""

import errno
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

from sekisho.config.environment import Environment
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
LOOPBACK = ("127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # only when the operator chose SEKISHO_LISTEN=all


class ClockWrong(SekishoError):
    """The computer's clock shows a time before this software existed."""

    code = "config.clock_wrong"
    message = _("The clock of this computer shows %(now)s. That cannot be right.")
    hint = _("Set the clock (and switch on time synchronisation), then start again. Records need the right time.")
    status = 500
    exit_code = 78


class PortTaken(SekishoError):
    """Another program listens on the port."""

    code = "config.port_taken"
    message = _("Port %(port)s on %(address)s is used by another program.")
    hint = _("Stop that program, or choose another port with SEKISHO_PORT.")
    status = 500
    exit_code = 69


class PortForbidden(SekishoError):
    """This user may not listen on the port."""

    code = "config.port_forbidden"
    message = _("You are not allowed to use port %(port)s on %(address)s.")
    hint = _("Choose a port from 1024 with SEKISHO_PORT, or give the service the right to use low ports.")
    status = 500
    exit_code = 77


def check_clock() -> None:
    """Raise ClockWrong when the clock is before 2026."""
    now = clock.now()
    if now < EARLIEST:
        raise ClockWrong(now=f"{now:%Y-%m-%d %H:%M} UTC")


def listen_addresses(environment: Environment) -> tuple[str, ...]:
    """Return the addresses that Caddy listens on: IPv4, and IPv6 where this computer has it."""
    wanted = LOOPBACK if environment.listen == "local" else EVERYWHERE
    return tuple(address for address in wanted if _exists(address))


def check_port(environment: Environment, addresses: Sequence[str]) -> None:
    """Try to listen on the ports. Raises PortTaken, PortForbidden."""
    ports = [port for port in (environment.port, environment.redirect_port) if port]
    for address, port in product(addresses, ports):
        try:
            _bind(address, port)
        except OSError as error:
            fault = PortTaken if error.errno == errno.EADDRINUSE else PortForbidden
            if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EPERM}:
                raise
            raise fault(port=port, address=address) from error


def _exists(address: str) -> bool:
    try:
        _bind(address, 0)
    except OSError:
        return False
    return True


def _bind(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As Caddy does: a port whose last connections are still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((address, port))
        probe.listen(1)
