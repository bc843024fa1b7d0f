"""What is stored of the platform's own backups: generations, proofs, removals and restores, each with its event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from sekisho.config.actions import BackupAction, PlatformAction
from sekisho.config.models import BackupGeneration, BackupProof, DiskDay, ProofLevel
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append

DISK_DAYS_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What is remembered of a generation; ``faults`` are those of the targets that it was not put on, in words.

    ``recipients`` are the fingerprints of the recovery keys that open it.
    """

    name: str
    made_at: datetime
    manifest_sha256: str
    stored_bytes: int
    acknowledged_before: str
    newest_event: str | None
    recipients: Sequence[str] = ()
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
            newest_event=made.newest_event or "",
        )
        for target in targets
    ]
    details: dict[str, Json] = {
        "targets": [str(target) for target in targets],
        "faults": list(made.faults),
        "manifest_sha256": made.manifest_sha256,
        "acknowledged_before": made.acknowledged_before,
        "newest_event": made.newest_event,
        "recipients": list(made.recipients),
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


def record_version(*, actor: Actor, version: str, kept: Path, went_back: Path) -> bool:
    """Tell the register when another version works with this installation; False when there is nothing to tell.

    ``kept`` holds the version of the last start. ``went_back`` is the word of install.sh that the version in it did not
    come up, so that this one goes on; it is taken away.
    """
    actor.require(PlatformAction.UPDATE)
    failed = went_back.read_text().strip() if went_back.exists() else ""
    before = kept.read_text().strip() if kept.exists() else ""
    details: dict[str, Json] = {"version_before": before or None, "version_after": version}
    if failed:
        details = {"version_before": version, "version_after": failed, "went_back": True}
    told = bool(failed or before not in {"", version})
    if told:
        outcome = EventOutcome.FAILURE if failed else EventOutcome.SUCCESS
        with transaction.atomic():
            append(actor=actor, action=PlatformAction.UPDATE, outcome=outcome, details=details)
    if before != version:
        draft = kept.with_name(f"{kept.name}.new")
        draft.write_text(f"{version}\n")
        draft.replace(kept)
    went_back.unlink(missing_ok=True)
    return told


def note_disk(*, actor: Actor, used: int) -> None:
    """Remember how many bytes are used today. It is a measurement of ours, no act of anybody, and so no event."""
    actor.require(PlatformAction.NOTE_DISK)
    today = in_facility(clock.now()).date()
    DiskDay.objects.update_or_create(day=today, defaults={"used_bytes": used})
    DiskDay.objects.filter(day__lt=today - DISK_DAYS_KEPT).delete()
