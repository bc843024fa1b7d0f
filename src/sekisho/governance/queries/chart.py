"""The security chart of each fiscal year: as a locked round kept it, or as it stood on the last day of the year."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, Max, Value, When
from django.db.models.functions import ExtractYear

from sekisho.governance.models import DailyOverview, Round, RoundItem
from sekisho.governance.queries.editions import edition, mapping
from sekisho.governance.rules.chart import ChapterScore, chapter_scores, yardstick
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.kernel.dates import fiscal_year, in_facility


class Basis(StrEnum):
    """What the figures of a year rest on."""

    TODAY = "today"
    YEAR_END = "year_end"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Standing:
    """One state that a chart can show: of which fiscal year, of which day, and what it rests on.

    ``key`` names it in addresses: "2026" for the newest overview of that year, "2026-locked" for its locked round.
    """

    key: str
    year: int
    day: date
    basis: Basis
    edition: str
    round_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The scores of one standing with the counts of its leaves per verdict.

    ``yardstick`` is the digest of what was asked; where two differ, two charts were not measured alike.
    """

    standing: Standing
    scores: Sequence[ChapterScore]
    counts: Mapping[Verdict, int]
    yardstick: str


def standings() -> list[Standing]:
    """Return every state a chart can be made of, the newest year first, today before the round of the same year."""
    return sorted([*_days(), *_rounds()], key=lambda one: (-one.year, one.basis is Basis.LOCKED, one.edition))


def _days() -> list[Standing]:
    """Return the last overview of every fiscal year; of two editions, the one that has the newer day."""
    year = ExtractYear("day") - Case(When(day__month__lt=4, then=Value(1)), default=Value(0))
    rows = DailyOverview.objects.annotate(fiscal=year).values("fiscal", "edition").annotate(last=Max("day")).order_by()
    newest: dict[int, tuple[date, str]] = {}
    for row in rows:
        found = (row["last"], row["edition"])
        newest[row["fiscal"]] = max(newest.get(row["fiscal"], found), found)
    present = fiscal_year(in_facility(clock.now()).date())
    return [
        Standing(str(fiscal), fiscal, last, Basis.TODAY if fiscal == present else Basis.YEAR_END, name)
        for fiscal, (last, name) in newest.items()
    ]


def _rounds() -> list[Standing]:
    """Return every locked round; of two editions in one year, the one that was locked last."""
    rows = Round.objects.filter(locked_at__isnull=False).order_by("locked_at")
    last = {row.fiscal_year: row for row in rows}
    return [
        Standing(
            f"{year}-locked", year, in_facility(row.locked_at).date(), Basis.LOCKED, row.edition, row.pk
        )
        for year, row in last.items()
        if row.locked_at is not None
    ]  # fmt: skip


def chart_of(standing: Standing) -> Chart:
    """Return the chart of a standing that :func:`standings` named."""
    return _of_day(standing) if standing.round_id is None else _of_round(standing)


def _of_day(standing: Standing) -> Chart:
    row = DailyOverview.objects.get(edition=standing.edition, day=standing.day)
    scores = [ChapterScore(**chapter) for chapter in json.loads(row.document)["chapters"]]
    counts = {Verdict(name): number for name, number in json.loads(row.counts).items()}
    return Chart(standing, scores, counts, row.yardstick)


def _of_round(standing: Standing) -> Chart:
    """Compute the scores from what the round kept. Only leaves have proofs, parents were never counted."""
    rows = RoundItem.objects.filter(round=standing.round_id).order_by("place")
    kept = [(json.loads(row.row), row) for row in rows]
    leaves = [(document, row) for document, row in kept if "mapping" in document]
    subjects = {
        row.requirement: {Verdict(name): number for name, number in json.loads(row.counts).items()}
        for _document, row in leaves
    }
    counts = Counter(Verdict(row.verdict) for _document, row in leaves)
    return Chart(standing, chapter_scores(subjects), counts, yardstick(document for document, _row in leaves))


def present_yardstick(edition_id: str) -> str:
    """Return the digest of what an edition asks now and how it is proven. Raises NotFound, EditionInvalid."""
    proofs = mapping(edition_id).leaves
    return yardstick(
        {**leaf.model_dump(mode="json", by_alias=True), "mapping": proofs[leaf.id].model_dump(mode="json")}
        for leaf in edition(edition_id).leaves
    )
