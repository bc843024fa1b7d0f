"""The lists that rules of the review need: which there are and how old, handing one in, taking it, throwing it away."""

import json
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.register.actions import ReferenceAction
from sekisho.register.errors import ListInvalid
from sekisho.register.forms.review import DropListForm, ListFileForm
from sekisho.register.models import ListState, ReferenceList
from sekisho.register.queries.reference import KnownList, known_lists, last_mapping, list_form, reference_list
from sekisho.register.rules.reference import ListForm
from sekisho.register.rules.reference_files import ADVICE, ListFault
from sekisho.register.services.reference_tables import ListFile, drop_list, examine_list, take_list
from sekisho.register.services.review import facility_day
from sekisho.register.views.sources import METHODS, answer, sent
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

SHOWN_ROWS = 5


@require_safe
@allow(ReferenceAction.VIEW)
def list_lists(request: Request) -> HttpResponse:
    """Show every list that rules ask for: what it is for, whether it is there, and how old."""
    may = request.actor.may(ReferenceAction.EXAMINE)
    context = {
        "page_title": _("Lists for the rules"),
        "columns": [
            TableColumn(_("List"), is_row_heading=True),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("Right on"), Align.CODE),
            TableColumn(_("Rows"), Align.NUMBER),
            TableColumn(_("Handed in by"), Align.NAME),
            TableColumn(_("What it is for"), Align.WIDE),
            *([TableColumn(_("File"))] if may else []),
        ],
        "rows": [_line(one, may=may) for one in known_lists(facility_day())],
    }
    return render(request, "register/review_lists.html", context)


def _line(one: KnownList, *, may: bool) -> Cells:
    row = one.current or one.waiting
    title = Link(str(one.form.title), reverse("register:review-list", args=[row.pk])) if row else str(one.form.title)
    needed = "、".join(str(column.title) for column in one.form.columns)
    purpose = f"{one.form.purpose} {_('Columns: %(columns)s') % {'columns': needed}}"
    state = [_state(one), row.as_of if row else None, row.rows if row else None, row.by_name if row else None, purpose]
    hand_in = Link(_("Hand in"), reverse("register:review-list-new", args=[one.form.table]))
    return [title, *state, *([hand_in] if may else [])]


def _state(one: KnownList) -> Badge:
    if one.current is None:
        return Badge(Kind.WARN, _("Not taken yet")) if one.waiting else Badge(Kind.UNKNOWN, _("Not there"))
    if one.fresh:
        return Badge(Kind.OK, _("In use"))
    return Badge(Kind.NG, _("Too old (more than %(days)s days)") % {"days": one.form.fresh_days})


@require_http_methods(METHODS)
@allow(ReferenceAction.EXAMINE)
def hand_in_list(request: Request, table: str) -> HttpResponse:
    """Take a file and show what it comes to; no rule asks it yet."""
    wanted, known = list_form(table), last_mapping(table)
    initial = {f"c_{name}": heading for name, heading in known.items()}
    form = ListFileForm(
        sent(request),
        request.FILES if request.method == "POST" else None,
        columns=wanted.columns,
        initial={**initial, "delimiter": known.get("delimiter", ","), "as_of": facility_day()},
    )

    def act() -> str:
        found = cast("UploadedFile[Any]", form.cleaned_data["file"])
        file = ListFile(
            name=found.name or "list.csv",
            raw=found.read(),
            as_of=form.cleaned_data["as_of"],
            headings=form.headings(),
            delimiter=form.cleaned_data["delimiter"],
        )
        return reverse("register:review-list", args=[examine_list(actor=request.actor, table=table, file=file).pk])

    return answer(request, form, act, "register/review_list_new.html", _context(wanted))


