"""A test restore: the real command restores into a scratch folder, the database is opened, the web process answers.

Nothing else is started there: a second worker would look at the real systems and write to the real targets. Whatever
is started dies with us, and what of it stays behind is cleared away (:mod:`sekisho.config.scratch`).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sekisho.config.backup.errors import (
    BackupBroken,
    BackupCannotTell,
    BackupKeyWrong,
    BackupNotOpened,
    BackupNotStarted,
)
from sekisho.config.backup.locks import Opening
from sekisho.config.backup.verify import compare_stored, manifest_of, opened, verify
from sekisho.config.environment import PREFIX, Environment
from sekisho.config.models import ProofLevel
from sekisho.config.processes.caddy import WEB_SOCKET
from sekisho.config.processes.health import ask_health
from sekisho.config.processes.home import check_room
from sekisho.config.scratch import Scratch, scratch
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _
from sekisho.trust.envelope import PassphraseWrong

_COMMAND = (sys.executable, "-P", "-m", "sekisho.config.cli")
_RESTORE_WITHIN = 4 * 3600
_PREPARE_WITHIN = 1800
_ANSWER_WITHIN = 60.0
_END_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a generation got, and what stopped it; None when nothing did."""

    level: ProofLevel
    error: SekishoError | None = None

    @property
    def fault(self) -> str:
        """The code of what stopped it, empty when nothing did."""
        return self.error.code if self.error else ""


def check_generation(generation: Path, opening: Opening) -> Trial:
    """Read a generation to its end. What cannot be told is a fault too: a proof that fails proves nothing."""
    try:
        verify(generation, opening)
    except (BackupBroken, BackupCannotTell, BackupKeyWrong, PassphraseWrong) as error:
        return Trial(ProofLevel.COPIED, error)
    return Trial(ProofLevel.VERIFIED)


def check_hashes(generation: Path) -> Trial:
    """Read a generation to its end without opening it: every byte against the manifest, whose hash the ledger knows."""
    try:
        compare_stored(generation, manifest_of(generation))
    except (BackupBroken, BackupCannotTell) as error:
        return Trial(ProofLevel.COPIED, error)
    return Trial(ProofLevel.VERIFIED)


def try_generation(settings: Environment, generation: Path, opening: Opening) -> Trial:
    """Read a generation to its end, then restore it into a scratch folder and start the web process there."""
    checked = check_generation(generation, opening)
    if checked.error:
        return checked
    needed = sum(part.plain_bytes for part in manifest_of(generation).parts)
    with scratch(settings) as place:
        try:
            check_room(place.folder, more=needed)
        except SekishoError as error:
            return Trial(ProofLevel.VERIFIED, error)
        return _restored(settings, generation, opening, place)


def _restored(settings: Environment, generation: Path, opening: Opening, place: Scratch) -> Trial:
    if place.database is None:
        reason: Text | str = _("this user may not make a database on the server")
        return Trial(ProofLevel.VERIFIED, BackupNotOpened(name=generation.name, reason=reason))
    home = place.folder / "home"
    variables = _variables(settings, home, place.database)
    _manifest, key = opened(generation, opening)
    with _in_memory(key.hex()) as secret:
        command = ("backup", "restore", str(generation), "--generation-key-file", f"/proc/self/fd/{secret}")
        said = _run(command, variables, (place.held, secret), _RESTORE_WITHIN)
    if said is not None:
        return Trial(ProofLevel.VERIFIED, BackupNotOpened(name=generation.name, reason=said))
    # The first step of every start: log and database are compared and migrated.
    prepared = _run(("process", "prepare"), variables, (place.held,), _PREPARE_WITHIN) is None
    if not prepared or not _answers(settings, home, variables, place.held):
        return Trial(ProofLevel.OPENED, BackupNotStarted(name=generation.name))
    return Trial(ProofLevel.STARTED)


@contextmanager
def _in_memory(secret: str) -> Iterator[int]:
    """Give a file for us alone that has no name and lies on no disk."""
    file = os.memfd_create("secret")
    try:
        os.fchmod(file, 0o600)
        os.write(file, secret.encode())
        yield file
    finally:
        os.close(file)


def _run(
    command: tuple[str, ...], variables: Mapping[str, str], kept: tuple[int, ...], within: int
) -> Text | str | None:
    """Run one of our commands to its end, at most ``within`` seconds; return what it complained of, None when it went.

    It inherits the files ``kept`` and ends when we do.
    """
    try:
        answer = subprocess.run(
            [*_COMMAND, *command, "--parent", str(os.getpid())], env=variables, cwd="/", pass_fds=kept,
            capture_output=True, text=True, timeout=within, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _("it took longer than %(hours)s hours", hours=within / 3600)
    return answer.stderr.strip()[-500:] or _("it said nothing") if answer.returncode else None


def _variables(settings: Environment, home: Path, database: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {"HOME": str(home), "DATABASE_URL": database, "HOST": settings.host, "LANGUAGE": "en"}
    return {**kept, **{f"{PREFIX}{name}": value for name, value in ours.items() if value}}


def _answers(settings: Environment, home: Path, variables: Mapping[str, str], held: int) -> bool:
    """Start the web process of the scratch installation, ask it how it is, and end it."""
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    command = (*_COMMAND, "process", "web", "--parent", str(os.getpid()))
    process = subprocess.Popen(
        command, env=variables, cwd="/", pass_fds=(held,),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + _ANSWER_WITHIN
        while time.monotonic() < until and process.poll() is None:
            if ask_health(home / "run" / WEB_SOCKET, host=settings.host) is not None:
                return True
            time.sleep(0.1)
        return False
    finally:
        process.terminate()
        try:
            process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
