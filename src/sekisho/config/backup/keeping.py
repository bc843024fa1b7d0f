"""The whole of a backup as it is made every night: made, read back, put into the ledger, old generations removed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sekisho.config.backup.create import Made, create
from sekisho.config.backup.errors import BackupBroken
from sekisho.config.backup.generations import Generation, to_remove
from sekisho.config.backup.manifest import FILE, Manifest
from sekisho.config.backup.passphrase import passphrase, unattended_fault
from sekisho.config.backup.target import found_at, remove
from sekisho.config.backup.trial import Trial, check_generation, try_generation
from sekisho.config.environment import Environment
from sekisho.config.models import BackupGeneration, ProofLevel
from sekisho.config.queries import generation_on, generations_on, newest_proof
from sekisho.config.services import BackupFacts, record_backup, record_backup_failure, record_proof, record_removal
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _


@dataclass(frozen=True, slots=True)
class Proven:
    """A generation on one target and how far it was tried."""

    path: Path
    trial: Trial


def make_unattended(settings: Environment, actor: Actor) -> Made:
    """Make the backup of the night, with the passphrase of the file.

    Raises what :func:`create` raises, PassphraseMissing, PassphraseFileBad and PassphraseWeak, after the register was
    told.
    """
    fault = unattended_fault(settings)
    if fault is not None:
        record_backup_failure(actor=actor, code=fault.code, targets=settings.backup_places)
        raise fault
    made, _proven = make_backup(settings, actor, passphrase(settings))
    return made


def make_backup(settings: Environment, actor: Actor, passphrase: str) -> tuple[Made, list[Proven]]:
    """Make a generation, read it back from every target, and remove what is no longer kept.

    Raises what :func:`create` raises, after the register was told.
    """
    try:
        made = create(settings, passphrase)
    except SekishoError as error:
        record_backup_failure(actor=actor, code=error.code, targets=settings.backup_places)
        raise
    targets = [path.parent for path in made.paths]
    record_backup(actor=actor, made=facts_of(made.manifest, made.faults), targets=targets)
    proven = [prove(settings, actor, path, passphrase, restoring=False) for path in made.paths]
    for target in targets:
        remove_old(actor, target)
    return made, proven


def facts_of(manifest: Manifest, faults: Sequence[str] = ()) -> BackupFacts:
    """Return what the ledger remembers of a generation."""
    return BackupFacts(
        name=manifest.name,
        made_at=manifest.moment,
        manifest_sha256=hashlib.sha256(manifest.to_bytes()).hexdigest(),
        stored_bytes=manifest.stored_bytes,
        acknowledged_before=manifest.acknowledged_before,
        newest_event=manifest.newest_event.id if manifest.newest_event else None,
        faults=faults,
    )


def prove(settings: Environment, actor: Actor, generation: Path, passphrase: str, *, restoring: bool) -> Proven:
    """Try one generation and put the result into the ledger, if this installation made it."""
    trial = try_generation(settings, generation, passphrase) if restoring else check_generation(generation, passphrase)
    row = generation_on(generation.parent, generation.name)
    if row is not None:
        trial = _compared(row, generation, trial)
        record_proof(actor=actor, generation=row, level=trial.level, fault=trial.fault)
    return Proven(generation, trial)


def _compared(row: BackupGeneration, generation: Path, trial: Trial) -> Trial:
    """Whoever knows the passphrase could have made another generation of this name; the ledger knows its hash."""
    if trial.error or is_ours(row, generation):
        return trial
    reason = _("this is not the generation that was put there")
    return Trial(ProofLevel.COPIED, BackupBroken(name=generation.name, part=FILE, reason=reason))


def is_ours(row: BackupGeneration, generation: Path) -> bool:
    """Tell whether the manifest on the target is the one that was put there."""
    manifest = found_at(generation).manifest
    return manifest is not None and hashlib.sha256(manifest.to_bytes()).hexdigest() == row.manifest_sha256


def remove_old(actor: Actor, target: Path) -> None:
    """Remove the generations of our ledger that nothing keeps. As long as a newest proof failed, nothing goes."""
    rows = [row for row in generations_on(target) if (target / row.name).is_dir()]
    proofs = {row.name: newest_proof(row) for row in rows}
    if any(proof is not None and proof.fault for proof in proofs.values()):
        return
    proven = {name for name, proof in proofs.items() if proof is not None}
    doomed = to_remove(_generations(rows), clock.now(), proven=proven)
    removed = [name for name in doomed if remove(target / name)]
    if doomed:
        refused = [name for name in doomed if name not in removed]
        record_removal(actor=actor, target=target, names=removed, kept=refused)


def _generations(rows: Sequence[BackupGeneration]) -> list[Generation]:
    return [Generation(row.name, row.made_at) for row in rows]
