"""The web process: granian in front of Django, on a unix socket that only Caddy reaches."""

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sekisho.config.environment import Environment
from sekisho.config.logs import logging_configuration
from sekisho.config.processes.caddy import WEB_SOCKET

TARGET = "sekisho.config.wsgi:application"
PROCESS = "web"
THREADS = 4
STOP_WITHIN = 8  # seconds; less than what the supervisor allows


def run(environment: Environment) -> None:
    """Serve until asked to stop."""
    socket = environment.run / WEB_SOCKET
    socket.unlink(missing_ok=True)
    server = Server(
        TARGET,
        uds=socket,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=256,
        websockets=False,
        log_level=LogLevels.debug if environment.log_level == "debug" else LogLevels.warning,
        log_dictconfig=logging_configuration(environment.log_format, environment.log_level, PROCESS),
        log_access=False,
        workers_kill_timeout=STOP_WITHIN,
    )
    server.serve()
