"""Reading a file into a ledger: give it, see what every row would do, then take all of it over or nothing."""

import hashlib
from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import InvalidInput
from sekisho.ledgers.errors import DraftGone, RowsInvalid
from sekisho.ledgers.forms.book_rows import RowPlan, RowState, plan_rows
from sekisho.ledgers.forms.books import FileForm
from sekisho.ledgers.services.book_import import NewRow, keep_draft, read_draft
from sekisho.ledgers.services.book_import import take_over as store
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ui.parts import Align, Badge, Kind, TableColumn
from sekisho.ui.request import Request

_MOST_SHOWN = 200
_KINDS = {RowState.NEW: Kind.OK, RowState.CHANGED: Kind.INFO, RowState.WRONG: Kind.NG}


def read_file(request: Request, ledger: Ledger) -> HttpResponse:
    """Ask for a file; show what each of its rows would do, without doing it."""
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        data = given.read()
        try:
            plans = plan_rows(ledger, data)
            draft = keep_draft(actor=request.actor, ledger=ledger, name=given.name, data=data)
        except InvalidInput as error:
            form.add_error("file", str(error))
        else:
            context |= _preview(ledger, plans, draft)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "ledgers/book_import.html", page_context(request, ledger, **context), status=status)


def take_over(request: Request, ledger: Ledger, draft_id: UUID) -> HttpResponse:
    """Store every row of the file that was looked at, or none."""
    try:
        data = read_draft(actor=request.actor, ledger=ledger, draft_id=draft_id)
        plans = plan_rows(ledger, data)
        _refuse_wrong(plans)
        rows = [_row(plan) for plan in plans if plan.state in {RowState.NEW, RowState.CHANGED}]
        digest = hashlib.sha256(data).hexdigest()
        number = store(actor=request.actor, ledger=ledger, draft_id=draft_id, digest=digest, rows=rows)
    except (InvalidInput, DraftGone) as error:
        messages.error(request, str(error))
        return redirect(route_of(ledger, "import"))
    messages.success(request, _("%(number)s rows were taken over.") % {"number": number})
    return redirect(route_of(ledger, "list"))


def _refuse_wrong(plans: list[RowPlan]) -> None:
    wrong = next((plan for plan in plans if plan.state is RowState.WRONG), None)
    if wrong is not None:
        raise RowsInvalid(line=wrong.line, reason=_fault(wrong))


def _row(plan: RowPlan) -> NewRow:
    if plan.entry is None:
        return NewRow(plan.line, plan.values)
    return NewRow(plan.line, plan.values, plan.entry.pk, plan.entry.version)


def _preview(ledger: Ledger, plans: list[RowPlan], draft: UUID) -> dict[str, Any]:
    counts = Counter(plan.state for plan in plans)
    told = [plan for plan in plans if plan.state is not RowState.UNCHANGED]
    told.sort(key=lambda plan: (plan.state is not RowState.WRONG, plan.line))
    labels = _labels()
    rows = [(plan.line, Badge(_KINDS[plan.state], labels[plan.state]), _words(plan)) for plan in told[:_MOST_SHOWN]]
    return {
        "previewed": True,
        "counts": [(labels[state], counts[state]) for state in RowState],
        "columns": [TableColumn(_("Row"), Align.CODE), TableColumn(_("What it does")), TableColumn("", Align.WIDE)],
        "rows": rows,
        "unshown": max(0, len(told) - _MOST_SHOWN),
        "ready": not counts[RowState.WRONG] and bool(counts[RowState.NEW] + counts[RowState.CHANGED]),
        "wrong": counts[RowState.WRONG],
        "take_over_url": reverse(route_of(ledger, "take-over"), args=[draft]),
    }


def _labels() -> dict[RowState, str]:
    return {
        RowState.NEW: _("To be added"),
        RowState.CHANGED: _("Changed"),
        RowState.UNCHANGED: _("Unchanged"),
        RowState.WRONG: _("Wrong"),
    }


def _words(plan: RowPlan) -> str:
    if plan.state is RowState.WRONG:
        return _fault(plan)
    if plan.state is RowState.NEW:
        return " / ".join(f"{title}: {after}" for title, _before, after in plan.differences if after)
    return " / ".join(f"{title}: {before or '―'} → {after or '―'}" for title, before, after in plan.differences)


def _fault(plan: RowPlan) -> str:
    return " / ".join(f"{title}: {reason}" for title, reason in plan.faults)
