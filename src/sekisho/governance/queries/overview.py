"""Reading the overview: what it is made from, the newest one, and those of other days for the trend."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sekisho.governance.models import DailyOverview, JudgedEdition
from sekisho.governance.queries.editions import CURRENT, themes
from sekisho.governance.queries.fit_gap import FitGap, fit_gap
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.overview import Proof, Standing, Stood
from sekisho.governance.rules.trend import TrendDay
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
    return Standing(state.edition, themes(edition_id), state.summaries, stood(state))


def stood(state: FitGap) -> Mapping[str, Sequence[Stood]]:
    """Return the stored verdicts as the overview and the exports use them; what subjects share is made once."""
    made: dict[int, Sequence[Proof]] = {}
    found: dict[str, list[Stood]] = {}
    for leaf, subjects in state.subjects.items():
        for one in subjects:
            if id(one.proofs) not in made:
                made[id(one.proofs)] = [_proof(proof) for proof in one.proofs]
        found[leaf] = [Stood(one.subject_label, one.verdict, made[id(one.proofs)]) for one in subjects]
    return found


def _proof(stored: Mapping[str, Any]) -> Proof:
    return Proof(
        kind=ProofKind(stored["kind"]),
        id=stored["id"],
        state=stored["state"],
        planned=stored["planned"],
        until=datetime.fromisoformat(stored["until"]) if stored["until"] else None,
    )


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


def trend(since: date, edition_id: str = CURRENT) -> Sequence[TrendDay]:
    """Return the counts of each day from ``since`` on that has an overview, oldest first.

    A day on which ``edition_id`` was not judged yet is told by the edition of that time; the yardstick shows it.
    """
    rows = DailyOverview.objects.filter(day__gte=since).values_list("day", "edition", "yardstick", "counts")
    days: dict[date, TrendDay] = {}
    for day, name, yardstick, counts in rows.order_by("day", "edition"):
        if day not in days or name == edition_id:
            days[day] = TrendDay(day, {Verdict(key): number for key, number in json.loads(counts).items()}, yardstick)
    return list(days.values())
