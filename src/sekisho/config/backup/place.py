"""What of a data directory goes into which part, and the lock that keeps two backups of one installation apart."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.config.backup.errors import BackupUnderWay
from sekisho.config.environment import Environment
from sekisho.config.scratch import TRIALS

SCRATCH = "backup.scratch"
LOCK = "backup.lock"
# Waiting events before the log: one that goes from here to there meanwhile is in both, and never in neither.
REGISTER = ("inbox", "register")
# Written beside the keys: what the operator had set, for the new computer. It may hold the database's password.
SETTINGS_FILE = "settings.json"
RESTORING = ".restoring"
# Made again from the register, or of this computer only: what an update keeps of the database for its way back.
_DERIVED = ("index", "review", "before-update", "before-update.new")
_KEYS = ("keys", "caddy")


def roots(settings: Environment) -> dict[str, list[Path]]:
    """Return what each part but the database is made of: files and folders of the data directory, in order."""
    home = settings.home
    other = sorted(path for path in home.iterdir() if _is_other(settings, path))
    keys = [home / name for name in _KEYS]
    return {"register": [home / name for name in REGISTER], "files": other, "keys": keys}


def _is_other(settings: Environment, path: Path) -> bool:
    """Neither named in another part, nor of this start only, nor the database."""
    known = {
        *_KEYS,
        *REGISTER,
        SCRATCH,
        LOCK,
        TRIALS,
        SETTINGS_FILE,
        RESTORING,
        *_DERIVED,
        settings.restored.name,
        settings.run.name,
    }
    return path.name not in known and not path.name.startswith((settings.database_file.name, ".probe"))


@contextmanager
def alone(settings: Environment) -> Iterator[Path]:
    """Hold the installation against other backups; give an empty folder for what has to lie somewhere meanwhile.

    Raises BackupUnderWay.
    """
    descriptor = os.open(settings.home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    scratch = settings.home / SCRATCH
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupUnderWay from error
        shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    finally:
        os.close(descriptor)
