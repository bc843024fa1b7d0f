"""Pages of the accounts of the systems: which were read when, what was found, reading in a file of them."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.dates import Calendar, NotADate, format_date, parse_date
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.ports import Subject
from sekisho.ledgers.errors import DraftGone
from sekisho.ledgers.services.book_import import keep_draft, read_draft
from sekisho.people.actions import IdReviewAction
from sekisho.people.forms.id_review import AccountFileForm
from sekisho.people.ledgers import ACCOUNTS
from sekisho.people.models import AccountSnapshot, AccountSource
from sekisho.people.queries import id_review as queries
from sekisho.people.queries import today
from sekisho.people.rules.account_files import AccountColumns, AccountFile, read_accounts, read_columns
from sekisho.people.rules.reconciling import Fault, Reconciliation
from sekisho.people.services.id_review import (
    AT_ONCE,
    SnapshotData,
    begin_review,
    register_accounts,
    store_snapshot,
)
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_MOST_SHOWN = 100


def system_context(request: Request, system: Subject | None = None, **more: Any) -> dict[str, Any]:
    """Return what the templates of the accounts of systems need, with ``more`` on top."""
    actor = request.actor
    return {
        "page_title": _("Accounts of the systems"),
        "system": system,
        "may_read": actor.may(IdReviewAction.STORE),
        "may_set": actor.may(IdReviewAction.SET_SOURCE),
        "may_begin": actor.may(IdReviewAction.BEGIN),
        **more,
    }


@require_safe
@allow(IdReviewAction.VIEW)
def list_systems(request: Request) -> HttpResponse:
    """Show for every system when its accounts were read last, and the reviews."""
    newest = queries.newest_snapshots()
    reviews = queries.reviews(page_number(request.GET))
    context = system_context(
        request,
        columns=[
            TableColumn(_("System"), is_row_heading=True),
            TableColumn(_("Exported on"), Align.CODE),
            TableColumn(_("Accounts"), Align.NUMBER),
            TableColumn(_("State"), Align.WIDE),
        ],
        rows=[_system_row(one, newest.get(one.id)) for one in queries.systems()],
        review_columns=[
            TableColumn(_("System"), is_row_heading=True),
            TableColumn(_("Begun"), Align.CODE),
            TableColumn(_("Done by"), Align.NAME),
            TableColumn(_("State")),
        ],
        review_rows=[_review_row(row) for row in reviews.object_list],
        page=PagePosition(reviews.number, reviews.paginator.num_pages, reviews.paginator.count),
    )
    return render(request, "people/id_systems.html", context)


def _system_row(system: Subject, newest: AccountSnapshot | None) -> Cells:
    name = Link(system.label, reverse("people:system-accounts", args=[system.id]))
    if system.facts["kind"] == queries.PLATFORM_KIND:
        return [name, today(), len(queries.own_accounts()[0]), Badge(Kind.INFO, _("Looked at as they are"))]
    if newest is None:
        return [name, "", "", Badge(Kind.UNKNOWN, _("Never read in"))]
    return [name, newest.taken_on, newest.accounts, _age_badge(newest, queries.source_of(newest.system_id))]


def _age_badge(newest: AccountSnapshot, source: AccountSource | None) -> Badge:
    age = (today() - newest.taken_on).days
    if source is not None and age > source.interval_days:
        return Badge(Kind.WARN, _("Older than %(days)s days") % {"days": source.interval_days})
    return Badge(Kind.OK, _("Read in"))


def _review_row(row: Any) -> Cells:
    url = reverse("people:account-review", args=[row.pk])
    state = Badge(Kind.OK, _("Finished")) if row.finished_at else Badge(Kind.WARN, _("Open"))
    return [Link(row.snapshot.system.name, url), row.begun_at, row.begun_by, state]


@require_safe
@allow(IdReviewAction.VIEW)
def show_system(request: Request, system_id: UUID) -> HttpResponse:
    """Show what was found in the newest list of a system's accounts."""
    system = queries.system(system_id)
    is_platform = system.facts["kind"] == queries.PLATFORM_KIND
    newest = None if is_platform else queries.newest_snapshot(system_id)
    found = queries.own_reconciliation() if is_platform else None
    if newest is not None:
        found = queries.reconciled(queries.snapshot(newest.pk))
    page = queries.snapshots_of(system_id, page_number(request.GET))
    context = system_context(
        request,
        system,
        source=queries.source_of(system_id),
        is_platform=is_platform,
        newest=newest,
        facts=_facts(newest) if newest else [],
        found_columns=[
            TableColumn(_("Finding"), Align.WIDE, is_row_heading=True),
            TableColumn(_("Accounts"), Align.NUMBER),
        ],
        found_rows=_found_rows(found) if found else [],
        unregistered=found.counts()[Fault.UNREGISTERED] if newest and found else 0,
        at_once=AT_ONCE,
        ledger_url=f"{reverse('people:accounts')}?system={system_id}",
        columns=[
            TableColumn(_("Exported on"), Align.CODE, is_row_heading=True),
            TableColumn(_("Accounts"), Align.NUMBER),
            TableColumn(_("Read from")),
            TableColumn(_("Done by"), Align.NAME),
            TableColumn(_("SHA-256 of the accounts"), Align.WIDE),
        ],
        rows=[
            [row.taken_on, row.accounts, row.origin, row.recorded_by, row.content_sha256] for row in page.object_list
        ],
        page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    )
    return render(request, "people/id_system.html", context)


