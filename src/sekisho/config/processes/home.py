"""The data directory: made with narrow rights, checked before anything is written into it, held by one instance."""

import errno
import fcntl
import os
import shutil
import stat
import time
from pathlib import Path

from sekisho.config.environment import Environment
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

MIB = 1024 * 1024
LEAST_FREE = 64 * MIB
LOCK = "up.lock"
# How long the processes of an instance that was killed may take to disappear.
PATIENCE = 10.0
_PRIVATE = 0o700
_PROBE_BYTES = 4096
_FULL = {errno.ENOSPC, errno.EDQUOT}


class HomeNotMade(SekishoError):
    """The data directory does not exist and cannot be made."""

    code = "config.home_not_made"
    message = _("The data directory %(path)s cannot be made: %(reason)s")
    hint = _("Make the folder above it writable for the user who runs Sekisho, or set SEKISHO_HOME to another place.")
    status = 500
    exit_code = 73


class HomeNotWritable(SekishoError):
    """The data directory, or the disk it lies on, is read-only for this user."""

    code = "config.home_not_writable"
    message = _("Nothing can be written to the data directory %(path)s: %(reason)s")
    hint = _("Check that the disk is not mounted read-only and that the folder belongs to the user who runs Sekisho.")
    status = 500
    exit_code = 77


class HomeNotOurs(SekishoError):
    """The data directory belongs to another user."""

    code = "config.home_not_ours"
    message = _("The data directory %(path)s belongs to another user (uid %(owner)s, you are uid %(user)s).")
    hint = _("Run Sekisho as that user, or set SEKISHO_HOME to a folder of your own.")
    status = 500
    exit_code = 77


class HomeExposed(SekishoError):
    """Other users may look into the data directory."""

    code = "config.home_exposed"
    message = _("Others can look into the data directory %(path)s (rights %(mode)s).")
    hint = _("Run: chmod 700 %(path)s")
    status = 500
    exit_code = 77


class HomeFull(SekishoError):
    """There is no room left for data."""

    code = "config.home_full"
    message = _(
        "The disk of the data directory %(path)s is full: %(free)s MiB are free, at least %(least)s MiB are needed."
    )
    hint = _("Free some space or move the data directory to a larger disk. Nothing was changed.")
    status = 500
    exit_code = 74


class HomeBroken(SekishoError):
    """The disk answers with an error."""

    code = "config.home_broken"
    message = _("The disk of the data directory %(path)s reports an error: %(reason)s")
    hint = _("Check the disk. Do not go on working with it before it has been repaired or replaced.")
    status = 500
    exit_code = 74


class AlreadyRunning(SekishoError):
    """Another instance works in the same data directory."""

    code = "config.already_running"
    message = _("Sekisho is already running with the data directory %(path)s (process %(pid)s).")
    hint = _("Stop the other one first, or set SEKISHO_HOME to another folder for a second installation.")
    status = 500
    exit_code = 75


def folders(environment: Environment) -> tuple[Path, ...]:
    """Return the data directory and the folders in it that hold secrets, sockets or events."""
    own = environment.keys, environment.run, environment.register, environment.inbox
    return environment.home, *own, environment.home / "caddy"


def prepare_home(environment: Environment) -> None:
    """Make the data directory if it is missing, and refuse one that is not private or has no room.

    Raises HomeNotMade, HomeNotOurs, HomeExposed, HomeNotWritable, HomeFull, HomeBroken.
    """
    for folder in folders(environment):
        _make(folder, environment.home)
        check_private(folder)
    check_room(environment.home)
    _probe(environment.home)


def _make(folder: Path, home: Path) -> None:
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise _fault(error, home if home.exists() else folder, HomeNotMade) from error


def check_private(folder: Path) -> None:
    """Check that ``folder`` belongs to this user and to nobody else. Raises HomeNotOurs, HomeExposed, HomeBroken."""
    try:
        facts = folder.stat()
    except OSError as error:
        raise _fault(error, folder, HomeBroken) from error
    if facts.st_uid != os.geteuid():
        raise HomeNotOurs(path=folder, owner=facts.st_uid, user=os.geteuid())
    if stat.S_IMODE(facts.st_mode) & 0o077:
        raise HomeExposed(path=folder, mode=f"{stat.S_IMODE(facts.st_mode):04o}")


def check_room(home: Path, more: int = 0) -> int:
    """Return the free bytes on the disk of ``home``. Raises HomeFull when ``more`` bytes would leave too few."""
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE + more:
        raise HomeFull(path=home, free=free // MIB, least=(LEAST_FREE + more) // MIB)
    return free


def _probe(home: Path) -> None:
    """Write a little and make it durable: a quota or a failing disk shows only then."""
    probe = home / f".probe.{os.getpid()}"
    try:
        try:
            with probe.open("wb") as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise _fault(error, home, HomeBroken) from error


def _fault(error: OSError, path: Path, otherwise: type[SekishoError]) -> SekishoError:
    reason = os.strerror(error.errno or 0)
    if error.errno in _FULL:
        return HomeFull(path=path, free=0, least=LEAST_FREE // MIB)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} and path.exists():
        return HomeNotWritable(path=path, reason=reason)
    return otherwise(path=path, reason=reason)


def take_lock(environment: Environment) -> int:
    """Take the instance lock and return its descriptor; the kernel lets go of it when the last holder is gone.

    Every process of an instance inherits the descriptor. So after a kill -9 of the supervisor the
    next start waits for the rest to disappear, and two sequencers never work side by side.
    Raises AlreadyRunning.
    """
    path = environment.run / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _fault(error, path, HomeBroken) from error
    deadline = time.monotonic() + PATIENCE
    while not _locked(descriptor):
        holder = lock_holder(environment)
        if (holder is not None and is_alive(holder)) or time.monotonic() > deadline:
            os.close(descriptor)
            raise AlreadyRunning(path=environment.home, pid=holder or "?")
        time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_holder(environment: Environment) -> int | None:
    """Return the process id of the supervisor that took the lock last, or None."""
    try:
        return int((environment.run / LOCK).read_text())
    except (FileNotFoundError, ValueError):
        return None


def is_locked(environment: Environment) -> bool:
    """Tell whether an instance works in the data directory, without taking the lock for longer than a moment."""
    try:
        descriptor = os.open(environment.run / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def is_alive(pid: int) -> bool:
    """Tell whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
