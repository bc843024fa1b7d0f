"""Where the passphrase comes from: a file for us alone, or the person at the terminal. Never the command line."""

import os
import stat
import sys
from pathlib import Path

import click

from sekisho.config.backup.errors import PassphraseFileBad, PassphraseMissing, PassphraseWeak
from sekisho.config.environment import Environment
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

LEAST = 12
_LONGEST = 4096


def passphrase(settings: Environment, given: Path | None = None, *, new: bool = False) -> str:
    """Return the passphrase from ``given``, from the file of the settings, or asked for; ``new`` holds it to the rules.

    Raises PassphraseMissing, PassphraseFileBad, PassphraseWeak.
    """
    path = given or settings.backup_passphrase_file
    found = _read(path) if path else _asked()
    if not found:
        raise PassphraseMissing
    if new and len(found) < LEAST:
        raise PassphraseWeak(least=LEAST)
    return found


def unattended_fault(settings: Environment) -> SekishoError | None:
    """Return what keeps backups from being made while nobody sits at the terminal, None when nothing does."""
    if settings.backup_passphrase_file is None:
        return PassphraseMissing()
    try:
        passphrase(settings, new=True)
    except (PassphraseMissing, PassphraseFileBad, PassphraseWeak) as error:
        return error
    return None


def _asked() -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt(str(_("Passphrase of the backup")), hide_input=True, default="", show_default=False))


def _read(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077:
                raise PassphraseFileBad(path=path, reason=_("others can read or change it"))
            return file.read(_LONGEST).decode().strip("\r\n")
    except OSError as error:
        raise PassphraseFileBad(path=path, reason=os.strerror(error.errno or 0)) from error
    except UnicodeDecodeError as error:
        raise PassphraseFileBad(path=path, reason=_("it is no text")) from error
