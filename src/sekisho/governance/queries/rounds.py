"""Reading rounds of assessment."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sekisho.governance.models import Round, RoundItem, RoundJudgement
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class KeptItem:
    """One row of a locked round: the text as it was, and its verdict with n/N per state."""

    requirement: str
    row: Mapping[str, Any]
    official: str
    verdict: Verdict
    counts: Mapping[Verdict, int]


def rounds() -> Sequence[Round]:
    """Return every round, the latest fiscal year first."""
    return list(Round.objects.order_by("-fiscal_year", "edition"))


def get_round(round_id: UUID) -> Round:
    """Return a round. Raises NotFound."""
    found = Round.objects.filter(pk=round_id).first()
    if found is None:
        raise NotFound
    return found


def kept_items(found: Round) -> list[KeptItem]:
    """Return the rows that a locked round kept, in printed order; none while it is open."""
    return [_kept(row) for row in RoundItem.objects.filter(round=found).order_by("place")]


def kept_item(found: Round, requirement: str) -> tuple[KeptItem, list[RoundJudgement]]:
    """Return one row that a round kept, with the judgements of its subjects. Raises NotFound."""
    row = RoundItem.objects.filter(round=found, requirement=requirement).first()
    if row is None:
        raise NotFound
    judged = RoundJudgement.objects.filter(round=found, requirement=requirement)
    return _kept(row), list(judged.order_by("subject_label", "subject_id"))


def _kept(row: RoundItem) -> KeptItem:
    counts = {Verdict(verdict): number for verdict, number in json.loads(row.counts).items()}
    return KeptItem(row.requirement, json.loads(row.row), row.official, Verdict(row.verdict), counts)
