"""``sekisho up``: starts the processes of one data directory, keeps them running, and stops them in order.

Small on purpose and without Django: it has to hold out when everything else does not.
"""

import asyncio
import os
import signal
import socket
import ssl
import sys
from collections.abc import Sequence

import structlog

from sekisho.config.environment import Environment, environment
from sekisho.config.https.serving import is_own, shows_own
from sekisho.config.logs import configure_logging
from sekisho.config.processes.caddy import ADMIN_SOCKET, WEB_SOCKET, caddy_version, find_caddy, root_certificate
from sekisho.config.processes.children import Child
from sekisho.config.processes.entry import PREPARE, SERVICES, SYSLOG
from sekisho.config.processes.health import Pulse, answering, ask_health, ask_unix
from sekisho.config.processes.home import prepare_home, take_lock
from sekisho.config.processes.preflight import check_clock, check_port, listen_addresses
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

log = structlog.get_logger(__name__)
NAME = "supervisor"
ASK_EVERY = 5.0
ASK_READY_EVERY = 0.05
PATIENCE = 60.0
# A job may take long and still be at work.
WORKER_PATIENCE = 3600.0
# A process that ends so often so soon, before anything ever worked, will not work with the next try either.
EARLY = 10.0
MOST_EARLY_ENDS = 5


class ProcessFails(SekishoError):
    """A process of the instance ended right after its start again and again, before the instance was ever ready."""

    code = "config.process_fails"
    message = _("The process %(name)s ended %(times)s times right after its start (last with %(result)s).")
    hint = _("The lines above say why. Run “sekisho doctor” to look for the cause.")
    status = 500
    exit_code = 70


def up() -> int:
    """Run the platform until it is asked to stop; return the exit code. Raises what the first checks refuse."""
    settings = environment()
    configure_logging(settings, NAME)
    check_clock()
    prepare_home(settings)
    caddy_version(find_caddy(settings))
    lock = take_lock(settings)
    try:
        addresses = listen_addresses(settings)
        check_port(settings, addresses)
        return asyncio.run(Supervisor(settings, addresses, lock).run())
    finally:
        os.close(lock)


