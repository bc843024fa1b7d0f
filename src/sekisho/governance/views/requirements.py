"""The list of all requirements with their verdicts, and the page of one requirement."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.filters import RequirementConditions
from sekisho.governance.forms.work import CommentForm
from sekisho.governance.queries.conformance import Conformity, conformity
from sekisho.governance.queries.listing import Listing, Row, group_of, listing, with_myself
from sekisho.governance.rules.catalogue import Chapter, chapter_of
from sekisho.governance.rules.filtering import GROUPS, RequirementFilter, read_filter, write_filter
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.governance.services.currency import are_old
from sekisho.governance.views.requirement import requirement_context
from sekisho.governance.views.wording import (
    GROUP_TITLES,
    REASSESS,
    VERDICT_BADGES,
    due_badge,
    exceptions_badge,
)
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.ui.display import Display
from sekisho.ui.parts import Badge, Words
from sekisho.ui.request import Request


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list."""

    id: str
    printed: str
    title: str
    is_child: bool
    badge: Badge
    summary: Summary
    marks: Sequence[Badge]
    person: str
    due_on: date | None
    overdue: Badge | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A condition that is one touch away: a group or a verdict, with how many items it has."""

    title: Words | Badge
    url: str
    is_chosen: bool
    number: int
    conforming: int = 0


@require_safe
@allow(GovernanceAction.VIEW)
def list_requirements(request: Request) -> HttpResponse:
    """Show every requirement in printed order with its verdict, or those that the conditions leave."""
    found, conditions = listing(), read_filter(pairs_of(request.GET))
    wanted = with_myself(conditions, request.actor)
    rows = found.shown(wanted)
    judged = Counter(found.state.summaries[leaf.id].verdict for leaf in found.state.edition.leaves)
    form = RequirementConditions(conditions, found.people())
    context = {
        "page_title": _("Requirements"),
        "state": found.state,
        "are_old": are_old(),
        "chapters": list(_by_chapter(found, rows, request.display)),
        "groups": list(group_choices(found.state, conditions)),
        "counts": list(_verdict_choices(found, conditions, wanted)),
        "conforming": judged[Verdict.CONFORMING],
        "applying": _applying(judged),
        "conditions": conditions,
        "said": list(_in_words(conditions, form)),
        "filters": [form[name] for name in ("person", "due", "reassess", "excepted")],
        "hidden": {name: value for name, value in write_filter(conditions) if name in {"group", "verdict"}},
        "number": len(rows),
        "list_url": reverse("governance:requirements"),
        "matrix_url": address("governance:matrix", RequirementFilter(group=conditions.group)),
    }
    return render(request, "governance/requirements.html", context)


def pairs_of(query: QueryDict) -> Iterator[tuple[str, str]]:
    """Yield every name and value of an address."""
    return ((name, value) for name, values in query.lists() for value in values)


def address(route: str, conditions: RequirementFilter) -> str:
    """Return the address of a list under conditions."""
    query = urlencode(write_filter(conditions))
    return f"{reverse(route)}?{query}" if query else reverse(route)


def group_choices(
    state: Conformity, conditions: RequirementFilter, route: str = "governance:requirements"
) -> Iterator[Choice]:
    """Yield everything and each group of the guideline, with n/N of its leaves that apply; other conditions stay."""
    totals: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for leaf in state.edition.leaves:
        verdict = state.summaries[leaf.id].verdict
        for group in ("", group_of(state.edition, leaf.id)):
            totals[group] += verdict is not Verdict.NOT_APPLICABLE
            done[group] += verdict is Verdict.CONFORMING
    for group in ("", *(group for group in GROUPS if group in totals)):
        title = GROUP_TITLES[group] if group else _("All")
        url = address(route, replace(conditions, group=group))
        yield Choice(title, url, conditions.group == group, totals[group], done[group])


def _verdict_choices(found: Listing, conditions: RequirementFilter, wanted: RequirementFilter) -> Iterator[Choice]:
    """Yield each verdict; touching one adds it to those that are shown, touching it again takes it away."""
    numbers = found.numbers(replace(wanted, verdicts=frozenset()))
    for verdict, badge in VERDICT_BADGES.items():
        after = conditions.verdicts ^ {verdict}
        url = address("governance:requirements", replace(conditions, verdicts=after))
        yield Choice(badge, url, verdict in conditions.verdicts, numbers.get(verdict, 0))


def _applying(judged: Mapping[Verdict, int]) -> int:
    return sum(number for verdict, number in judged.items() if verdict is not Verdict.NOT_APPLICABLE)


def _in_words(conditions: RequirementFilter, form: RequirementConditions) -> Iterator[str]:
    """Yield the conditions that narrow, for whoever reads the list on paper."""
    if conditions.group:
        yield str(GROUP_TITLES[conditions.group])
    if conditions.verdicts:
        yield _(", ").join(str(verdict.label) for verdict in VERDICT_BADGES if verdict in conditions.verdicts)
    for name in ("person", "due"):
        chosen = dict(form.fields[name].choices).get(str(form[name].value() or ""))  # type: ignore[attr-defined]
        if form[name].value():
            yield f"{form[name].label}: {chosen or form[name].value()}"
    yield from (str(form[name].label) for name in ("reassess", "excepted") if form[name].value())
    if conditions.text:
        yield f"“{conditions.text}”"


def _by_chapter(found: Listing, rows: Sequence[Row], display: Display) -> Iterator[tuple[Chapter, str, list[Line]]]:
    for chapter in found.state.edition.head.chapters:
        mine = [line_of(found, row, display) for row in rows if chapter_of(row.id) == chapter.number]
        if mine:
            yield chapter, chapter.title.text(display.language), mine


def line_of(found: Listing, row: Row, display: Display) -> Line:
    """Return a row with its verdict, for this list and the children of a parent."""
    summary, work = found.state.summaries[row.id], found.work.get(row.id)
    excepted = exceptions_badge(found.exceptions.get(row.id, ()), summary.verdict, display)
    due_on = work.due_on if work else None
    return Line(
        id=row.id,
        printed=row.printed,
        title=row.title.text(display.language),
        is_child=row.parent is not None,
        badge=VERDICT_BADGES[summary.verdict],
        summary=summary,
        marks=[badge for badge in (REASSESS if found.state.reassess.get(row.id) else None, excepted) if badge],
        person=work.assignee_name if work else "",
        due_on=due_on,
        overdue=due_badge(due_on, summary.verdict, found.today),
    )


@require_safe
@allow(GovernanceAction.VIEW)
def show_requirement(request: Request, requirement_id: str) -> HttpResponse:
    """Show what a requirement asks, how far it is met for each subject and why, and what to do next."""
    return requirement_page(request, requirement_id)


def requirement_page(
    request: Request, requirement_id: str, comment: CommentForm | None = None, status: int = 200
) -> HttpResponse:
    """Show a requirement, with ``comment`` where one was written and refused. Raises NotFound."""
    state = conformity()
    row = state.edition.by_id.get(requirement_id)
    if row is None:
        raise NotFound
    context: dict[str, Any] = requirement_context(request, state, row, comment)
    children = state.edition.children(row.id)
    if children:
        found = listing()
        context["children"] = [line_of(found, child, request.display) for child in children]
        context["list_url"] = reverse("governance:requirements")
    template = "governance/parent.html" if children else "governance/requirement.html"
    return render(request, template, context, status=status)
