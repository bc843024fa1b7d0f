"""What is known of the platform's own backups, generations and their proofs; and what its API lets programs do."""

import importlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max

from sekisho.config.forecast import MOST_DAYS, days_until_full
from sekisho.config.models import BackupGeneration, BackupProof, DiskDay, ProofLevel
from sekisho.kernel.access import Action
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import PlatformTroubles, ProgramInterface, Troubled

# Levels at which the generation was really restored somewhere.
RESTORED_LEVELS = (ProofLevel.OPENED, ProofLevel.STARTED)


def generations_on(target: Path) -> Sequence[BackupGeneration]:
    """Return every generation that was ever put on ``target``, newest first."""
    return list(BackupGeneration.objects.filter(target=str(target)).order_by("-made_at", "-name"))


def generation_count(target: Path) -> int:
    """Return how many generations were ever put on ``target``."""
    return int(BackupGeneration.objects.filter(target=str(target)).count())


def newest_generation(target: Path) -> BackupGeneration | None:
    """Return the generation that was put on ``target`` last, None before the first."""
    rows = BackupGeneration.objects.filter(target=str(target))
    found: BackupGeneration | None = rows.order_by("-made_at", "-name").first()
    return found


def last_restored(target: Path) -> datetime | None:
    """Return when a generation of ``target`` was really restored last, as a test; None for never."""
    rows = BackupProof.objects.filter(generation__target=str(target), fault="", level__in=RESTORED_LEVELS)
    found: datetime | None = rows.aggregate(newest=Max("proven_at"))["newest"]
    return found


def generation_on(target: Path, name: str) -> BackupGeneration | None:
    """Return one generation of the ledger, None when this installation did not put it there."""
    found: BackupGeneration | None = BackupGeneration.objects.filter(target=str(target), name=name).first()
    return found


def newest_proof(generation: BackupGeneration) -> BackupProof | None:
    """Return the last trial of a generation."""
    found: BackupProof | None = BackupProof.objects.filter(generation=generation).order_by("-proven_at", "-id").first()
    return found


def newest_restore(generation: BackupGeneration) -> BackupProof | None:
    """Return the last trial in which a generation was really restored and opened."""
    rows = BackupProof.objects.filter(generation=generation, fault="", level__in=RESTORED_LEVELS)
    found: BackupProof | None = rows.order_by("-proven_at", "-id").first()
    return found


def surviving(target: Path) -> BackupGeneration | None:
    """Return the newest generation on ``target`` whose last trial found nothing wrong: what comes back from there."""
    for row in generations_on(target):
        proof = newest_proof(row)
        if proof is not None and not proof.fault:
            return row
    return None


def days_left_on_disk(free: int, now: datetime) -> int | None:
    """Return the days until ``free`` bytes on the disk with the data are used up; None where that cannot be told."""
    rows = DiskDay.objects.filter(day__gt=in_facility(now).date() - timedelta(days=MOST_DAYS))
    return days_until_full(dict(rows.values_list("day", "used_bytes")), free)


class OwnInterface:
    """The API of this installation. It is loaded when somebody asks: the other processes do without it."""

    def actions(self) -> Mapping[str, Sequence[Action]]:
        """Return the actions of the API's operations, each once, by the room they belong to."""
        found: Mapping[str, Sequence[Action]] = importlib.import_module("sekisho.config.api").operation_actions()
        return found


class OwnTroubles:
    """What is wrong with this installation. It is loaded when somebody asks, as above."""

    def troubles(self, now: datetime) -> Sequence[Troubled]:
        """Return what is wrong at ``now``, as far as it can be seen."""
        found: Sequence[Troubled] = importlib.import_module("sekisho.config.watching.troubles").troubles(now)
        return found


program_interface = Provider(ProgramInterface, OwnInterface())
platform_troubles = Provider(PlatformTroubles, OwnTroubles())
