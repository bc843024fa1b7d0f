"""What is stored of the platform's own backups: generations, proofs, removals and restores, each with its event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from sekisho.config.actions import BackupAction
from sekisho.config.models import BackupGeneration, BackupProof, ProofLevel
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What is remembered of a generation; ``faults`` are those of the targets that it was not put on, in words."""

    name: str
    made_at: datetime
    manifest_sha256: str
    stored_bytes: int
    acknowledged_before: str
    newest_event: str | None
    faults: Sequence[str] = ()


def _subject(name: str) -> SubjectRef:
    return SubjectRef("backup", name, name)


@transaction.atomic
def record_backup(*, actor: Actor, made: BackupFacts, targets: Sequence[Path]) -> list[BackupGeneration]:
    """Store a generation that was put on ``targets``."""
    actor.require(BackupAction.CREATE)
    rows = [
        BackupGeneration.objects.create(
            name=made.name,
            target=str(target),
            made_at=made.made_at,
            manifest_sha256=made.manifest_sha256,
            stored_bytes=made.stored_bytes,
        )
        for target in targets
    ]
    details: dict[str, Json] = {
        "targets": [str(target) for target in targets],
        "faults": list(made.faults),
        "manifest_sha256": made.manifest_sha256,
        "acknowledged_before": made.acknowledged_before,
        "newest_event": made.newest_event,
    }
    append(actor=actor, action=BackupAction.CREATE, subject=_subject(made.name), details=details)
    return rows


@transaction.atomic
def record_backup_failure(*, actor: Actor, code: str, targets: Sequence[Path]) -> None:
    """Store that no backup could be made, with the code of the error."""
    actor.require(BackupAction.CREATE)
    details = {"code": code, "targets": [str(target) for target in targets]}
    append(actor=actor, action=BackupAction.CREATE, outcome=EventOutcome.FAILURE, details=details)


@transaction.atomic
def record_proof(*, actor: Actor, generation: BackupGeneration, level: ProofLevel, fault: str) -> BackupProof:
    """Store how far a generation was tried, and the code of what stopped it; an empty one when nothing did."""
    actor.require(BackupAction.PROVE)
    proof = BackupProof.objects.create(generation=generation, level=level, fault=fault, proven_at=clock.now())
    append(
        actor=actor,
        action=BackupAction.PROVE,
        subject=_subject(generation.name),
        outcome=EventOutcome.FAILURE if fault else EventOutcome.SUCCESS,
        details={"target": generation.target, "level": level.value, "fault": fault or None},
    )
    return proof


@transaction.atomic
def record_removal(*, actor: Actor, target: Path, names: Sequence[str], kept: Sequence[str]) -> None:
    """Store which old generations were removed from a target, and which ones it refused to give up."""
    actor.require(BackupAction.REMOVE)
    details = {"target": str(target), "removed": list(names), "refused": list(kept)}
    append(actor=actor, action=BackupAction.REMOVE, details=details)


def record_restore(*, actor: Actor, note: Path) -> bool:
    """Tell the register what ``note`` says of a restore, and take the note away; False when there is none."""
    actor.require(BackupAction.RESTORE)
    if not note.exists():
        return False
    details = json.loads(note.read_bytes())
    with transaction.atomic():
        append(actor=actor, action=BackupAction.RESTORE, subject=_subject(details["generation"]), details=details)
    note.unlink()
    return True
