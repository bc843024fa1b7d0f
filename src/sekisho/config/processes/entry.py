"""The entry of each process under ``sekisho up``: tied to its parent, logging under its name, then its own work."""

import importlib
import multiprocessing
from collections.abc import Callable

import structlog

from sekisho.config.environment import Environment, environment
from sekisho.config.logs import configure_logging
from sekisho.config.processes.caddy import become_caddy
from sekisho.config.processes.django_start import start_django
from sekisho.config.processes.lifeline import die_with_parent
from sekisho.config.processes.preflight import listen_addresses
from sekisho.kernel.errors import SekishoError

log = structlog.get_logger(__name__)
PREPARE = "prepare"
# In the order in which they are started; stopped the other way round.
SERVICES = ("sequencer", "worker", "web", "caddy")
# Beside them only where the settings ask for it.
SYSLOG = "syslog"
NAMES = (PREPARE, *SERVICES, SYSLOG)


def run_process(name: str, parent: int) -> None:
    """Be the process ``name`` of the process ``parent`` until it ends.

    Raises what its start refuses.
    """
    die_with_parent(parent)
    settings = environment()
    configure_logging(settings, name)
    try:
        _ENTRIES[name](settings)
    except SekishoError:
        raise
    except Exception:
        log.exception("ended by a fault")  # nobody is there to run it again and look
        raise


def enter_web_worker() -> None:
    """Begin the process that granian makes for Django: tied to granian, and logging as the web process."""
    granian = multiprocessing.parent_process()
    if granian is not None and granian.pid is not None:
        die_with_parent(granian.pid)
        configure_logging(environment(), "web")


def _run_module(name: str, *, with_django: bool) -> Callable[[Environment], None]:
    def enter(settings: Environment) -> None:
        if with_django:
            start_django()
        if with_django and name != PREPARE:  # which says more, and may change it
            importlib.import_module("sekisho.config.processes.database").refuse_newer()
        importlib.import_module(f"sekisho.config.processes.{name}").run(settings)

    return enter


def _run_caddy(settings: Environment) -> None:
    become_caddy(settings, listen_addresses(settings))


_ENTRIES: dict[str, Callable[[Environment], None]] = {
    "prepare": _run_module("prepare", with_django=True),
    "sequencer": _run_module("sequencer", with_django=True),
    "worker": _run_module("worker", with_django=True),
    "web": _run_module("web", with_django=False),
    "caddy": _run_caddy,
    SYSLOG: _run_module(SYSLOG, with_django=True),
}
