"""``sekisho backup``: make, list, verify, restore. Reading works where nothing is installed yet, too."""

import importlib
import json
import os
from pathlib import Path
from typing import Any

import click

from sekisho.config.backup.errors import BackupCannotTell, BackupFailed, KeyFileExists, NoTargets, NothingToBackUp
from sekisho.config.backup.locks import Opening
from sekisho.config.backup.manifest import Manifest
from sekisho.config.backup.passphrase import opening, sealing
from sekisho.config.backup.target import Found, found_in, protection_of
from sekisho.config.backup.verify import verify
from sekisho.config.environment import Environment, environment
from sekisho.config.keys import is_installed
from sekisho.config.logs import CONSOLE, configure_logging
from sekisho.config.processes.django_start import start_django
from sekisho.config.processes.lifeline import die_with_parent
from sekisho.kernel.actor import console
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.text import Text, _
from sekisho.trust.recovery import new_recovery_key

_MIB = 1024 * 1024
_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("The file of the passphrase (rights 600); else that of the settings, else it is asked for.").msgid,
)
_key_file = click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("The file of a private recovery key (rights 600), instead of the passphrase.").msgid,
)


@click.group("backup", help=_("The backup of Sekisho itself: make, look, verify, restore.").msgid)
def backup() -> None:
    """Hold the commands about backups together."""


@backup.command("create", help=_("Make a backup in every place that is set, and read it back.").msgid)
@_file
def create(passphrase_file: Path | None) -> None:
    """Make one generation on every target."""
    settings = environment()
    if not settings.backup_places:
        raise NoTargets
    if not is_installed(settings):
        raise NothingToBackUp(path=settings.home)
    seal = sealing(settings, passphrase_file)
    made, proven = _keeping(settings).make_backup(settings, console(), seal)
    for one in proven:
        if one.trial.error:
            raise one.trial.error
        click.echo(str(_("Made and read back: %(path)s", path=one.path)))
    click.echo(_inside(made.manifest))
    if made.faults:
        raise BackupFailed(faults=", ".join(made.faults))


def _inside(manifest: Manifest) -> str:
    event = manifest.newest_event.id if manifest.newest_event else "―"
    until = _("Everything that Sekisho had answered for before %(moment)s is inside.", moment=_moment(manifest.moment))
    return f"{until} {_('The newest event inside is %(event)s.', event=event)}"


def _keeping(settings: Environment) -> Any:
    """Return the module that works with the database of the installation, with Django started."""
    start_django()
    configure_logging(settings, CONSOLE)
    return importlib.import_module("sekisho.config.backup.keeping")


