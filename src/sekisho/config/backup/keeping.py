"""The whole of a backup as it is made every night: made, read back, put into the ledger, old generations removed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.config.backup.create import Made, create
from sekisho.config.backup.errors import BackupBroken
from sekisho.config.backup.generations import Generation, to_remove
from sekisho.config.backup.locks import Opening, Sealing
from sekisho.config.backup.manifest import FILE, Manifest
from sekisho.config.backup.passphrase import opening, sealing, unattended_fault
from sekisho.config.backup.target import found_at, remove
from sekisho.config.backup.trial import Trial, check_generation, check_hashes, try_generation
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
    """Make the backup of the night, sealed with what the files of the settings hold.

    Raises what :func:`create` and :func:`sealing` raise, after the register was told.
    """
    return _make_unattended(settings, actor, restoring=False)


def _make_unattended(settings: Environment, actor: Actor, *, restoring: bool) -> Made:
    fault = unattended_fault(settings)
    if fault is not None:
        record_backup_failure(actor=actor, code=fault.code, targets=settings.backup_places)
        raise fault
    made, _proven = make_backup(settings, actor, sealing(settings), restoring=restoring)
    return made


def try_unattended(settings: Environment, actor: Actor) -> None:
    """Restore the newest generation of each target as a test, and read the one nobody has looked at for longest.

    A machine that seals to recovery keys alone cannot open what it made before. So it makes one more generation, and
    tries that one while it still has its key. Of an older one every byte is compared with what the ledger knows.
    Raises what :func:`make_unattended` raises.
    """
    known = Opening()
    if settings.backup_passphrase_file is None and settings.backup_recipients_file is not None:
        _make_unattended(settings, actor, restoring=True)
    else:
        known = opening(settings)
    for target in settings.backup_places:
        there = [row for row in generations_on(target) if (target / row.name).is_dir()]
        if there and known:
            prove(settings, actor, target / there[0].name, known, restoring=True)
        if there[1:]:
            oldest = min(there[1:], key=_last_looked_at)
            prove(settings, actor, target / oldest.name, Opening(), restoring=False)


def _last_looked_at(row: BackupGeneration) -> datetime:
    proof = newest_proof(row)
    return proof.proven_at if proof is not None else row.made_at


def make_backup(
    settings: Environment, actor: Actor, sealing: Sealing, *, restoring: bool = False
) -> tuple[Made, list[Proven]]:
    """Make a generation, read it back from every target (restoring it as a test), and remove what is no longer kept.

    Raises what :func:`create` raises, after the register was told.
    """
    try:
        made = create(settings, sealing)
    except SekishoError as error:
        record_backup_failure(actor=actor, code=error.code, targets=settings.backup_places)
        raise
    targets = [path.parent for path in made.paths]
    record_backup(actor=actor, made=facts_of(made.manifest, made.faults), targets=targets)
    # Opened as it would be later, by the passphrase; what only recovery keys open, with the key that is still here.
    known = Opening(sealing.passphrase, made={} if sealing.passphrase else {made.manifest.name: made.key})
    proven = [prove(settings, actor, path, known, restoring=restoring) for path in made.paths]
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
        recipients=manifest.recipients.fingerprints if manifest.recipients else (),
        faults=faults,
    )


def prove(settings: Environment, actor: Actor, generation: Path, known: Opening, *, restoring: bool) -> Proven:
    """Try one generation and put the result into the ledger, if this installation made it."""
    row = generation_on(generation.parent, generation.name)
    trial = _trial(settings, generation, known, restoring=restoring, is_in_ledger=row is not None)
    if row is not None:
        trial = _compared(row, generation, trial)
        record_proof(actor=actor, generation=row, level=trial.level, fault=trial.fault)
    return Proven(generation, trial)


def _trial(settings: Environment, generation: Path, known: Opening, *, restoring: bool, is_in_ledger: bool) -> Trial:
    if is_in_ledger and not known and not restoring:
        return check_hashes(generation)
    return try_generation(settings, generation, known) if restoring else check_generation(generation, known)


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
