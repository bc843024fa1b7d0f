"""The installation's own secret keys: made once, readable by nobody else, refused when missing or open to others.

What is sealed with a key opens with no other one. So a key that is missing beside an installation is never replaced.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.config.environment import Environment
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

DJANGO_KEY = "django.key"
SEAL_KEY_FILE = "seal.key"
REGISTER_KEY_FILE = "register.key"
_KEY_FILES = (SEAL_KEY_FILE, DJANGO_KEY, REGISTER_KEY_FILE)
_KEY_BYTES = 32


class KeyExposed(SekishoError):
    """A key file can be read by others, or belongs to someone else."""

    code = "config.key_exposed"
    message = _("Others can read or change the key file %(path)s.")
    hint = _("Run: chmod 600 %(path)s and make sure that it belongs to the user who runs Sekisho.")
    status = 500
    exit_code = 77


class KeyDamaged(SekishoError):
    """A key file is empty or cut short."""

    code = "config.key_damaged"
    message = _("The key file %(path)s is damaged.")
    hint = _("Restore it from the backup. With a new key, two-factor secrets stored so far cannot be read any more.")
    status = 500
    exit_code = 78


class KeyMissing(SekishoError):
    """There is an installation, but not the key that its secrets are sealed with."""

    code = "config.key_missing"
    message = _("The key file %(path)s is missing.")
    hint = _("Restore the folder of keys from the backup. No new key was made: it would open nothing stored so far.")
    status = 500
    exit_code = 78


def read_keys(environment: Environment) -> tuple[bytes, bytes, bytes]:
    """Return the sealing key, Django's key and the seed that signs the register, all made first on an empty home.

    Raises KeyMissing, KeyExposed, KeyDamaged.
    """
    if missing_keys(environment):
        _make_keys(environment)
    seal, django, register = (read_key(path) for path in key_paths(environment))
    return seal, django, register


def read_key(path: Path) -> bytes:
    """Return the 32 bytes of the key at ``path``. Raises KeyMissing, KeyExposed, KeyDamaged."""
    try:
        facts = path.stat()
    except FileNotFoundError as error:
        raise KeyMissing(path=path) from error
    if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise KeyExposed(path=path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise KeyDamaged(path=path)
    return key


def missing_keys(environment: Environment) -> list[Path]:
    """Return where a key should lie and does not."""
    return [path for path in key_paths(environment) if not path.exists()]


def key_paths(environment: Environment) -> list[Path]:
    """Return where the keys lie."""
    return [environment.keys / name for name in _KEY_FILES]


def is_installed(environment: Environment) -> bool:
    """Tell whether an instance was ever started with this data directory: it left a key or a database there."""
    return environment.database_file.exists() or any(path.exists() for path in key_paths(environment))


def _make_keys(environment: Environment) -> None:
    """Make the keys, or finish what a crash interrupted. Raises KeyMissing.

    All drafts are whole on the disk before the first of them gets its name. So one key without another is either
    a first start cut short, whose other drafts still lie there, or a loss.
    """
    environment.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(environment.keys) as folder:
        if not is_installed(environment):
            for path in key_paths(environment):
                _write_draft(_draft_of(path))
            os.fsync(folder)
        for path in missing_keys(environment):
            _put_in_place(path)
        os.fsync(folder)


def _put_in_place(path: Path) -> None:
    try:
        os.link(_draft_of(path), path)  # unlike a rename it never takes the place of a key
    except FileNotFoundError as error:
        raise KeyMissing(path=path) from error
    _draft_of(path).unlink()


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _write_draft(draft: Path) -> None:
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone_in(path: Path) -> Iterator[int]:
    """Hold the folder against other processes of the same start, and give its descriptor."""
    folder = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)