@backup.command("list", help=_("List the generations in every place; nothing of them is verified.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def list_generations(as_json: bool) -> None:
    """Print what lies on every target."""
    settings = environment()
    if not settings.backup_places:
        raise NoTargets
    rows = [_row(found) for target in settings.backup_places for found in _found(target)]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if as_json else "\n".join(map(_line, rows)))


def _found(target: Path) -> list[Found]:
    try:
        return list(found_in(target))
    except OSError as error:
        return [Found(target, None, error.strerror or str(error))]


def _row(found: Found) -> dict[str, Json]:
    manifest = found.manifest
    if manifest is None:
        return {"path": str(found.path), "fault": found.fault}
    return {
        "path": str(found.path),
        "made_at": manifest.made_at,
        "acknowledged_before": manifest.acknowledged_before,
        "software": manifest.software,
        "database": manifest.database,
        "stored_bytes": manifest.stored_bytes,
        "recovery_keys": list(manifest.recipients.fingerprints) if manifest.recipients else [],
        "protection": protection_of(found.path).value,
    }


def _line(row: dict[str, Any]) -> str:
    if "fault" in row:
        return str(_("%(path)s: cannot be read (%(fault)s)", **row))
    size = f"{row['stored_bytes'] / _MIB:.1f} MiB"
    return f"{row['path']}  {size}  {row['software']}  {_PROTECTIONS[row['protection']]}"


_PROTECTIONS: dict[str, Text] = {
    "writable": _("can be changed and deleted by Sekisho"),
    "protected": _("safe from Sekisho"),
    "unknown": _("cannot tell whether Sekisho could change it"),
}


def _moment(moment: Any) -> str:
    return f"{moment.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M:%S} {FACILITY_ZONE}"


@backup.command(
    "verify", help=_("Read a backup to its last byte and compare every hash and seal; by default the newest.").msgid
)
@click.argument("generation", required=False, type=click.Path(path_type=Path))
@click.option("--restore", "restoring", is_flag=True, help=_("Restore it into a scratch folder and start it.").msgid)
@_file
@_key_file
def verify_generation(
    generation: Path | None, restoring: bool, passphrase_file: Path | None, key_file: Path | None
) -> None:
    """Verify one generation, or the newest of every target. The exit codes tell what is wrong."""
    settings = environment()
    chosen = [generation.absolute()] if generation else [_newest(target) for target in settings.backup_places]
    if not chosen:
        raise NoTargets
    known = opening(settings, passphrase_file, key_file)
    for path in chosen:
        _verify(settings, path, known, restoring=restoring)


def _newest(target: Path) -> Path:
    found = next(iter(_found(target)), None)
    if found is None or found.path == target:
        raise BackupCannotTell(name=target, reason=found.fault if found else _("there is no backup"))
    return found.path


def _verify(settings: Environment, path: Path, known: Opening, *, restoring: bool) -> None:
    if is_installed(settings):
        trial = _keeping(settings).prove(settings, console(), path, known, restoring=restoring).trial
        if trial.error:
            raise trial.error
        level = _LEVELS[trial.level]
    else:
        verify(path, known)
        level = _LEVELS["verified"]
    click.echo(f"{path}: {level}")


_LEVELS: dict[str, Text] = {
    "verified": _("intact: every byte was read, every hash and seal is right"),
    "opened": _("intact, and restored and opened as a test"),
    "started": _("intact, and restored and started as a test"),
}


@backup.command("restore", help=_("Restore a backup into an empty data directory (and database).").msgid)
@click.argument("generation", type=click.Path(path_type=Path))
@_file
@_key_file
@click.option("--generation-key-file", type=click.Path(path_type=Path, dir_okay=False), hidden=True)
@click.option("--parent", type=int, hidden=True)
def restore(
    generation: Path,
    passphrase_file: Path | None,
    key_file: Path | None,
    generation_key_file: Path | None,
    parent: int | None,
) -> None:
    """Restore one generation into the empty data directory of the settings; a test restore ends with its ``parent``."""
    if parent is not None:
        die_with_parent(parent)
    settings = environment()
    module = importlib.import_module("sekisho.config.backup.restore")
    module.require_empty(settings)
    if generation_key_file is not None:
        known = Opening(made={generation.name: bytes.fromhex(generation_key_file.read_text())})
    else:
        known = opening(settings, passphrase_file, key_file)
    manifest = module.restore(settings, generation.absolute(), known)
    click.echo(str(_("Restored to %(path)s from %(name)s.", path=settings.home, name=manifest.name)))
    click.echo(_inside(manifest))
    click.echo(str(_("Now run “sekisho doctor”, then “sekisho up”. The first start tells the register.")))


@backup.command("key", help=_("Make a recovery key: backups sealed to it are read by whoever holds its paper.").msgid)
@click.option(
    "--paper",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write the paper to print and seal, as PDF.").msgid,
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help=_("Write the private key as a file of age.").msgid
)
def make_key(paper: Path | None, out: Path | None) -> None:
    """Make a pair; the private key goes to paper or file, or else to the terminal, once, and is kept nowhere."""
    key = new_recovery_key()
    for path in filter(None, (paper, out)):
        if os.path.lexists(path):
            raise KeyFileExists(path=path)
    if paper:
        module = importlib.import_module("sekisho.config.backup.recovery_paper")
        _write_new(paper, module.recovery_paper(key, environment().language))
    if out:
        _write_new(out, f"# {key.fingerprint}\n# public key: {key.public}\n{key.private}\n".encode())
    if not paper and not out:
        click.echo(str(_("Private key, shown only now; write it down and keep it away from this computer:")))
        click.echo(f"{key.private}\n")
    click.echo(str(_("Fingerprint: %(fingerprint)s", fingerprint=key.fingerprint)))
    click.echo(str(_("Public key, a line for the file in SEKISHO_BACKUP_RECIPIENTS_FILE:")))
    click.echo(key.public)


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileExists(path=path) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
