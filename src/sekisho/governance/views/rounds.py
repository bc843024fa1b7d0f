"""Rounds of assessment: the list, one round, what it kept of one requirement, opening and locking."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.rounds import LockForm, OpenRoundForm
from sekisho.governance.models import Round
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.editions import edition, edition_ids
from sekisho.governance.queries.rounds import KeptItem, get_round, kept_items, rounds
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.governance.services.rounds import lock_round, open_round, this_fiscal_year
from sekisho.governance.views.wording import VERDICT_BADGES, fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.dates import format_moment
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ui.display import Display
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_SHOWN_DIGITS = 16


@require_safe
@allow(GovernanceAction.VIEW)
def list_rounds(request: Request) -> HttpResponse:
    """Show every round, and a form that opens one."""
    return _list_page(request, _open_form(request.display))


@require_POST
@allow(GovernanceAction.OPEN_ROUND)
def open_one(request: Request) -> HttpResponse:
    """Open the round of a fiscal year."""
    form = _open_form(request.display, request.POST)
    if not form.is_valid():
        return _list_page(request, form, 422)
    try:
        opened = open_round(actor=request.actor, year=form.cleaned_data["fiscal_year"])
    except (Conflict, InvalidInput) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _list_page(request, form, error.status)
    messages.success(request, _("The round was opened."))
    return redirect("governance:round", opened.pk)


def _open_form(display: Display, data: Any = None) -> OpenRoundForm:
    present = this_fiscal_year()
    years = [(year, fiscal_year_words(year, display)) for year in (present, present - 1)]
    return OpenRoundForm(data, years=years, initial={"fiscal_year": present})


def _list_page(request: Request, form: OpenRoundForm, status: int = 200) -> HttpResponse:
    context = {
        "page_title": _("Rounds of assessment"),
        "columns": [
            TableColumn(_("Fiscal year"), Align.CODE, is_row_heading=True),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("Locked by")),
            TableColumn(_("Locked at"), Align.CODE),
            TableColumn(_("Edition")),
            TableColumn(_("Digest"), Align.CODE),
        ],
        "rows": [_row(found, request.display) for found in rounds()],
        "form": form,
        "may_open": request.actor.may(GovernanceAction.OPEN_ROUND),
    }
    return render(request, "governance/rounds.html", context, status=status)


def _row(found: Round, display: Display) -> Cells:
    title = Link(fiscal_year_words(found.fiscal_year, display), reverse("governance:round", args=[found.pk]))
    digest = f"{found.digest[:_SHOWN_DIGITS]}…" if found.digest else None
    return [title, _state(found), found.locked_by, found.locked_at, _edition_title(found, display.language), digest]


def _state(found: Round) -> Badge:
    return Badge(Kind.OK, _("Locked")) if found.locked_at else Badge(Kind.INFO, _("Under way"))


def _edition_title(found: Round, language: str) -> str:
    """Return the edition's name; a round outlives an edition that no longer comes with Sekisho."""
    known = found.edition in edition_ids()
    return edition(found.edition).head.title.text(language) if known else found.edition


@require_safe
@allow(GovernanceAction.VIEW)
def show_round(request: Request, round_id: UUID) -> HttpResponse:
    """Show what a locked round kept, or how things stand now while it is open."""
    found = get_round(round_id)
    items = kept_items(found)
    verdicts = (
        [item.verdict for item in items if "judged_per" in item.row]
        if found.locked_at
        else _present_verdicts(found.edition)
    )
    language = request.display.language
    context = {
        **round_context(request, found),
        "facts": _facts(found, request.display),
        **_counts(verdicts),
        "columns": [
            TableColumn(_("No."), Align.CODE),
            TableColumn(_("Requirement"), is_row_heading=True),
            TableColumn(_("Verdict"), Align.CODE),
            TableColumn(_("Conforming / judged"), Align.NUMBER),
        ],
        "rows": [_kept_row(found, item, language) for item in items],
        "may_lock": found.locked_at is None and request.actor.may(GovernanceAction.LOCK_ROUND),
    }
    return render(request, "governance/round.html", context)


def round_context(request: Request, found: Round) -> dict[str, Any]:
    """Return what every page of a round shows of it."""
    return {
        "round": found,
        "title": _("Assessment of %(year)s") % {"year": fiscal_year_words(found.fiscal_year, request.display)},
        "state": _state(found),
    }


def _present_verdicts(edition_id: str) -> list[Verdict]:
    state = conformity(edition_id)
    return [state.summaries[leaf.id].verdict for leaf in state.edition.leaves]


def _counts(verdicts: list[Verdict]) -> dict[str, Any]:
    numbers = Counter(verdicts)
    return {
        "counts": [(verdict, VERDICT_BADGES[verdict], numbers[verdict]) for verdict in VERDICT_BADGES],
        "conforming": numbers[Verdict.CONFORMING],
        "applying": len(verdicts) - numbers[Verdict.NOT_APPLICABLE],
    }


def _facts(found: Round, display: Display) -> list[tuple[str, str]]:
    facts = [
        (_("Edition"), _edition_title(found, display.language)),
        (_("Opened on"), _by_whom(found.opened_at, found.opened_by, display)),
    ]
    if found.locked_at is None:
        return facts
    locked = [
        (_("Locked on"), locked_by_whom(found, display)),
        (_("Comment"), found.comment),
        (_("Digest of everything kept (SHA-256)"), found.digest),
    ]
    return facts + locked


def locked_by_whom(found: Round, display: Display) -> str:
    """Return when a round was locked and by whom, empty while it is open."""
    return _by_whom(found.locked_at, found.locked_by, display) if found.locked_at else ""


def _by_whom(moment: datetime, name: str, display: Display) -> str:
    return _("%(when)s (%(who)s)") % {"when": format_moment(moment, display.calendar, display.language), "who": name}


def _kept_row(found: Round, item: KeptItem, language: str) -> Cells:
    summary = Summary(item.verdict, item.counts)
    url = reverse("governance:round-item", args=[found.pk, item.requirement])
    return [
        f"{chapter_of(item.requirement)} {item.row['printed']}",
        Link(item.row["title"][language], url),
        VERDICT_BADGES[item.verdict],
        f"{summary.conforming}/{summary.total}",
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.LOCK_ROUND)
def lock(request: Request, round_id: UUID) -> HttpResponse:
    """Say what locking means, then lock the round."""
    found = get_round(round_id)
    form = LockForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            lock_round(actor=request.actor, round_id=round_id, **_locking(form.cleaned_data))
        except Conflict as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The round was locked."))
        return redirect("governance:round", round_id)
    if found.locked_at is not None:
        return redirect("governance:round", round_id)
    status = 422 if form.is_bound else 200
    return render(request, "governance/lock.html", {**round_context(request, found), "form": form}, status=status)


def _locking(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": data["version"], "comment": data["comment"]}
