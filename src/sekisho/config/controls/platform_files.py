"""14⑥(3), 17② for the platform itself: its keys and its register lie where nobody else can read or change them."""

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from sekisho.config.environment import Environment, environment
from sekisho.config.keys import key_paths
from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _

KEY_BYTES = 32
_OTHERS = 0o077


def fault_of(path: Path, *, size: int | None = None) -> str | None:
    """Return what is wrong with a file or folder: "missing", "link", "owner", "mode" or "size"; None if nothing is."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return "missing"
    if stat.S_ISLNK(facts.st_mode):
        return "link"
    if facts.st_uid != os.geteuid():
        return "owner"
    if stat.S_IMODE(facts.st_mode) & _OTHERS:
        return "mode"
    return "size" if size is not None and facts.st_size != size else None


def faults_in(installation: Environment) -> dict[str, str | None]:
    """Return what is wrong with each key, with the database, the register and the folders above, by their place."""
    home = installation.home
    looked_at: dict[Path, int | None] = {home: None, installation.keys: None}
    looked_at |= dict.fromkeys(key_paths(installation), KEY_BYTES)
    # What is made later, or lies on a server of its own, is looked at where it is there.
    events = [folder for folder in (installation.register, installation.inbox) if folder.exists()]
    later = [*_database_files(installation), *events, *(home / "caddy").rglob("*.key")]
    looked_at |= dict.fromkeys(later)
    return {str(path.relative_to(home)): fault_of(path, size=size) for path, size in looked_at.items()}


def _database_files(installation: Environment) -> Iterable[Path]:
    """Return the files of the database; none where it is on a server of its own: a file left here is not in use."""
    if installation.database_url:
        return ()
    return installation.home.glob(f"{installation.database_file.name}*")


def check() -> Iterator[Finding]:
    """Look at owner, rights and size; nothing is opened. A database on a server of its own cannot be looked at."""
    installation = environment()
    found = faults_in(installation)
    wrong = [name for name, fault in found.items() if fault]
    outcome, words = _judged(wrong, is_database_here=not installation.database_url)
    facts: dict[str, Json] = {"looked_at": sorted(found), "faults": {name: found[name] for name in wrong}}
    for subject in platform_systems():
        yield Finding(subject, outcome, words, clock.now(), facts)


def _judged(wrong: list[str], *, is_database_here: bool) -> tuple[Outcome, Text]:
    if wrong:
        said = _("Others could read or change this, or it is not as Sekisho made it: %(names)s")
        return Outcome.FAIL, said.with_params(names=", ".join(wrong))
    if not is_database_here:
        return Outcome.UNKNOWN, _(
            "Nobody but the user who runs Sekisho can read or change its keys. Its database is on a server of its own, "
            "which was not looked at."
        )
    return Outcome.PASS, _("Nobody but the user who runs Sekisho can read or change its keys and its database.")


control = Control(
    id="config.platform_files",
    title=_("Keys and database of Sekisho are closed to everybody else"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Take the rights of others away: chmod 600 for files, 700 for folders. Whoever had them may know the keys."
    ),
    parameters={},
)
