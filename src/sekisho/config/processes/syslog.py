"""The syslog receiver: takes the logs of other systems over TLS, where the settings give it a port."""

import asyncio
import signal
from datetime import timedelta

import structlog
from django.db import close_old_connections

from sekisho.config.environment import Environment
from sekisho.config.processes.health import Pulse, answering
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _
from sekisho.register.inbox import inbox
from sekisho.register.queries.sources import source_facts, syslog_source
from sekisho.register.rules.sources.entries import SourceFacts
from sekisho.register.services.receiving import SPOOL, Receiver, tls_context

log = structlog.get_logger(__name__)
CERTIFICATE, KEY, CLIENTS = "server.pem", "server.key", "clients.pem"
_BEAT = timedelta(seconds=1)


class SyslogCertificatesMissing(SekishoError):
    """The certificates for receiving syslog are not there, or cannot be used."""

    code = "config.syslog_certificates_missing"
    message = _("Syslog cannot be received: %(reason)s")
    hint = _("Put server.pem, server.key and clients.pem into %(path)s, or set SEKISHO_SYSLOG_PORT to 0.")
    status = 500
    exit_code = 78


def run(environment: Environment) -> None:
    """Receive until asked to stop. Raises SyslogCertificatesMissing, OSError, SourceInUse."""
    asyncio.run(_serve(environment))


def _find(names: list[str]) -> SourceFacts | None:
    close_old_connections()
    source = syslog_source(names)
    return source_facts(source) if source else None


async def _serve(environment: Environment) -> None:
    folder = environment.syslog
    try:
        context = tls_context(folder / CERTIFICATE, folder / KEY, folder / CLIENTS)
    except OSError as error:
        raise SyslogCertificatesMissing(reason=str(error), path=folder) from error
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    pulse = Pulse("syslog")
    host = "127.0.0.1" if environment.listen == "local" else "0.0.0.0"  # noqa: S104  # asked for by the setting
    with inbox(environment.inbox, SPOOL) as opened, answering(environment.run / "syslog.sock", pulse):
        server = await Receiver(opened, _find).serve(host, environment.syslog_port, context)
        log.info("started", port=environment.syslog_port)
        while not stopping.is_set():
            pulse.beat()
            await asyncio.wait({asyncio.create_task(stopping.wait())}, timeout=_BEAT.total_seconds())
        server.close()
    log.info("stopped")
