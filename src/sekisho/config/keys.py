"""The installation's own secret keys: made once, readable by nobody else, refused when the rights are too wide."""

import os
import secrets
import stat
from pathlib import Path

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

DJANGO_KEY = "django.key"
SEAL_KEY_FILE = "seal.key"
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


def read_key(path: Path) -> bytes:
    """Return the 32 bytes of the key at ``path``, made first if it is missing. Raises KeyExposed, KeyDamaged."""
    if not path.exists():
        _make_key(path)
    facts = path.stat()
    if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise KeyExposed(path=path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise KeyDamaged(path=path)
    return key


def _make_key(path: Path) -> None:
    """Write a new key under a temporary name and link it into place, so that a crash never leaves half a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process of this start made it first; theirs counts
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
