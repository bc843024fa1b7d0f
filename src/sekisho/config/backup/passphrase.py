"""Where passphrase and recovery keys come from: files of ours, or a person at the terminal. Never the command line."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import click

from sekisho.config.backup.errors import PassphraseFileBad, PassphraseMissing, PassphraseWeak, RecipientsFileBad
from sekisho.config.backup.locks import Opening, Sealing
from sekisho.config.environment import Environment
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _
from sekisho.trust.recovery import RecoveryKeyBad, looks_private, read_private, read_public

LEAST = 12
_LONGEST = 64 * 1024
_OTHERS_READ, _OTHERS_WRITE = 0o077, 0o022


def passphrase(settings: Environment, given: Path | None = None, *, new: bool = False) -> str:
    """Return the passphrase from ``given``, from the file of the settings, or asked for; ``new`` holds it to the rules.

    Raises PassphraseMissing, PassphraseFileBad, PassphraseWeak.
    """
    path = given or settings.backup_passphrase_file
    found = _secret_of(path) if path else _asked()
    if not found:
        raise PassphraseMissing
    if new and len(found) < LEAST:
        raise PassphraseWeak(least=LEAST)
    return found


def sealing(settings: Environment, given: Path | None = None) -> Sealing:
    """Return what a new generation is sealed with; where recovery keys are set, a passphrase may be left out.

    Raises PassphraseMissing, PassphraseFileBad, PassphraseWeak, RecipientsFileBad, RecoveryKeyBad.
    """
    recipients = recipients_of(settings)
    if recipients and given is None and settings.backup_passphrase_file is None:
        return Sealing(recipients=recipients)
    return Sealing(passphrase(settings, given, new=True), recipients)


def opening(settings: Environment, given: Path | None = None, key_file: Path | None = None) -> Opening:
    """Return what generations are opened with: of ``key_file``, else the passphrase; a person may type either.

    On a machine that only seals to recovery keys it is empty. Raises PassphraseMissing, PassphraseFileBad,
    RecoveryKeyBad.
    """
    if key_file is not None:
        lines = [line for line in _secret_of(key_file).splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            raise RecoveryKeyBad(where=key_file)
        return Opening(recovery=tuple(read_private(line, str(key_file)) for line in lines))
    if given is None and settings.backup_passphrase_file is None and settings.backup_recipients_file is not None:
        return _typed(_asked())
    return _typed(passphrase(settings, given))


def _typed(words: str) -> Opening:
    if looks_private(words):
        return Opening(recovery=(read_private(words),))
    return Opening(passphrase=words)


def recipients_of(settings: Environment) -> tuple[str, ...]:
    """Return the public keys that backups are sealed to, each once. Raises RecipientsFileBad, RecoveryKeyBad."""
    path = settings.backup_recipients_file
    if path is None:
        return ()
    text = _read(path, _OTHERS_WRITE, (os.geteuid(), 0), lambda reason: RecipientsFileBad(path=path, reason=reason))
    lines = [line.strip() for line in text.splitlines()]
    found = tuple(dict.fromkeys(read_public(line, str(path)) for line in lines if line and not line.startswith("#")))
    if not found:
        raise RecipientsFileBad(path=path, reason=_("there is no key in it"))
    return found


def unattended_fault(settings: Environment) -> SekishoError | None:
    """Return what keeps backups from being made while nobody sits at the terminal, None when nothing does."""
    if settings.backup_passphrase_file is None and settings.backup_recipients_file is None:
        return PassphraseMissing()
    try:
        sealing(settings)
    except (PassphraseMissing, PassphraseFileBad, PassphraseWeak, RecipientsFileBad, RecoveryKeyBad) as error:
        return error
    return None


def _asked() -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt(str(_("Passphrase or recovery key")), hide_input=True, default="", show_default=False))


def _secret_of(path: Path) -> str:
    return _read(path, _OTHERS_READ, (os.geteuid(),), lambda reason: PassphraseFileBad(path=path, reason=reason))


def _read(path: Path, others: int, owners: tuple[int, ...], bad: Callable[[Text | str], SekishoError]) -> str:
    """Return the text of a file that ``owners`` have and ``others`` (bits of its mode) have no part in."""
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid not in owners or stat.S_IMODE(facts.st_mode) & others:
                raise bad(_("others can read or change it"))
            return file.read(_LONGEST).decode().strip("\r\n")
    except OSError as error:
        raise bad(os.strerror(error.errno or 0)) from error
    except UnicodeDecodeError as error:
        raise bad(_("it is no text")) from error
