"""Rounds of assessment: opened for a fiscal year, and locked with everything they judged."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import RoundExists, RoundLocked, RoundYearWrong
from sekisho.governance.models import Round, RoundItem, RoundJudgement, StoredVerdict
from sekisho.governance.queries.claims import wording
from sekisho.governance.queries.conformance import Conformity, conformity
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.official import verbatim
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.dates import FACILITY_ZONE, fiscal_year
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.wording import require_visible
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@transaction.atomic
def open_round(*, actor: Actor, year: int, edition_id: str = CURRENT) -> Round:
    """Open the round of a fiscal year, named by the year in which it begins: the present one or the one before.

    Raises Forbidden, NotFound, RoundYearWrong, RoundExists.
    """
    actor.require(GovernanceAction.OPEN_ROUND)
    edition(edition_id)
    present = this_fiscal_year()
    if not present - 1 <= year <= present:
        raise RoundYearWrong(field="fiscal_year", earliest=present - 1, latest=present)
    row = Round(fiscal_year=year, edition=edition_id, opened_at=clock.now(), opened_by=actor.name)
    Round.objects.bulk_create([row], ignore_conflicts=True)
    opened = Round.objects.get(fiscal_year=year, edition=edition_id)
    if opened.pk != row.pk:
        raise RoundExists(field="fiscal_year", year=year)
    append(actor=actor, action=GovernanceAction.OPEN_ROUND, subject=_ref(opened))
    return opened


def this_fiscal_year() -> int:
    """Return the year in which the present fiscal year began, in the facility's time."""
    return fiscal_year(clock.now().astimezone(FACILITY_ZONE).date())


@transaction.atomic
def lock_round(*, actor: Actor, round_id: UUID, version: int, comment: str = "") -> Round:
    """Compute every verdict once more, keep all of them with texts and proofs, and close the round for good.

    Raises Forbidden, NotFound, RoundLocked, Conflict.
    """
    actor.require(GovernanceAction.LOCK_ROUND)
    require_visible(comment)
    found = Round.objects.select_for_update().filter(pk=round_id).first()
    if found is None:
        raise NotFound
    if found.locked_at is not None:
        raise RoundLocked(name=found.locked_by)
    if found.version != version:
        raise Conflict
    update_verdicts(actor=actor, edition_id=found.edition, whole=True)
    items, judgements = list(_items(found)), list(_judgements(found))
    RoundItem.objects.bulk_create(items, batch_size=500)
    RoundJudgement.objects.bulk_create(judgements, batch_size=500)
    found.locked_at, found.locked_by, found.comment = clock.now(), actor.name, comment.strip()
    found.version += 1
    found.digest = round_digest(found, items, judgements)
    found.save()
    details: dict[str, Json] = {"items": len(items), "judgements": len(judgements), "digest": found.digest}
    append(actor=actor, action=GovernanceAction.LOCK_ROUND, subject=_ref(found), reason=found.comment, details=details)
    return found


_KEPT = (
    "requirement",
    "subject_kind",
    "subject_id",
    "subject_label",
    "verdict",
    "reason",
    "proofs",
    "reassess",
)


def round_digest(found: Round, items: Iterable[RoundItem], judgements: Iterable[RoundJudgement]) -> str:
    """Return the SHA-256 over everything a locked round keeps, in a stable order."""
    said: list[Json] = [[found.fiscal_year, found.edition, found.locked_by, found.comment, str(found.locked_at)]]
    said += [
        [item.place, item.requirement, item.row, item.official, item.official_sha256, item.verdict, item.counts]
        for item in sorted(items, key=lambda item: item.place)
    ]
    said += [
        [getattr(row, name) for name in _KEPT]
        for row in sorted(judgements, key=lambda row: (row.requirement, row.subject_kind, row.subject_id))
    ]
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _items(found: Round) -> Iterator[RoundItem]:
    """Yield every row of the edition with its present texts, proofs and summary."""
    state: Conformity = conformity(found.edition)
    official, hashes = verbatim(found.edition), wording(found.edition)
    proofs = mapping(found.edition).leaves
    for place, row in enumerate(state.edition.rows):
        document = row.model_dump(mode="json", by_alias=True)
        if isinstance(row, Requirement):
            document["mapping"] = proofs[row.id].model_dump(mode="json")
        summary = state.summaries[row.id]
        yield RoundItem(
            round=found,
            place=place,
            requirement=row.id,
            row=json.dumps(document, ensure_ascii=False, sort_keys=True),
            official=official.get(row.id, ""),
            official_sha256=hashes.get(row.id, ""),
            verdict=summary.verdict.value,
            counts=json.dumps({verdict.value: number for verdict, number in sorted(summary.counts.items())}),
        )


def _judgements(found: Round) -> Iterator[RoundJudgement]:
    for row in StoredVerdict.objects.filter(edition=found.edition).order_by(
        "requirement", "subject_kind", "subject_id"
    ):
        yield RoundJudgement(
            round=found,
            requirement=row.requirement,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            subject_label=row.subject_label,
            verdict=row.verdict,
            reason=row.reason,
            proofs=row.proofs,
            reassess=row.reassess,
        )


def _ref(found: Round) -> SubjectRef:
    return SubjectRef("round", str(found.pk), f"{found.fiscal_year} {found.edition}")
