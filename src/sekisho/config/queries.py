"""What is known of the platform's own backups, generations and their proofs; and what its API lets programs do."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sekisho.config.models import BackupGeneration, BackupProof, ProofLevel
from sekisho.kernel.access import Action
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import ProgramInterface

# Levels at which the generation was really restored somewhere.
RESTORED_LEVELS = (ProofLevel.OPENED, ProofLevel.STARTED)


def generations_on(target: Path) -> Sequence[BackupGeneration]:
    """Return every generation that was ever put on ``target``, newest first."""
    return list(BackupGeneration.objects.filter(target=str(target)).order_by("-made_at", "-name"))


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


class OwnInterface:
    """The API of this installation. It is loaded when somebody asks: the other processes do without it."""

    def actions(self) -> Mapping[str, Sequence[Action]]:
        """Return the actions of the API's operations, each once, by the room they belong to."""
        found: Mapping[str, Sequence[Action]] = importlib.import_module("sekisho.config.api").operation_actions()
        return found


program_interface = Provider(ProgramInterface, OwnInterface())
