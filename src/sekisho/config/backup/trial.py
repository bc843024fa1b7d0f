"""A test restore: the real command restores into a scratch folder, the database is opened, the web process answers.

Nothing else is started there: a second worker would look at the real systems and write to the real targets.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from sekisho.config.backup.errors import BackupBroken, BackupCannotTell, BackupNotOpened, BackupNotStarted
from sekisho.config.backup.verify import manifest_of, verify
from sekisho.config.environment import PREFIX, Environment
from sekisho.config.models import ProofLevel
from sekisho.config.processes.caddy import WEB_SOCKET
from sekisho.config.processes.health import ask_health
from sekisho.config.processes.home import check_room
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _
from sekisho.trust.envelope import PassphraseWrong

_COMMAND = (sys.executable, "-P", "-m", "sekisho.config.cli")
_RESTORE_WITHIN = 4 * 3600
_PREPARE_WITHIN = 1800
_ANSWER_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a generation got, and what stopped it; None when nothing did."""

    level: ProofLevel
    error: SekishoError | None = None

    @property
    def fault(self) -> str:
        """The code of what stopped it, empty when nothing did."""
        return self.error.code if self.error else ""


def check_generation(generation: Path, passphrase: str) -> Trial:
    """Read a generation to its end. What cannot be told is a fault too: a proof that fails proves nothing."""
    try:
        verify(generation, passphrase)
    except (BackupBroken, BackupCannotTell, PassphraseWrong) as error:
        return Trial(ProofLevel.COPIED, error)
    return Trial(ProofLevel.VERIFIED)


def try_generation(settings: Environment, generation: Path, passphrase: str) -> Trial:
    """Read a generation to its end, then restore it into a scratch folder and start the web process there."""
    checked = check_generation(generation, passphrase)
    if checked.error:
        return checked
    needed = sum(part.plain_bytes for part in manifest_of(generation).parts)
    try:
        check_room(Path(tempfile.gettempdir()), more=needed)
    except SekishoError as error:
        return Trial(ProofLevel.VERIFIED, error)
    # A short place: the path of a unix socket has at most 107 bytes. Of one that was killed nothing shall stay.
    with _scratch() as scratch, _scratch_database(settings.database_url) as database:
        return _restored(settings, generation, passphrase, scratch, database)


def _restored(settings: Environment, generation: Path, passphrase: str, scratch: Path, database: str | None) -> Trial:
    if database is None:
        reason: Text | str = _("this user may not make a database on the server")
        return Trial(ProofLevel.VERIFIED, BackupNotOpened(name=generation.name, reason=reason))
    secret = scratch / "passphrase"
    secret.write_text(passphrase)
    secret.chmod(0o600)
    variables = _variables(settings, scratch / "home", database)
    command = (*_COMMAND, "backup", "restore", str(generation), "--passphrase-file", str(secret))
    answer = subprocess.run(
        command, env=variables, cwd="/", capture_output=True, text=True, timeout=_RESTORE_WITHIN, check=False
    )
    if answer.returncode:
        reason = answer.stderr.strip()[-500:]
        return Trial(ProofLevel.VERIFIED, BackupNotOpened(name=generation.name, reason=reason))
    if not _prepared(variables) or not _answers(settings, scratch / "home", variables):
        return Trial(ProofLevel.OPENED, BackupNotStarted(name=generation.name))
    return Trial(ProofLevel.STARTED)


def _variables(settings: Environment, home: Path, database: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {"HOME": str(home), "DATABASE_URL": database, "HOST": settings.host, "LANGUAGE": "en"}
    return {**kept, **{f"{PREFIX}{name}": value for name, value in ours.items() if value}}


def _prepared(variables: Mapping[str, str]) -> bool:
    """Run the first step of every start in the scratch installation: log and database are compared and migrated."""
    command = (*_COMMAND, "process", "prepare", "--parent", str(os.getpid()))
    answer = subprocess.run(
        command, env=variables, cwd="/", capture_output=True, text=True, timeout=_PREPARE_WITHIN, check=False
    )
    return answer.returncode == 0


def _answers(settings: Environment, home: Path, variables: Mapping[str, str]) -> bool:
    """Start the web process of the scratch installation, ask it how it is, and end it."""
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    command = (*_COMMAND, "process", "web", "--parent", str(os.getpid()))
    process = subprocess.Popen(
        command, env=variables, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + _ANSWER_WITHIN
        while time.monotonic() < until and process.poll() is None:
            if ask_health(home / "run" / WEB_SOCKET, host=settings.host) is not None:
                return True
            time.sleep(0.1)
        return False
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sekisho-try-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _scratch_database(url: str) -> Iterator[str | None]:
    """Give the address of an empty database of its own on the same server, None where we may not make one."""
    if not url:
        yield ""
        return
    name = f"sekisho_try_{secrets.token_hex(6)}"
    parts = urlsplit(url)
    try:
        _ask(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error:
        yield None
        return
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _ask(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _ask(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
        server.execute(statement)
