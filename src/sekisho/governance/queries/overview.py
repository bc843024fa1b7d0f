"""Reading the overview: what it is made from, the newest one, and those of other days for the trend."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sekisho.governance.models import DailyOverview, JudgedEdition
from sekisho.governance.queries.conformance import SubjectVerdict
from sekisho.governance.queries.editions import CURRENT, themes
from sekisho.governance.queries.fit_gap import fit_gap
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.overview import Proof, Standing, Stood
from sekisho.governance.rules.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class KeptOverview:
    """The overview of one day and when it was made; ``document`` as :mod:`sekisho.governance.rules.overview` says."""

    day: date
    made_at: datetime
    document: Mapping[str, Any]


def standing(edition_id: str) -> Standing:
    """Return what the overview of an edition is made from. Raises NotFound, EditionInvalid."""
    state = fit_gap(edition_id)
    stood = {name: [stood_of(one) for one in found] for name, found in state.subjects.items()}
    return Standing(state.edition, themes(edition_id), state.summaries, stood)


def stood_of(found: SubjectVerdict) -> Stood:
    """Return a stored verdict as the overview and the exports use it."""
    proofs = [
        Proof(
            kind=ProofKind(proof["kind"]),
            id=proof["id"],
            state=proof["state"],
            planned=proof["planned"],
            until=datetime.fromisoformat(proof["until"]) if proof["until"] else None,
        )
        for proof in found.proofs
    ]
    return Stood(found.subject_label, found.verdict, proofs)


def newest_overview(edition_id: str = CURRENT) -> KeptOverview | None:
    """Return the newest overview, None before the first."""
    row = DailyOverview.objects.filter(edition=edition_id).order_by("-day").first()
    return KeptOverview(row.day, row.made_at, json.loads(row.document)) if row else None


def is_overview_due(edition_id: str, today: date) -> bool:
    """Tell whether the verdicts were computed since the newest overview was made, or a new day has begun."""
    newest = DailyOverview.objects.filter(edition=edition_id).order_by("-day").first()
    judged = JudgedEdition.objects.filter(edition=edition_id).first()
    if judged is None:
        return False
    return newest is None or newest.day != today or newest.made_at < judged.judged_at


def trend(edition_id: str, since: date) -> Sequence[tuple[date, Mapping[Verdict, int]]]:
    """Return the counts of leaves per verdict of each day from ``since`` on that has an overview, oldest first."""
    rows = DailyOverview.objects.filter(edition=edition_id, day__gte=since).order_by("day")
    return [(row.day, {Verdict(name): number for name, number in _counts(row).items()}) for row in rows]


def _counts(row: DailyOverview) -> Mapping[str, int]:
    counts: Mapping[str, int] = json.loads(row.document)["counts"]
    return counts