@require_safe
@allow(ReferenceAction.VIEW)
def show_list(request: Request, list_id: UUID) -> HttpResponse:
    """Show what a file comes to, or how a list stands; the first rows to whoever handed it in."""
    row = reference_list(list_id)
    form, is_open = list_form(row.table), row.state == ListState.EXAMINED
    may_examine = request.actor.may(ReferenceAction.EXAMINE)
    may_take = is_open and request.actor.may(ReferenceAction.TAKE)
    context = _context(form) | {
        "row": row,
        "facts": _facts(row),
        "may_take": may_take and not row.wrong,
        "may_drop": row.state in {ListState.EXAMINED, ListState.CURRENT} and request.actor.may(ReferenceAction.DROP),
        "again_url": reverse("register:review-list-new", args=[row.table])
        if is_open and row.wrong and may_examine
        else "",
        "sample_columns": [TableColumn(str(column.title)) for column in form.columns],
        "sample": _sample(row) if may_take and row.by_id == request.actor.id else [],
        "fault_columns": [
            TableColumn(_("Line"), Align.NUMBER, is_row_heading=True),
            TableColumn(_("Column")),
            TableColumn(_("Found in the file")),
            TableColumn(_("What is wrong"), Align.WIDE),
        ],
        "fault_rows": may_examine
        and [
            [line, column or "―", found or "―", str(ADVICE[ListFault(fault)])]
            for line, column, fault, found in row.faults
        ],
    }
    return render(request, "register/review_list_version.html", context)


def _context(form: ListForm) -> dict[str, Any]:
    return {
        "list_title": str(form.title),
        "purpose": str(form.purpose),
        "days": form.fresh_days,
        "cancel_url": reverse("register:review-lists"),
    }


def _facts(row: ReferenceList) -> list[tuple[str, Any]]:
    states = {
        ListState.EXAMINED: Badge(Kind.WARN, _("Not taken yet")),
        ListState.CURRENT: Badge(Kind.OK, _("In use")),
        ListState.REPLACED: Badge(Kind.NEUTRAL, _("Replaced by a newer one")),
        ListState.DROPPED: Badge(Kind.NEUTRAL, _("Thrown away")),
    }
    return [
        (_("State"), states[ListState(row.state)]),
        (_("Version"), row.version or "―"),
        (_("Right on"), row.as_of),
        (_("File"), row.file_name),
        (_("SHA-256 of the file"), row.sha256),
        (_("Characters"), "UTF-8" if row.encoding == "utf-8" else "Shift_JIS (CP932)"),
        (_("Rows"), row.rows),
        (_("Wrong"), row.wrong),
        (_("Handed in"), row.handed_in_at),
        (_("By whom"), row.by_name),
    ]


def _sample(row: ReferenceList) -> list[Cells]:
    form = list_form(row.table)
    rows = json.loads(row.content or "[]")[:SHOWN_ROWS]
    return [[_cell(column.name, value) for column, value in zip(form.columns, values, strict=True)] for values in rows]


def _cell(name: str, value: Any) -> Any:
    if name.endswith("_us"):
        return datetime.fromtimestamp(value / 1_000_000, tz=UTC) if value else None
    return value


@require_POST
@allow(ReferenceAction.TAKE)
def take(request: Request, list_id: UUID) -> HttpResponse:
    """Let the rules ask a list that was looked at."""
    try:
        take_list(actor=request.actor, list_id=list_id)
        messages.success(request, _("The list was taken. The rules ask it from their next run on."))
    except ListInvalid as error:
        messages.error(request, str(error))
    return redirect("register:review-list", list_id)


@require_http_methods(METHODS)
@allow(ReferenceAction.DROP)
def drop(request: Request, list_id: UUID) -> HttpResponse:
    """Ask for the reason, then throw the list away."""
    row = reference_list(list_id)
    form = DropListForm(sent(request))

    def act() -> str:
        drop_list(actor=request.actor, list_id=list_id, reason=form.cleaned_data["reason"])
        messages.success(request, _("The list was thrown away, and its rows deleted."))
        return reverse("register:review-lists")

    return answer(request, form, act, "register/review_list_drop.html", _context(list_form(row.table)) | {"row": row})