def _facts(row: AccountSnapshot) -> list[tuple[str, Any]]:
    return [
        (_("Exported on"), row.taken_on),
        (_("Number of accounts"), row.accounts),
        (_("Read from"), row.origin),
        (_("Read in on"), row.recorded_at),
        (_("Done by"), row.recorded_by),
    ]


def _found_rows(found: Reconciliation) -> list[Cells]:
    counts = found.counts()
    cannot = Badge(Kind.UNKNOWN, _("The system does not tell"))
    return [[str(fault.label), cannot if fault in found.blind else counts[fault]] for fault in Fault]


@require_http_methods(_METHODS)
@allow(IdReviewAction.STORE)
def read_file(request: Request, system_id: UUID) -> HttpResponse:
    """Take a file and show what it comes to; nothing of it is kept as the list of the system yet."""
    system, source = queries.system(system_id), queries.source_of(system_id)
    if source is None or not source.columns:
        messages.error(request, _("First say by which headings the accounts are read."))
        return redirect("people:system-accounts", system_id)
    is_sent = request.method == "POST"
    first = {"taken_on": today()}
    form = AccountFileForm(request.POST if is_sent else None, request.FILES if is_sent else None, initial=first)
    context: dict[str, Any] = {"form": form}
    if is_sent and form.is_valid():
        given = form.cleaned_data["file"]
        data = given.read()
        try:
            read = read_accounts(data, read_columns(source.columns))
            draft = keep_draft(actor=request.actor, ledger=ACCOUNTS, name=given.name, data=data)
        except InvalidInput as error:
            form.add_error("file", str(error))
        else:
            context |= _preview(read, draft, system_id, given.name, form.cleaned_data["taken_on"])
    status = 422 if is_sent and not form.is_valid() else 200
    return render(request, "people/id_read.html", system_context(request, system, **context), status=status)


def _preview(read: AccountFile, draft: UUID, system_id: UUID, name: str, day: date) -> dict[str, Any]:
    return {
        "previewed": True,
        "good": len(read.accounts),
        "wrong": len(read.wrong),
        "name": name,
        "taken_on": format_date(day, Calendar.SEIREKI),
        "keep_url": reverse("people:system-accounts-keep", args=[system_id, draft]),
        "wrong_columns": [
            TableColumn(_("Line"), Align.NUMBER, is_row_heading=True),
            TableColumn(_("Column")),
            TableColumn(_("Content of the cell")),
            TableColumn(_("What is wrong"), Align.WIDE),
        ],
        "wrong_rows": [
            [one.line, one.heading, one.found or "―", str(one.fault.label)] for one in read.wrong[:_MOST_SHOWN]
        ],
        "columns": [
            TableColumn(title, Align.CODE)
            for title in (
                _("Login name"),
                _("Full name"),
                _("Staff number"),
                _("Account works"),
                _("Administrator rights"),
                _("Last used on"),
            )
        ],
        "rows": _first_rows(read),
    }


def _first_rows(read: AccountFile) -> Sequence[Cells]:
    return [
        [one.login, one.name, one.staff_number, one.active, one.administrator, one.last_used]
        for one in read.accounts[:5]
    ]


@require_POST
@allow(IdReviewAction.STORE)
def keep_file(request: Request, system_id: UUID, draft_id: UUID) -> HttpResponse:
    """Keep the accounts of the file that was looked at, all of them."""
    source = queries.source_of(system_id)
    columns = read_columns(source.columns) if source and source.columns else AccountColumns("")
    name = request.POST.get("name", "")
    try:
        data = read_draft(actor=request.actor, ledger=ACCOUNTS, draft_id=draft_id)
        read = read_accounts(data, columns)
        if read.wrong:
            messages.error(request, _("Nothing was kept: a row of the file is wrong."))
            return redirect("people:system-accounts-read", system_id)
        day = parse_date(request.POST.get("taken_on", ""))
        digest = hashlib.sha256(data).hexdigest()
        found = SnapshotData(day, read.accounts, columns.told, name, digest)
        store_snapshot(actor=request.actor, system_id=system_id, data=found)
    except (InvalidInput, Conflict, DraftGone, NotADate) as error:
        messages.error(request, str(error))
        return redirect("people:system-accounts-read", system_id)
    count = len(read.accounts)
    messages.success(
        request, ngettext("%(n)s account was read in.", "%(n)s accounts were read in.", count) % {"n": count}
    )
    return redirect("people:system-accounts", system_id)


@require_POST
@allow(IdReviewAction.SET_SOURCE)
def enter_unregistered(request: Request, system_id: UUID) -> HttpResponse:
    """Enter accounts of the newest list that the ID ledger lacks."""
    newest = queries.newest_snapshot(system_id)
    if newest is not None:
        number = register_accounts(actor=request.actor, ledger=ACCOUNTS, snapshot_id=newest.pk)
        messages.success(request, _("%(number)s accounts were entered into the ID ledger.") % {"number": number})
    return redirect("people:system-accounts", system_id)


@require_POST
@allow(IdReviewAction.BEGIN)
def start_review(request: Request, system_id: UUID) -> HttpResponse:
    """Begin a review of what was found in the newest list."""
    newest = queries.newest_snapshot(system_id)
    if newest is None:
        messages.error(request, _("First read in the accounts of the system."))
        return redirect("people:system-accounts", system_id)
    row = begin_review(actor=request.actor, snapshot_id=newest.pk)
    return redirect("people:account-review", row.pk)
