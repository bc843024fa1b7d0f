"""Reads of the review: what was raised, what was decided, which rules ran."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery

from sekisho.kernel.errors import NotFound
from sekisho.register.models import Decided, ReviewDecision, ReviewItem, ReviewRun, RunKind

REVIEW_PAGE = 50
OPEN = "open"
SETTLED = (Decided.EXPLAINED, Decided.IMPROPER)


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What the list of items is narrowed by; empty fields do not narrow."""

    state: str = ""
    rule: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule in a period: what it raised, what was decided, and whether it could judge at all.

    ``precision`` is the share of the settled items that were improper, None where none is settled.
    """

    rule: str
    raised: int
    explained: int
    improper: int
    runs: int
    missing: tuple[str, ...]
    failed: int

    @property
    def precision(self) -> float | None:
        """The share of improper ones among those settled."""
        settled = self.explained + self.improper
        return self.improper / settled if settled else None


def _with_state() -> "QuerySet[Any]":
    newest = ReviewDecision.objects.filter(item=OuterRef("pk")).order_by("-decided_at", "-id")
    return ReviewItem.objects.annotate(state=Subquery(newest.values("decided")[:1]))


def _open() -> "QuerySet[Any]":
    return _with_state().filter(Q(state=None) | ~Q(state__in=SETTLED))


def review_items(wanted: ReviewFilter, page: int) -> "Page[Any]":
    """Return one page of the items that match, urgent and new ones first."""
    rows = _open() if wanted.state == OPEN else _with_state()
    if wanted.state in set(Decided):
        rows = rows.filter(state=wanted.state)
    if wanted.rule:
        rows = rows.filter(rule=wanted.rule)
    if wanted.text:
        words = Q(actor_name__icontains=wanted.text) | Q(patient=wanted.text) | Q(actor_id=wanted.text)
        rows = rows.filter(words)
    if wanted.since:
        rows = rows.filter(day__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(day__lte=wanted.until)
    return Paginator(rows.order_by("-day", "-urgent", "rule", "id"), REVIEW_PAGE).get_page(page)


def review_item(item_id: UUID) -> ReviewItem:
    """Return one item. Raises NotFound."""
    found = ReviewItem.objects.filter(pk=item_id).first()
    if found is None:
        raise NotFound
    return found


def decisions_on(item: ReviewItem) -> Sequence[ReviewDecision]:
    """Return what was decided about an item, the newest first."""
    return list(item.decisions.order_by("-decided_at", "-id"))


def urgent_review_items(limit: int = 50) -> Sequence[ReviewItem]:
    """Return the urgent items that nobody has decided about, for notices of other rooms, the newest first."""
    return list(_with_state().filter(state=None, urgent=True).order_by("-found_at")[:limit])


def overdue_items(found_before: datetime) -> Sequence[ReviewItem]:
    """Return the items found before a moment and not settled yet, the oldest first."""
    return list(_open().filter(found_at__lt=found_before).order_by("found_at"))


def last_run(kind: RunKind | None = None) -> ReviewRun | None:
    """Return the newest run that judged."""
    rows = ReviewRun.objects.filter(fault="").order_by("-last_day", "-ended_at", "-size")
    return (rows.filter(kind=kind) if kind else rows).first()


def newest_run() -> ReviewRun | None:
    """Return the newest run, whether it judged or not."""
    return ReviewRun.objects.order_by("-ended_at", "-id").first()


def results_of(run: ReviewRun) -> dict[str, dict[str, Any]]:
    """Return how each rule fared in a run, by rule."""
    return {one["rule"]: one for one in json.loads(run.results)["rules"]}


def old_tables(run: ReviewRun) -> frozenset[str]:
    """Return the lists that were there and too old to be asked in a run."""
    return frozenset(json.loads(run.results).get("old", ()))


def figures_of(rules: Sequence[str], first: date, last: date) -> list[RuleFigures]:
    """Return the figures of each rule about the days from ``first`` to ``last``."""
    items = _with_state().filter(day__gte=first, day__lte=last).values_list("rule", "state")
    counts = Counter(items)
    runs = ReviewRun.objects.filter(kind=RunKind.DAILY, last_day__gte=first, first_day__lte=last)
    fared = [results_of(run) for run in runs]
    return [_figures(rule, counts, fared) for rule in rules]


def _figures(
    rule: str, counts: Mapping[tuple[str, str | None], int], fared: Sequence[Mapping[str, dict[str, Any]]]
) -> RuleFigures:
    mine = [one[rule] for one in fared if rule in one]
    return RuleFigures(
        rule=rule,
        raised=sum(count for (name, _state), count in counts.items() if name == rule),
        explained=counts.get((rule, Decided.EXPLAINED.value), 0),
        improper=counts.get((rule, Decided.IMPROPER.value), 0),
        runs=sum(one["state"] == "ran" for one in mine),
        missing=tuple(sorted({table for one in mine for table in one["missing"]})),
        failed=sum(one["state"] == "failed" for one in mine),
    )


def decisions_between(since: datetime, until: datetime) -> Sequence[ReviewDecision]:
    """Return the decisions of a period with their items, the oldest first."""
    rows = ReviewDecision.objects.select_related("item").filter(decided_at__gte=since, decided_at__lt=until)
    return list(rows.order_by("decided_at", "id"))


def systems_seen(since: date) -> frozenset[str]:
    """Return the systems whose events the rules have seen since a day."""
    runs = ReviewRun.objects.filter(kind=RunKind.DAILY, last_day__gte=since, fault="").values_list("results", flat=True)
    return frozenset(system for results in runs for system in json.loads(results)["systems"])