class Supervisor:
    """The parent of all processes of one instance."""

    def __init__(self, settings: Environment, addresses: Sequence[str], lock: int) -> None:
        self._settings = settings
        self._addresses = addresses
        self._lock = lock
        self._children = [self._child(name) for name in services(settings)]
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._is_ready = False
        self._pulse = Pulse(NAME, self._details)

    def _child(self, name: str) -> Child:
        run, host = self._settings.run, self._settings.host
        match name:
            case "web":
                return Child(name, lambda: ask_health(run / WEB_SOCKET, host=host) is not None, PATIENCE)
            case "caddy":
                return Child(name, lambda: is_configured(self._settings), PATIENCE)
            case _:
                patience = WORKER_PATIENCE if name == "worker" else PATIENCE
                return Child(name, lambda: ask_health(run / f"{name}.sock") is not None, patience)

    def _details(self) -> dict[str, Json]:
        children: dict[str, Json] = {child.name: {"pid": child.pid, "starts": child.starts} for child in self._children}
        return {"ready": self._is_ready, "children": children}

    async def run(self) -> int:
        """Prepare, start everything, keep it running until a signal comes; return the exit code.

        Raises ProcessFails.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._take_signal)
        with answering(self._settings.run / f"{NAME}.sock", self._pulse):
            code = await self._prepare()
            if code != 0 or self._stopping.is_set():
                return code
            work = [self._watch_health(), self._announce_ready(), *map(self._keep, self._children)]
            tasks = [asyncio.create_task(part) for part in work]
            await self._until_stop(tasks)
            return 0

    def _take_signal(self) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    async def _until_stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the wish to stop, then stop the children in reverse order. A fault of our own ends all, too."""
        wish = asyncio.create_task(self._until_wished())
        watching = {wish, *tasks}
        try:
            while not wish.done():
                done, watching = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            self._stopping.set()
            log.info("stopping")
            for child in reversed(self._children):
                await child.stop(self._hurry)
            for task in (wish, *tasks):
                task.cancel()
            log.info("stopped")

    async def _until_wished(self) -> None:
        await self._stopping.wait()

    async def _prepare(self) -> int:
        """Run the preparing step to its end; return its exit code, 0 when we were asked to stop meanwhile."""
        child = Child(PREPARE, lambda: True, PATIENCE)
        await child.start(self._lock)
        ended = asyncio.create_task(child.wait())
        wish = asyncio.create_task(self._until_wished())
        await asyncio.wait({ended, wish}, return_when=asyncio.FIRST_COMPLETED)
        wish.cancel()
        if self._stopping.is_set():
            await child.stop(self._hurry)
            return 0
        code = await ended
        return code if code >= 0 else 70

    async def _keep(self, child: Child) -> None:
        """Start ``child`` again and again until we are asked to stop. Raises ProcessFails."""
        while not self._stopping.is_set():
            try:
                await child.start(self._lock)
                log.info("started", child=child.name, pid=child.pid)
                ended: int | str = await child.wait()
            except OSError as error:
                ended = str(error)
            if self._stopping.is_set():
                return
            self._give_up_if_hopeless(child, ended)
            wait = child.backoff.after(child.uptime)
            log.error("ended unexpectedly, starting again", child=child.name, result=ended, seconds=wait)
            await self._pause(wait)

    def _give_up_if_hopeless(self, child: Child, ended: int | str) -> None:
        """Raise ProcessFails when there never was a working instance and will be none; later ones are kept up."""
        if child.uptime < EARLY:
            child.early_ends += 1
        if child.early_ends >= MOST_EARLY_ENDS and not self._is_ready:
            raise ProcessFails(name=child.name, times=child.early_ends, result=ended)

    async def _pause(self, seconds: float) -> None:
        """Wait, shorter when we are asked to stop."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _watch_health(self) -> None:
        """Ask every child how it is, and end one that has been unwell for too long; then it is started again."""
        while not self._stopping.is_set():
            self._pulse.beat()
            for child in self._children:
                if child.pid is None:
                    continue
                well = await asyncio.to_thread(child.is_well)
                if child.note_health(well=well) and not self._stopping.is_set():
                    log.error("does not answer any more, ending it", child=child.name, pid=child.pid)
                    await child.stop(self._hurry)
            await self._pause(ASK_EVERY)

    async def _announce_ready(self) -> None:
        """Print the address as soon as a browser would get an answer there."""
        web, caddy = (child for name in ("web", "caddy") for child in self._children if child.name == name)
        while not self._stopping.is_set():
            if await asyncio.to_thread(
                lambda: web.is_well() and caddy.is_well() and is_trusted(self._settings, self._addresses[0])
            ):
                self._is_ready = True
                self._print_ready()
                return
            await self._pause(ASK_READY_EVERY)

    def _print_ready(self) -> None:
        try:
            print(_("Sekisho is ready: %(address)s", address=self._settings.origin))
            print(_("Stop it with Ctrl-C."))
            sys.stdout.flush()
        except OSError as error:  # whoever listened has gone; that is no reason to stop
            log.warning("cannot write to standard output", error=str(error))


def services(settings: Environment) -> tuple[str, ...]:
    """Return the processes of this instance, in the order in which they are started."""
    return (*SERVICES, SYSLOG) if settings.syslog_port else SERVICES


def is_configured(settings: Environment) -> bool:
    """Tell whether Caddy runs with our configuration."""
    answer = ask_unix(settings.run / ADMIN_SOCKET, "/config/apps/http/servers/front/listen", host="127.0.0.1")
    return answer is not None and answer[0] == 200


def is_trusted(settings: Environment, address: str) -> bool:
    """Tell whether a TLS handshake succeeds at ``address`` for whoever trusts the root certificate.

    Of the facility's own certificate only that it is the one that is shown: who trusts it is not known here.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  # compared, not bound
    if is_own(settings):
        return shows_own(settings, reachable)
    try:
        context = ssl.create_default_context(cafile=str(root_certificate(settings)))
        with (
            socket.create_connection((reachable, settings.port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname=settings.host),
        ):
            return True
    except OSError:
        return False
