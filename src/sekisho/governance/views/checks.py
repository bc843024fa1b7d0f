"""The list of all checks, the page of one, asking for a run, and the fragment that waits for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.filters import BROKEN, NEVER, CheckFilter
from sekisho.governance.models import RunState
from sekisho.governance.queries.check_rows import requirements_of
from sekisho.governance.queries.checks import (
    WORST_FIRST,
    ControlState,
    control_state,
    control_states,
    counts_of,
    recorded_by,
    runs_of,
)
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.imports import is_imported
from sekisho.governance.services.checks import request_run
from sekisho.governance.views.bounds import parameter_words
from sekisho.governance.views.check_wording import (
    DUE_BADGES,
    NOT_RUN,
    OUTCOME_BADGES,
    REQUESTED,
    SEVERITIES,
    STATE_BADGES,
    age_words,
    check_titles,
    counts_line,
    duration_words,
    result_badge,
    room_label,
    room_of,
    run_badge,
)
from sekisho.governance.views.runs import findings_context
from sekisho.governance.views.sending import leaf_of, leaf_title
from sekisho.governance.views.wording import SUBJECT_KINDS
from sekisho.kernel import clock, registry
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Control
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import fold, search_words
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Link, TableColumn
from sekisho.ui.request import Request

# A page asks again every few seconds, but not for ever: a worker that stands still would be asked all night.
ASK_FOR = timedelta(minutes=10)
STOP_ASKING = 286


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of the list. ``asks`` tells that the page looks again by itself until the run is stored."""

    state: ControlState
    badge: Badge
    counts: SafeString
    age: str
    due: Badge | None
    requested: Badge | None
    asks: bool
    requirements: SafeString
    url: str


@require_safe
@allow(GovernanceAction.VIEW)
def list_checks(request: Request) -> HttpResponse:
    """Show every declared check by room, or those that the conditions leave."""
    states = control_states()
    form = CheckFilter(request.GET, [(room, room_label(room)) for room in _rooms(states)])
    result, room, text = form.chosen("result"), form.chosen("room"), request.GET.get("q", "")
    shown = [state for state in states if _is_shown(state, result, room, search_words(text))]
    names = edition(CURRENT).by_id
    rooms = [
        (room_label(room), [line_of(state, names) for state in group])
        for room, group in groupby(shown, key=lambda state: room_of(state.control.id))
    ]
    context = {
        "page_title": _("Checks"),
        "rooms": rooms,
        "number": len(shown),
        "declared": len(states),
        "totals": _totals(states),
        "overdue": sum(state.due.value == "overdue" for state in states),
        "result": result,
        "text": text,
        "filters": [form["result"], form["room"]],
        "list_url": reverse("governance:checks"),
        **_asking(request),
    }
    return render(request, "governance/checks.html", context)


def _asking(request: Request) -> dict[str, Any]:
    """Return what the button needs: who may press it, and the conditions to come back to."""
    return {"may_request": request.actor.may(GovernanceAction.REQUEST_RUN), "back": request.GET.urlencode()}


def _rooms(states: Sequence[ControlState]) -> list[str]:
    return list(dict.fromkeys(room_of(state.control.id) for state in states))


def _is_shown(state: ControlState, result: str, room: str, words: Sequence[str]) -> bool:
    if room and room_of(state.control.id) != room:
        return False
    if result and not _has_result(state, result):
        return False
    key = fold(f"{state.control.id} {state.control.title} {' '.join(requirements_of(state.control.id))}")
    return all(word in key for word in words)


def _has_result(state: ControlState, result: str) -> bool:
    if state.newest is None or result == NEVER:
        return state.newest is None and result == NEVER
    if result == BROKEN:
        return state.newest.state != RunState.FINISHED
    return any(outcome.value == result and number for outcome, number in state.counts.items())


def _totals(states: Sequence[ControlState]) -> list[tuple[str, Badge, int]]:
    """Return how many checks have a finding of each outcome, broke off, or never ran; each is a condition too."""
    found = Counter(outcome for state in states for outcome, number in state.counts.items() if number)
    totals = [(outcome.value, OUTCOME_BADGES[outcome], found[outcome]) for outcome in WORST_FIRST]
    broken = sum(_has_result(state, BROKEN) for state in states)
    never = sum(state.newest is None for state in states)
    rest = [(BROKEN, Badge("warn", _("The run broke off"), "！"), broken), (NEVER, NOT_RUN, never)]
    return [total for total in [*totals, *rest] if total[2]]


def line_of(state: ControlState, names: Any) -> CheckLine:
    """Return a check as the list shows it; ``names`` are the rows of the edition by id."""
    asked, address = state.requested_at, reverse("governance:requirements")
    return CheckLine(
        state=state,
        badge=result_badge(state),
        counts=counts_line(state.counts),
        age=age_words(state.newest.ended_at) if state.newest else "",
        due=None if asked else DUE_BADGES.get(state.due),
        requested=REQUESTED if asked else None,
        asks=asked is not None and clock.now() - asked < ASK_FOR,
        requirements=format_html_join(
            _(", "),
            '<a href="{}{}/">{}</a>',
            ((address, name, name) for name in requirements_of(state.control.id) if name in names),
        ),
        url=reverse("governance:check", args=[state.control.id]),
    )


