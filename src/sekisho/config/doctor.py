"""``sekisho doctor``: what is there, what is wrong, what to do. Answers when all else is broken, changes nothing."""

import importlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

import click

from sekisho.config.backup.passphrase import unattended_fault
from sekisho.config.backup.target import found_in
from sekisho.config.environment import Environment, environment, unknown_settings
from sekisho.config.https.roots import read_out
from sekisho.config.keys import is_installed, key_paths, read_key
from sekisho.config.processes.caddy import ADMIN_SOCKET, WEB_SOCKET, caddy_version, find_caddy, root_certificate
from sekisho.config.processes.django_start import start_django
from sekisho.config.processes.door import ask_door
from sekisho.config.processes.health import ask_health, ask_unix
from sekisho.config.processes.home import MIB, check_private, check_room, folders, is_locked, lock_holder
from sekisho.config.processes.preflight import check_clock, check_port, listen_addresses
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _

_LOWEST_PYTHON = (3, 11)
_OLDEST_BACKUP = timedelta(days=2)


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


STATE_WORDS = {State.OK: _("fine"), State.WARN: _("note"), State.BAD: _("wrong")}


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about one thing, and what to do about it."""

    name: str
    title: Text
    state: State
    found: Text | str
    advice: Text | None = None


Look = Callable[[Environment], tuple[State, Text | str, Text | None]]


def doctor(*, as_json: bool) -> int:
    """Print every check, as a list for people or as JSON; return 1 when something is wrong, else 0."""
    checks = list(run_checks())
    click.echo(_as_json(checks) if as_json else "\n".join(_lines(checks)))
    return int(any(check.state is State.BAD for check in checks))


def run_checks() -> Iterator[Check]:
    """Yield every check in the order of its cause: what comes first may explain what comes later."""
    yield _check("python", _("Python"), _python)
    yield _check("clock", _("Clock"), _clock)
    try:
        settings = environment()
    except SekishoError as error:
        yield Check("settings", _("Settings"), State.BAD, error.text, error.advice)
        for name, title, _look in LOOKS:
            yield Check(name, title, State.WARN, _("Not checked, because the settings are not valid."))
        return
    yield _check("settings", _("Settings"), _settings)
    for name, title, look in LOOKS:
        yield _check(name, title, lambda look=look: look(settings))  # type: ignore[misc]  # mypy does not see the default


def _check(name: str, title: Text, look: Callable[[], tuple[State, Text | str, Text | None]]) -> Check:
    try:
        state, found, advice = look()
    except SekishoError as error:
        return Check(name, title, State.BAD, error.text, error.advice)
    except Exception as error:  # noqa: BLE001  # the fault itself is the finding
        return Check(name, title, State.BAD, f"{type(error).__name__}: {error}")
    return Check(name, title, state, found, advice)


def _python() -> tuple[State, Text | str, Text | None]:
    if sys.version_info < _LOWEST_PYTHON:
        return State.BAD, platform.python_version(), _("Install Python 3.11 or newer.")
    return State.OK, platform.python_version(), None


def _clock() -> tuple[State, Text | str, Text | None]:
    check_clock()
    return State.OK, f"{clock.now().astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M:%S} {FACILITY_ZONE}", None


def _settings() -> tuple[State, Text | str, Text | None]:
    unknown = unknown_settings(os.environ)
    if unknown:
        return State.WARN, _("Not known: %(names)s", names=", ".join(unknown)), _("Check how these names are spelt.")
    return State.OK, _("All settings are valid."), None


def _home(settings: Environment) -> tuple[State, Text | str, Text | None]:
    if not settings.home.exists():
        return State.WARN, _("%(path)s does not exist yet.", path=settings.home), _("“sekisho up” makes it.")
    for folder in folders(settings):
        if folder.exists():
            check_private(folder)
    free = check_room(settings.home)
    return State.OK, _("%(path)s, %(free)s MiB free", path=settings.home, free=free // MIB), None


def _keys(settings: Environment) -> tuple[State, Text | str, Text | None]:
    if not is_installed(settings):
        return State.WARN, _("There are no keys yet."), _("“sekisho up” makes them.")
    for path in key_paths(settings):
        read_key(path)
    return (
        State.OK,
        ", ".join(path.name for path in key_paths(settings)),
        _("Keep a copy of them in a safe place, apart from the backup of the database."),
    )


def _caddy(settings: Environment) -> tuple[State, Text | str, Text | None]:
    program = find_caddy(settings)
    return State.OK, f"{caddy_version(program)} ({program})", None


def _database(settings: Environment) -> tuple[State, Text | str, Text | None]:
    # In an empty data directory Django's settings would make keys, perhaps as the wrong user; a doctor makes nothing.
    found = None
    if is_installed(settings):
        check_private(settings.home)
        for path in key_paths(settings):
            read_key(path)
        start_django()
        found = importlib.import_module("sekisho.config.processes.database").examine_database()
    if found is None:
        return State.WARN, _("Not made yet."), _("“sekisho up” makes it.")
    if found.pending:
        advice = _("The next “sekisho up” brings it up to date. Make a backup first.")
        return State.WARN, _("%(count)s changes are waiting.", count=found.pending), advice
    kind = "PostgreSQL" if settings.database_url else "SQLite"
    return State.OK, _("%(kind)s, complete and undamaged (%(count)s changes)", kind=kind, count=found.applied), None


def _register(settings: Environment) -> tuple[State, Text | str, Text | None]:
    found = None
    if is_installed(settings):
        start_django()
        found = importlib.import_module("sekisho.config.processes.database").examine_database()
    if found is None:
        return State.WARN, _("Not made yet."), _("“sekisho up” makes it.")
    if found.pending:
        return State.WARN, _("Not checked before the database is up to date."), None
    state = importlib.import_module("sekisho.register.queries").log_state()
    if state.fault is not None:
        return State.BAD, state.fault.text, state.fault.advice
    if state.stall is not None:  # where nothing runs, nothing can go on
        return State.BAD if is_locked(settings) else State.WARN, state.stall.text, state.stall.advice
    size = state.head.size if state.head else 0
    return State.OK, _("%(count)s entries in the log, %(waiting)s waiting", count=size, waiting=state.waiting), None


def _digest(settings: Environment) -> tuple[State, Text | str, Text | None]:
    found = None
    if is_installed(settings):
        start_django()
        found = importlib.import_module("sekisho.config.processes.database").examine_database()
    if found is None or found.pending:
        return State.WARN, _("Not checked before the database is up to date."), None
    delivery = importlib.import_module("sekisho.governance.queries.delivery")
    if not delivery.is_set_up():
        return State.OK, _("Notices are shown on their page only; no mail server is set up."), None
    missing = len(delivery.undelivered())
    if missing:
        advice = _("Open “Notices” and there “How notices are sent”: it says why.")
        return State.BAD, _("The last digest did not reach %(count)s of its receivers.", count=missing), advice
    return State.OK, _("The last digests arrived, or there was nothing to say."), None


def _host_name(settings: Environment) -> tuple[State, Text | str, Text | None]:
    """Passkeys belong to the host name: whether it is the one of the last start, and where a change of it stands."""
    found = None
    if is_installed(settings):
        start_django()
        found = importlib.import_module("sekisho.config.processes.database").examine_database()
    if found is None or found.pending:
        return State.WARN, _("Not checked before the database is up to date."), None
    names = importlib.import_module("sekisho.people.queries.host_names")
    change, last = names.open_change(), names.host_at_last_start()
    if last not in {None, settings.host} and (change is None or change.host != settings.host):
        advice = _("Set SEKISHO_HOST to %(former)s again and prepare the change on the page for it.", former=last)
        found = _("The next start changes it from %(former)s to %(host)s, unprepared.", former=last, host=settings.host)
        return State.BAD, found, advice
    if change is None:
        return State.OK, settings.host, None
    advice = _("Open “Changing the host name”: it shows who has to do what.")
    both = {"former": change.former, "host": change.host}
    if change.changed_at is None:
        return State.WARN, _("A change from %(former)s to %(host)s is prepared.", **both), advice
    if change.prepared_at is None:
        return State.WARN, _("It was changed from %(former)s to %(host)s without preparation.", **both), advice
    return State.WARN, _("The change from %(former)s to %(host)s is not finished yet.", **both), advice


def _port(settings: Environment) -> tuple[State, Text | str, Text | None]:
    if is_locked(settings):
        return State.OK, _("%(port)s, used by this installation", port=settings.port), None
    addresses = listen_addresses(settings)
    check_port(settings, addresses)
    return State.OK, _("%(port)s is free (%(addresses)s)", port=settings.port, addresses=", ".join(addresses)), None


def _running(settings: Environment) -> tuple[State, Text | str, Text | None]:
    if not is_locked(settings):
        return State.WARN, _("Not running."), _("Start it with “sekisho up”.")
    unwell = [name for name, is_well in _processes(settings) if not is_well]
    if unwell:
        advice = _("Look at the log. A process that stays unwell is started again by itself.")
        return State.BAD, _("Not well: %(names)s", names=", ".join(unwell)), advice
    return State.OK, _("%(address)s (process %(pid)s)", address=settings.origin, pid=lock_holder(settings)), None


def _processes(settings: Environment) -> Iterator[tuple[str, bool]]:
    for name in ("supervisor", "sequencer", "worker"):
        yield name, ask_health(settings.run / f"{name}.sock") is not None
    yield "web", ask_health(settings.run / WEB_SOCKET, host=settings.host) is not None
    yield "caddy", ask_unix(settings.run / ADMIN_SOCKET, "/config/", host="127.0.0.1") is not None


def _door(settings: Environment) -> tuple[State, Text | str, Text | None]:
    """What somebody on this computer who opens the address gets, on the way that everybody takes."""
    if not is_locked(settings):
        return State.WARN, _("Not running."), _("Start it with “sekisho up”.")
    answer = ask_door(settings, listen_addresses(settings))
    if answer == HTTPStatus.OK:
        return State.OK, _("%(address)s answers.", address=settings.origin), None
    found = _("%(address)s does not answer as it should: %(answer)s", address=settings.origin, answer=answer)
    return State.BAD, found, _("Right after a start wait a moment. Else look at the log.")


def _certificate(settings: Environment) -> tuple[State, Text | str, Text | None]:
    if settings.tls_certificate is not None:
        return _own_certificate(settings)
    path = root_certificate(settings)
    if not path.exists():
        return State.WARN, _("Not made yet."), _("“sekisho up” makes it.")
    found = _("%(path)s, fingerprint (SHA-256): %(fingerprint)s", path=path, fingerprint=read_out(path))
    advice = _("Browsers have to trust this certificate: %(address)s", address=f"{settings.origin}/trust/")
    return State.OK, found, advice


def _own_certificate(settings: Environment) -> tuple[State, Text | str, Text | None]:
    """Look at the files of the settings as they are now. Raises CertificateRefused."""
    own = importlib.import_module("sekisho.config.https.own")
    given, kept = own.examine(settings), own.in_use(settings)
    end = f"{given.leaf.not_valid_after_utc.astimezone(FACILITY_ZONE):%Y-%m-%d}"
    if kept is None or kept.pem != given.pem:
        advice = _("A running Sekisho takes it over within a minute.")
        return State.WARN, _("It is right, but not shown yet (it ends on %(day)s).", day=end), advice
    return State.OK, _("The facility's own, to %(day)s", day=end), None


def _backup(settings: Environment) -> tuple[State, Text | str, Text | None]:
    """What lies on the targets, by the manifests alone: it has to answer when the database does not."""
    if not settings.backup_places:
        advice = _("Name folders on other disks in SEKISHO_BACKUP_TARGETS. Until then a broken disk takes everything.")
        return State.WARN, _("There is no backup: no place for one is set."), advice
    fault = unattended_fault(settings)
    if fault is not None:
        return State.BAD, fault.text, fault.advice
    newest = [next((found for found in found_in(place)), None) for place in settings.backup_places]
    made = [found.manifest for found in newest if found is not None and found.manifest is not None]
    if len(made) < len(newest):
        return State.BAD, _("A place holds no backup that can be read."), _("Run “sekisho backup list”.")
    first = min(made, key=lambda one: one.moment)
    oldest = first.moment.astimezone(FACILITY_ZONE)
    found = _(
        "everything answered for before %(moment)s comes back from every place; the newest event is %(event)s",
        moment=f"{oldest:%Y-%m-%d %H:%M:%S}", event=first.newest_event.id if first.newest_event else "―",
    )  # fmt: skip
    is_old = clock.now() - oldest > _OLDEST_BACKUP
    return State.BAD if is_old else State.OK, found, _("Run “sekisho backup create”.") if is_old else None


LOOKS: tuple[tuple[str, Text, Look], ...] = (
    ("home", _("Data directory"), _home),
    ("keys", _("Keys"), _keys),
    ("caddy", _("Caddy"), _caddy),
    ("database", _("Database"), _database),
    ("register", _("Register"), _register),
    ("digest", _("Digest of notices"), _digest),
    ("host_name", _("Host name"), _host_name),
    ("port", _("Port"), _port),
    ("running", _("Processes"), _running),
    ("door", _("A request at the own address"), _door),
    ("certificate", _("Certificate"), _certificate),
    ("backup", _("Backup"), _backup),
)


def _lines(checks: list[Check]) -> Iterator[str]:
    for check in checks:
        yield f"[{STATE_WORDS[check.state]}] {check.title}: {check.found}"
        if check.advice is not None:
            yield f"    → {check.advice}"


def _as_json(checks: list[Check]) -> str:
    rows = [
        {
            "name": check.name,
            "title": str(check.title),
            "state": check.state.value,
            "found": str(check.found),
            "advice": str(check.advice) if check.advice else None,
        }
        for check in checks
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
