"""The list of all requirements with their verdicts, and the page of one requirement."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.filters import VerdictFilter
from sekisho.governance.queries.conformance import Conformity, conformity
from sekisho.governance.queries.editions import edition
from sekisho.governance.rules.catalogue import Chapter, Parent, Requirement, chapter_of
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.governance.services.currency import are_old
from sekisho.governance.views.requirement import requirement_context
from sekisho.governance.views.wording import REASSESS, VERDICT_BADGES
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import fold, search_words
from sekisho.ui.parts import Badge
from sekisho.ui.request import Request

Row = Requirement | Parent


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list."""

    id: str
    printed: str
    title: str
    is_child: bool
    badge: Badge
    summary: Summary
    reassess: Badge | None


@require_safe
@allow(GovernanceAction.VIEW)
def list_requirements(request: Request) -> HttpResponse:
    """Show every requirement in printed order with its verdict, or those that a filter and words leave."""
    state = conformity()
    form, text = VerdictFilter(request.GET), request.GET.get("q", "")
    verdict = form.chosen()
    rows = [row for row in state.edition.rows if _is_shown(state, row, verdict, text)]
    judged = Counter(state.summaries[leaf.id].verdict for leaf in state.edition.leaves)
    applying = sum(number for found, number in judged.items() if found is not Verdict.NOT_APPLICABLE)
    context = {
        "page_title": _("Requirements"),
        "state": state,
        "are_old": are_old(),
        "chapters": list(_by_chapter(state, rows, request.display.language)),
        "counts": [(found, VERDICT_BADGES[found], judged[found]) for found in VERDICT_BADGES],
        "conforming": judged[Verdict.CONFORMING],
        "applying": applying,
        "text": text,
        "verdict": verdict,
        "filters": [form["verdict"]],
        "number": len(rows),
        "list_url": reverse("governance:requirements"),
    }
    return render(request, "governance/requirements.html", context)


def _is_shown(state: Conformity, row: Row, verdict: Verdict | None, text: str) -> bool:
    """A filter by verdict shows what the counts count: leaves, which are judged, and no parents."""
    if verdict is not None and (isinstance(row, Parent) or state.summaries[row.id].verdict is not verdict):
        return False
    words = search_words(text)
    return all(word in _folded(state.edition.head.id)[row.id] for word in words)


@cache
def _folded(edition_id: str) -> dict[str, str]:
    """Return what each row is searched by; 13⑥ and 13-6 both find SO-13-6."""
    return {
        row.id: fold(
            f"{row.id} {chapter_of(row.id)}{row.printed} {row.title.ja} {row.title.en} "
            f"{row.explanation.ja} {row.explanation.en}"
        )
        for row in edition(edition_id).rows
    }


def _by_chapter(state: Conformity, rows: Sequence[Row], language: str) -> Iterator[tuple[Chapter, str, list[Line]]]:
    for chapter in state.edition.head.chapters:
        mine = [line_of(state, row, language) for row in rows if chapter_of(row.id) == chapter.number]
        if mine:
            yield chapter, chapter.title.text(language), mine


def line_of(state: Conformity, row: Row, language: str) -> Line:
    """Return a row with its verdict, for this list and the children of a parent."""
    summary = state.summaries[row.id]
    return Line(
        id=row.id,
        printed=row.printed,
        title=row.title.text(language),
        is_child=row.parent is not None,
        badge=VERDICT_BADGES[summary.verdict],
        summary=summary,
        reassess=REASSESS if state.reassess.get(row.id) else None,
    )


@require_safe
@allow(GovernanceAction.VIEW)
def show_requirement(request: Request, requirement_id: str) -> HttpResponse:
    """Show what a requirement asks, how far it is met for each subject and why, and what to do next."""
    state = conformity()
    row = state.edition.by_id.get(requirement_id)
    if row is None:
        raise NotFound
    children = [line_of(state, child, request.display.language) for child in state.edition.children(row.id)]
    list_url = reverse("governance:requirements")
    context = {**requirement_context(request, state, row), "children": children, "list_url": list_url}
    return render(request, "governance/parent.html" if children else "governance/requirement.html", context)
