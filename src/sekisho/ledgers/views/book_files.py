"""The files of an entry: attached, handed out, withdrawn."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.forms.book_files import AttachForm, WithdrawForm
from sekisho.ledgers.models import BookEntry, BookFile
from sekisho.ledgers.queries.book_files import bytes_of, files_of, get_file
from sekisho.ledgers.queries.books import get_entry
from sekisho.ledgers.services.applications import LARGEST_FILE, NewFile
from sekisho.ledgers.services.book_files import attach_file, withdraw_file
from sekisho.ledgers.views.book_context import may, page_context, route_of
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_SHOWN_DIGITS = 16


def file_table(request: Request, ledger: Ledger, entry: BookEntry) -> dict[str, Any]:
    """Return the table of an entry's files, every version of them."""
    withdraws = entry.struck_at is None and may(request.actor, ledger, Verb.DETACH)
    columns = [
        TableColumn(_("File"), is_row_heading=True),
        TableColumn(_("Version"), Align.NUMBER),
        TableColumn(_("State")),
        TableColumn(_("Size"), Align.CODE),
        TableColumn(_("SHA-256"), Align.CODE),
        TableColumn(_("Attached on"), Align.CODE),
        TableColumn(_("Attached by"), Align.NAME),
    ]
    rows, newest = [], set()
    for file in files_of(ledger, entry.pk):
        end = getattr(file, "end", None)
        is_current = end is None and file.name not in newest
        newest |= {file.name} if is_current else set()
        place = reverse(route_of(ledger, "file"), args=[entry.pk, file.pk])
        digest = format_html('<code title="{}">{}…</code>', file.data_id, file.data_id[:_SHOWN_DIGITS])
        cells = [Link(file.name, place), file.version, _state(end, is_current=is_current), filesizeformat(file.size)]
        cells += [digest, file.added_at, file.added_by_name]
        if withdraws:
            cells += [Link(_("Withdraw"), f"{place}withdraw/") if end is None else None]
        rows.append(cells)
    return {"columns": [*columns, *([TableColumn("")] if withdraws else [])], "rows": rows}


def _state(end: Any, *, is_current: bool) -> object:
    if end is not None:
        mark = Badge(Kind.NEUTRAL, _("Withdrawn"))
        return format_html("{} {} {}", mark, end.ended_by_name, end.reason)
    return Badge(Kind.OK, _("Current")) if is_current else Badge(Kind.NEUTRAL, _("Older version"))


def attach(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Attach the file that was given; whatever is wrong with it is said on the entry's page."""
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["file"])))
        return redirect(route_of(ledger, "entry"), entry_id)
    given = form.cleaned_data["file"]
    # One byte more than is taken tells that it is too large, without the rest of it in memory.
    file = NewFile(given.name, given.read(LARGEST_FILE + 1))
    try:
        stored = attach_file(actor=request.actor, ledger=ledger, entry_id=entry_id, file=file)
    except (InvalidInput, Conflict) as error:
        messages.error(request, str(error))
    else:
        done = _("“%(name)s” was attached as version %(version)s.")
        messages.success(request, done % {"name": stored.name, "version": stored.version})
    return redirect(route_of(ledger, "entry"), entry_id)


def download(request: Request, ledger: Ledger, entry_id: UUID, file_id: UUID) -> HttpResponse:
    """Hand out one version. Whatever it holds, the browser saves it and never opens it as a page of ours."""
    file = get_file(ledger, entry_id, file_id)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes_of(file), content_type="application/octet-stream", headers=headers)


def withdraw(request: Request, ledger: Ledger, entry_id: UUID, file_id: UUID) -> HttpResponse:
    """Ask why, then withdraw one version."""
    entry, file = get_entry(ledger, entry_id), get_file(ledger, entry_id, file_id)
    posted = request.method == "POST"
    form = WithdrawForm(request.POST if posted else None)
    if posted and form.is_valid():
        return _withdraw(request, ledger, file, form.cleaned_data["reason"])
    status = 422 if posted else 200
    context = page_context(request, ledger, form=form, entry=entry, file=file)
    return render(request, "ledgers/book_file_end.html", context, status=status)


def _withdraw(request: Request, ledger: Ledger, file: BookFile, reason: str) -> HttpResponse:
    try:
        withdraw_file(actor=request.actor, ledger=ledger, entry_id=file.entry_id, file_id=file.pk, reason=reason)
    except (InvalidInput, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” was withdrawn. It stays readable.") % {"name": file.name})
    return redirect(route_of(ledger, "entry"), file.entry_id)
