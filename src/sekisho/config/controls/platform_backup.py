"""11①(6), 12④, 18①(d) for the platform itself: its backup is young, was restored as a test, and lies apart.

Looked at are the ledger of generations and the targets as they are at this moment.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from sekisho.config.backup.errors import (
    BackupBroken,
    PassphraseFileBad,
    PassphraseMissing,
    PassphraseWeak,
    RecipientsFileBad,
)
from sekisho.config.backup.judgement import Bounds, Place, Standing, judge
from sekisho.config.backup.keeping import is_ours
from sekisho.config.backup.passphrase import unattended_fault
from sekisho.config.backup.target import Protection, protection_of
from sekisho.config.environment import environment
from sekisho.config.models import BackupGeneration
from sekisho.config.queries import generations_on, newest_proof, newest_restore
from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.trust.recovery import RecoveryKeyBad

BOUNDS = Bounds()
HINDRANCES = {
    PassphraseMissing.code: _("No backup is made at night: no file with the passphrase is set."),
    PassphraseFileBad.code: _("No backup is made at night: the file with the passphrase cannot be used."),
    PassphraseWeak.code: _("No backup is made at night: the passphrase is too short."),
    RecipientsFileBad.code: _("No backup is made at night: the file with the recovery keys cannot be used."),
    RecoveryKeyBad.code: _("No backup is made at night: a line in the file with the recovery keys is no key."),
}


def disk_of(path: Path) -> int | None:
    """Return the number of the disk that ``path`` lies on, None where there is nothing."""
    try:
        return path.stat().st_dev
    except OSError:
        return None


def look(target: Path) -> Place:
    """Return how it stands with one target and with the generations that were put there and not removed."""
    disk = disk_of(target)
    rows = generations_on(target)
    standings = [_standing(row, None if disk is None else target / row.name) for row in rows]
    return Place(str(target), disk, tuple(found for found in standings if found.present is not False))


def _standing(row: BackupGeneration, path: Path | None) -> Standing:
    proof, restore = newest_proof(row), newest_restore(row)
    present = None if path is None else path.is_dir()
    stranger = path is not None and present and not is_ours(row, path)
    return Standing(
        name=row.name,
        made_at=row.made_at,
        present=present,
        protection=protection_of(path) if path is not None and present else Protection.UNKNOWN,
        verified=proof is not None and not proof.fault and not stranger,
        failed=BackupBroken.code if stranger else proof.fault if proof is not None else "",
        restored_at=restore.proven_at if restore is not None else None,
    )


def check() -> Iterator[Finding]:
    """Look at the targets and judge. No backup at all is a failure, never a thing that cannot be told."""
    settings = environment()
    places = [look(target) for target in settings.backup_places]
    moment = clock.now()
    fault = unattended_fault(settings)
    hindrance = HINDRANCES[fault.code] if fault is not None else None
    outcome, reasons = judge(places, disk_of(settings.home), moment, BOUNDS, hindrance)
    facts: dict[str, Json] = {"places": [_facts(place) for place in places], "reasons": [r.msgid for r in reasons]}
    for subject in platform_systems():
        yield Finding(subject, outcome, _words(outcome, reasons), moment, facts)


def _words(outcome: Outcome, reasons: tuple[Text, ...]) -> Text:
    if outcome is Outcome.PASS:
        return _("The backup of Sekisho is young, was restored as a test, and lies in places of its own.")
    return reasons[0]


def _facts(place: Place) -> dict[str, Json]:
    return {
        "path": place.path,
        "reached": place.disk is not None,
        "generations": [
            {
                "name": found.name,
                "made_at": found.made_at.isoformat(),
                "protection": found.protection.value,
                "verified": found.verified,
                "failed": found.failed or None,
                "restored_at": found.restored_at.isoformat() if found.restored_at else None,
            }
            for found in place.generations
        ],
    }


control = Control(
    id="config.platform_backup",
    title=_("Sekisho's own backup is young, tested and kept apart"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Name two folders on disks of their own in SEKISHO_BACKUP_TARGETS and a file with the passphrase in "
        "SEKISHO_BACKUP_PASSPHRASE_FILE, start Sekisho again, and look with “sekisho backup list”."
    ),
    parameters={
        **asdict(BOUNDS),
        "backup_generations": BOUNDS.generations,
        "backup_protected_from_generation": BOUNDS.protected_from,
    },
)