@require_POST
@allow(GovernanceAction.REQUEST_RUN)
def run_now(request: Request, control_id: str) -> HttpResponse:
    """Ask for a run; pressed twice, it is asked for once."""
    request_run(actor=request.actor, control_id=control_id)
    messages.success(request, _("The check was requested. It runs within a minute, and its result appears here."))
    if "back" in request.POST:
        # Only the conditions of our own list are taken along, never an address.
        conditions = QueryDict(request.POST["back"]).urlencode()
        return redirect(f"{reverse('governance:checks')}?{conditions}#{control_id}")
    return redirect("governance:check", control_id)


@require_safe
@allow(GovernanceAction.VIEW)
def show_state(request: Request, control_id: str) -> HttpResponse:
    """Answer a waiting page: nothing while the run is waited for, then its row, or the page anew with ``whole``."""
    state = control_state(control_id)
    if request.headers.get("HX-Request") != "true":
        return redirect("governance:check", control_id)
    line = line_of(state, edition(CURRENT).by_id)
    if line.asks:
        return HttpResponse(status=204)
    if request.GET.get("whole"):
        headers = {} if state.requested else {"HX-Refresh": "true"}
        return HttpResponse(status=STOP_ASKING, headers=headers)
    context = {"line": line, "may_request": request.actor.may(GovernanceAction.REQUEST_RUN), "back": ""}
    return render(request, "governance/check_row.html", context, status=STOP_ASKING)


@require_safe
@allow(GovernanceAction.VIEW)
def show_check(request: Request, control_id: str) -> HttpResponse:
    """Show what a check looks at, what its newest run found, and every run before it.

    A check that is no longer declared keeps its runs, and so do the tools of others.
    """
    control = registry.current().control(control_id)
    context: dict[str, Any] = {"control_id": control_id, **_history(request, control_id)}
    if control is None:
        if not context["runs"]:
            raise NotFound
        context |= {"page_title": check_titles([control_id])[control_id], "imported": is_imported(control_id)}
        return render(request, "governance/check_gone.html", context)
    state = control_state(control_id)
    found = findings_context(request, state.newest) if state.newest else {}
    context |= {
        "page_title": control.title,
        "line": line_of(state, edition(CURRENT).by_id),
        "state": state,
        "facts": _facts(state),
        "requirements": _titles(control, request.display.language),
        "may_request": request.actor.may(GovernanceAction.REQUEST_RUN),
        **found,
    }
    return render(request, "governance/check.html", context)


def _facts(state: ControlState) -> list[tuple[str, object]]:
    control = state.control
    return [
        (_("Number"), control.id),
        (_("Room"), room_label(room_of(control.id))),
        (_("Looks at"), SUBJECT_KINDS[control.subject_kind]),
        (_("Weight"), SEVERITIES[control.severity]),
        (_("Runs every"), duration_words(control.every.total_seconds())),
        (_("Next run due"), state.due_at),
        (_("Is ended after"), duration_words(control.timeout.total_seconds())),
        (_("If it fails"), control.remedy),
        *((_("Bound: %(name)s") % {"name": name}, value) for name, value in _parameters(control)),
    ]


def _parameters(control: Control) -> list[tuple[str, str]]:
    return [parameter_words(name, value) for name, value in control.parameters.items()]  # type: ignore[arg-type]


def _titles(control: Control, language: str) -> list[Link]:
    leaves = [leaf_of(CURRENT, name) for name in requirements_of(control.id)]
    return [Link(leaf_title(leaf, language), reverse("governance:requirement", args=[leaf.id])) for leaf in leaves]


def _history(request: Request, control_id: str) -> dict[str, Any]:
    """Return one page of the runs of a check; the findings on the same page have a pager of their own."""
    number = page_number(request.GET, "runs")
    found = runs_of(control_id, number)
    runs = list(found.object_list)
    counts, names = counts_of(runs), recorded_by(control_id, found.number)
    rows: list[Cells] = [
        (
            Link(_("Run"), reverse("governance:run", args=[run.pk])),
            run.ended_at,
            STATE_BADGES[run.state],
            run_badge(run, counts.get(run.pk, {})),
            counts_line(counts.get(run.pk, {})),
            names.get(str(run.pk)),
        )
        for run in runs
    ]
    return {
        "columns": [
            TableColumn(_("Run"), Align.CODE, is_row_heading=True),
            TableColumn(_("Ended"), Align.CODE),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("Worst finding"), Align.CODE),
            TableColumn(_("Findings"), Align.WIDE),
            TableColumn(_("Run by"), Align.NAME),
        ],
        "runs": rows,
        "runs_page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
    }
