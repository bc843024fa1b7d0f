"""Writing computed verdicts beside the stored ones: what is new, what changed and why, what is gone."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.governance.models import StoredVerdict, VerdictChange
from sekisho.governance.rules.assessment import Judgement
from sekisho.governance.rules.changes import (
    Affected,
    AllSubjects,
    Place,
    Said,
    cause_of,
    place_of,
    proof_document,
    reason_document,
)
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.register.rules import timestamp

_BATCH = 500
_PLACE = ("edition", "requirement", "subject_kind", "subject_id")
_SAID = ("subject_label", "verdict", "reason", "proofs", "reassess", "look_again_at")


@dataclass(frozen=True, slots=True)
class Written:
    """The places whose rows differ now, how many verdicts changed, and the SHA-256 over these changes."""

    touched: frozenset[Place]
    changes: int
    digest: str


def write_verdicts(
    edition_id: str, judged: Mapping[Place, Judgement], todo: Affected, now: datetime, *, whole: bool
) -> Written:
    """Make the stored rows of ``todo`` equal to ``judged``, and keep every change of a verdict with its cause.

    With ``whole`` every row of the edition is compared, those of leaves that it no longer has too.
    """
    stored = {_place(row): row for row in _stored(edition_id, todo, whole=whole)}
    new = {place: _row(edition_id, judgement, stored.get(place), now) for place, judgement in judged.items()}
    differing = [row for place, row in new.items() if not _same(row, stored.get(place))]
    gone = [row for place, row in stored.items() if place not in judged]
    changes = [change for row in differing if (change := _change(stored.get(_place(row)), row, now))]
    changes += [_end(row, now) for row in gone]
    StoredVerdict.objects.bulk_create(
        differing, batch_size=_BATCH, update_conflicts=True, unique_fields=_PLACE, update_fields=[*_SAID, "since"]
    )
    StoredVerdict.objects.filter(pk__in=[row.pk for row in gone]).delete()
    VerdictChange.objects.bulk_create(changes, batch_size=_BATCH)
    return Written(frozenset(map(_place, [*differing, *gone])), len(changes), _digest(changes))


def _stored(edition_id: str, todo: Affected, *, whole: bool) -> Iterable[StoredVerdict]:
    """Return the stored rows that ``todo`` speaks of."""
    rows = StoredVerdict.objects.filter(edition=edition_id)
    if whole:
        return rows
    some = [ids for ids in todo.values() if not isinstance(ids, AllSubjects)]
    ids: set[str] = set().union(*some)
    if len(some) == len(todo) and len(ids) <= _BATCH:
        rows = rows.filter(subject_id__in=ids)  # one finding of one device does not read those of five hundred
    found = rows.filter(requirement__in=todo)
    return [
        row for row in found if isinstance(wanted := todo[row.requirement], AllSubjects) or row.subject_id in wanted
    ]


def _row(edition_id: str, judgement: Judgement, before: StoredVerdict | None, now: datetime) -> StoredVerdict:
    requirement, kind, subject_id = place_of(judgement)
    proofs: list[Json] = [proof_document(result) for result in judgement.proofs]
    verdict = judgement.verdict.value
    return StoredVerdict(
        edition=edition_id,
        requirement=requirement,
        subject_kind=kind,
        subject_id=subject_id,
        subject_label=judgement.subject.label[:300],
        verdict=verdict,
        reason=_stored_json(reason_document(judgement)),
        proofs=_stored_json(proofs),
        reassess=judgement.reassess,
        since=before.since if before and before.verdict == verdict else now,
        look_again_at=judgement.look_again_at,
    )


def _stored_json(value: Json) -> str:
    """Return ``value`` in one stable form. It is compared and shown, not hashed alone: the fast writer will do."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _place(row: StoredVerdict) -> Place:
    return row.requirement, row.subject_kind, row.subject_id


def _same(row: StoredVerdict, before: StoredVerdict | None) -> bool:
    return before is not None and all(getattr(row, name) == getattr(before, name) for name in _SAID)


def _change(before: StoredVerdict | None, row: StoredVerdict, now: datetime) -> VerdictChange | None:
    if before is not None and before.verdict == row.verdict:
        return None
    cause = cause_of(_said(before) if before else None, _said(row))
    return _entry(row, before.verdict if before else "", row.verdict, cause, now)


def _said(row: StoredVerdict) -> Said:
    return Said(Verdict(row.verdict), json.loads(row.reason), json.loads(row.proofs))


def _end(row: StoredVerdict, now: datetime) -> VerdictChange:
    """The subject was closed, or the edition no longer has the item; the history keeps both."""
    return _entry(row, row.verdict, "", {"kind": "gone"}, now)


def _entry(row: StoredVerdict, before: str, after: str, cause: Json, now: datetime) -> VerdictChange:
    named: dict[str, Any] = {name: getattr(row, name) for name in (*_PLACE, "subject_label", "proofs")}
    return VerdictChange(**named, before=before, after=after, cause=canonical_json(cause).decode(), changed_at=now)


def _digest(changes: Sequence[VerdictChange]) -> str:
    lines: list[Json] = [
        [row.requirement, row.subject_kind, row.subject_id, row.before, row.after, row.cause, timestamp(row.changed_at)]
        for row in changes
    ]
    return hashlib.sha256(canonical_json(lines)).hexdigest()
