"""Reading a file into a ledger: give it, see what every row would do, then take all of it over or nothing."""

import hashlib
from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.ledgers.errors import DraftGone, RowsInvalid
from sekisho.ledgers.forms.book_layout import LayoutForm
from sekisho.ledgers.forms.book_rows import RowPlan, RowState, ignored_headings, plan_rows, read_layout
from sekisho.ledgers.forms.books import FileForm
from sekisho.ledgers.rules.book_layout import Choice
from sekisho.ledgers.services.book_import import (
    LARGEST,
    NewRow,
    drop_draft,
    keep_choice,
    keep_draft,
    read_choice,
    read_draft,
)
from sekisho.ledgers.services.book_import import take_over as store
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ui.parts import Align, Badge, Kind, TableColumn
from sekisho.ui.request import Request

_PAGE = "ledgers/book_import.html"
_MOST_SHOWN = 200
_AT_ONCE = 256 * 2**10  # bytes; some thousand rows, read in less than a second
_KINDS = {RowState.NEW: Kind.OK, RowState.CHANGED: Kind.INFO, RowState.WRONG: Kind.NG}


def read_file(request: Request, ledger: Ledger) -> HttpResponse:
    """Ask for a file; show how it is read and what each of its rows would do, without doing it."""
    if "draft" in request.POST:
        return _read_otherwise(request, ledger)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        data = given.read(LARGEST + 1)
        try:
            with transaction.atomic():  # a file that cannot be read is not kept
                draft = keep_draft(actor=request.actor, ledger=ledger, name=given.name, data=data)
                context |= _look(request, ledger, draft) if len(data) <= _AT_ONCE else _wait(ledger, draft, given.name)
        except InvalidInput as error:
            form.add_error("file", str(error))
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, _PAGE, page_context(request, ledger, **context), status=status)


def _wait(ledger: Ledger, draft: UUID, name: str) -> dict[str, Any]:
    """Return what shows that a long file is being read: the page then asks for what it would do by itself."""
    return {"waiting_for": name, "waiting_url": reverse(route_of(ledger, "take-over"), args=[draft])}


def _read_otherwise(request: Request, ledger: Ledger) -> HttpResponse:
    """Read the kept file as somebody says: another sheet, other headings."""
    try:
        draft = UUID(request.POST["draft"])
        data, before = _kept(request, ledger, draft)
        table, layout, sheet = read_layout(ledger, data, before)
        said = LayoutForm(ledger, table, layout, request.POST, draft=draft, sheet=sheet)
        if said.is_valid():
            choice = said.choice()
            keep_choice(actor=request.actor, ledger=ledger, draft_id=draft, choice=choice)
        context = _look(request, ledger, draft) | ({} if said.is_valid() else {"layout_form": said})
    except ValueError:
        return _again(request, ledger, DraftGone())
    except (InvalidInput, DraftGone) as error:
        return _again(request, ledger, error)
    context["form"] = FileForm()
    status = 200 if said.is_valid() else 422
    return render(request, _PAGE, page_context(request, ledger, **context), status=status)


def _look(request: Request, ledger: Ledger, draft: UUID) -> dict[str, Any]:
    """Return what the page shows of a kept file: how it is read and, once that is clear, what it would do."""
    data, choice = _kept(request, ledger, draft)
    table, layout, sheet = read_layout(ledger, data, choice)
    form = LayoutForm(ledger, table, layout, None, draft=draft, sheet=sheet)
    context: dict[str, Any] = {"layout_form": form, "heading_line": layout.line, "undecided": True}
    if layout.undecided or not layout.places:
        return context
    context |= {"undecided": False, "ignored": _(", ").join(ignored_headings(ledger, layout))}
    return context | _preview(ledger, plan_rows(ledger, data, choice), draft)


def _kept(request: Request, ledger: Ledger, draft: UUID) -> tuple[bytes, Choice]:
    """Return a kept file and how it is read. Raises DraftGone."""
    wanted: dict[str, Any] = {"actor": request.actor, "ledger": ledger, "draft_id": draft}
    return read_draft(**wanted), read_choice(**wanted)


def _again(request: Request, ledger: Ledger, error: SekishoError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect(route_of(ledger, "import"))


def take_over(request: Request, ledger: Ledger, draft_id: UUID) -> HttpResponse:
    """Store every row of the file that was looked at, or none; asked for again, show what it would do."""
    if request.method != "POST":
        return _show_again(request, ledger, draft_id)
    try:
        data, choice = _kept(request, ledger, draft_id)
        plans = plan_rows(ledger, data, choice)
        _refuse_wrong(plans)
        rows = [_row(plan) for plan in plans if plan.state in {RowState.NEW, RowState.CHANGED}]
        digest = hashlib.sha256(data).hexdigest()
        number = store(actor=request.actor, ledger=ledger, draft_id=draft_id, digest=digest, rows=rows)
    except (InvalidInput, DraftGone) as error:
        return _again(request, ledger, error)
    messages.success(request, _("%(number)s rows were taken over.") % {"number": number})
    return redirect(route_of(ledger, "list"))


def _show_again(request: Request, ledger: Ledger, draft_id: UUID) -> HttpResponse:
    try:
        context = _look(request, ledger, draft_id)
    except DraftGone as error:
        return _again(request, ledger, error)
    except InvalidInput as error:
        drop_draft(actor=request.actor, ledger=ledger, draft_id=draft_id)
        return _again(request, ledger, error)
    return render(request, _PAGE, page_context(request, ledger, form=FileForm(), **context))


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
