"""Pages about what was seen elsewhere: tickets, bundles that come back, results of other tools."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.elsewhere import BundlesForm, ResultsForm, TicketForm, WithdrawForm
from sekisho.governance.models import EvidenceRun
from sekisho.governance.queries.checks import Counts, counts_of
from sekisho.governance.queries.imports import as_imported, imported_runs
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.results.shape import LARGEST, ResultsFile
from sekisho.governance.services.elsewhere import request_checks_of
from sekisho.governance.services.results import Imported, import_results
from sekisho.governance.views.check_wording import count_badges, run_badge
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.ports import SubjectKind
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.tickets import Ticket, get_ticket, tickets
from sekisho.network.rules.bundle import LARGEST_BUNDLE
from sekisho.network.services.bundles import BundleFile, import_bundles
from sekisho.network.services.tickets import issue_ticket, withdraw_ticket
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@allow(GovernanceAction.VIEW)
def list_elsewhere(request: Request) -> HttpResponse:
    """Show how to look from elsewhere, the tickets for it, and every run of another tool that was taken over."""
    page = imported_runs(page_number(request.GET))
    runs = list(page.object_list)
    counts = counts_of(runs)
    context = {
        "page_title": _("Looked at from elsewhere"),
        "columns": [
            TableColumn(_("Run"), Align.CODE, is_row_heading=True),
            TableColumn(_("Tool")),
            TableColumn(_("System"), Align.NAME),
            TableColumn(_("Taken over"), Align.CODE),
            TableColumn(_("Result"), Align.CODE),
        ],
        "rows": [_row(run, counts.get(run.pk, {})) for run in runs],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_import": request.actor.may(GovernanceAction.IMPORT_RESULTS),
        **_tickets(request),
    }
    return render(request, "governance/elsewhere.html", context)


def _tickets(request: Request) -> dict[str, Any]:
    page = tickets(page_number(request.GET, "tickets"))
    may_withdraw = request.actor.may(NetworkAction.WITHDRAW_TICKET)
    return {
        "ticket_columns": [
            TableColumn(_("Issued"), Align.CODE, is_row_heading=True),
            TableColumn(_("Issued by"), Align.NAME),
            TableColumn(_("From where it will look"), Align.NAME),
            TableColumn(_("Valid until"), Align.CODE),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("First used"), Align.CODE),
            *([TableColumn(_("Operation"), Align.ACTIONS)] if may_withdraw else []),
        ],
        "ticket_rows": [_ticket_row(one, may_withdraw=may_withdraw) for one in page.object_list],
        "ticket_page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }


def _ticket_row(ticket: Ticket, *, may_withdraw: bool) -> Cells:
    is_valid = ticket.withdrawn_at is None and clock.now() <= ticket.valid_until
    link = Link(_("Withdraw the ticket"), reverse("governance:withdraw-ticket", args=[ticket.pk])) if is_valid else None
    cells = [
        ticket.issued_at,
        ticket.issued_by,
        ticket.get_vantage_display(),
        ticket.valid_until,
        _ticket_state(ticket),
        ticket.used_at,
    ]
    return [*cells, link] if may_withdraw else cells


def _ticket_state(ticket: Ticket) -> Badge:
    if ticket.withdrawn_at is not None:
        return Badge(Kind.WARN, _("Withdrawn by %(name)s") % {"name": ticket.withdrawn_by})
    if clock.now() > ticket.valid_until:
        return Badge(Kind.NEUTRAL, _("Run out"))
    return Badge(Kind.INFO, _("Valid"))


@require_http_methods(_METHODS)
@allow(NetworkAction.WITHDRAW_TICKET)
def end_ticket(request: Request, ticket_id: UUID) -> HttpResponse:
    """Ask for the reason, then withdraw a ticket."""
    ticket, form, status = get_ticket(ticket_id), WithdrawForm(_sent(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                withdraw_ticket(actor=request.actor, ticket_id=ticket_id, **form.cleaned_data)
            except (InvalidInput, Conflict) as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("The ticket was withdrawn. Nothing made with it is taken over any more."))
                return redirect("governance:elsewhere")
    context = {"form": form, "ticket": ticket, "page_title": _("Withdraw the ticket")}
    return render(request, "governance/elsewhere_withdraw.html", context, status=status)


def _row(run: EvidenceRun, counts: Counts) -> Cells:
    imported = as_imported(run)
    link = Link(_("Run"), reverse("governance:run", args=[run.pk]))
    return [link, imported.tool, imported.system, run.received_at, run_badge(run, counts)]


@require_http_methods(_METHODS)
@allow(NetworkAction.ISSUE_TICKET)
def give_ticket(request: Request) -> HttpResponse:
    """Issue a ticket and hand it out as a file: it is in no other place."""
    form = TicketForm(_sent(request))

    def act() -> HttpResponse:
        ticket = issue_ticket(actor=request.actor, **form.cleaned_data)
        name = f"sekisho-ticket-{ticket.issued_at.astimezone(FACILITY_ZONE):%Y%m%d}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(ticket.to_bytes(), content_type="application/json", headers=headers)

    lead = _("The file is a key: whoever has it can speak for the addresses in it until it runs out.")
    return _answer(request, form, act, _("Issue a ticket"), lead)


@require_http_methods(_METHODS)
@allow(NetworkAction.IMPORT_BUNDLES)
def take_bundles(request: Request) -> HttpResponse:
    """Take over every file, or none."""
    form = BundlesForm(_sent(request), request.FILES or None)

    def act() -> HttpResponse:
        given = [BundleFile(one.name or "", one.read(LARGEST_BUNDLE + 1)) for one in form.cleaned_data["seen"]]
        carried = import_bundles(actor=request.actor, files=given)
        request_checks_of(actor=request.actor, probes={one.bundle.probe for one in carried})
        said = _("%(number)s files were taken over. The checks that judge them run within a minute.")
        messages.success(request, said % {"number": len(carried)})
        return redirect("governance:elsewhere")

    lead = _("All files are taken over, or none if one of them is not right.")
    return _answer(request, form, act, _("Take over what was seen"), lead)


@require_http_methods(_METHODS)
@allow(GovernanceAction.IMPORT_RESULTS)
def take_results(request: Request) -> HttpResponse:
    """Show what a report says, or store it."""
    systems = [(one.id, one.label) for one in subjects_of(SubjectKind.SYSTEM)]
    form = ResultsForm(_sent(request), request.FILES or None, systems=systems)
    lead = _("One file about one system. What is stored is never changed, so look at it first.")
    title = _("Take over the results of another tool")

    def act() -> HttpResponse:
        entered = form.cleaned_data
        file = ResultsFile(entered["file"].name or "", entered["file"].read(LARGEST + 1))
        found = import_results(
            actor=request.actor,
            file=file,
            system=entered["system"],
            wanted=entered["wanted"] or None,
            ran_at=_start_of(entered["ran_on"]),
            scanned=entered["scanned"],
            dry_run=entered["only_look"],
        )
        if found.run is None:
            context = {"form": form, "page_title": title, "lead": lead, **_preview(found)}
            return render(request, "governance/elsewhere_form.html", context)
        messages.success(request, _("The results were stored."))
        return redirect("governance:run", found.run.pk)

    return _answer(request, form, act, title, lead)


def _start_of(day: date | None) -> datetime | None:
    """Return the first moment of a day here: evidence is never younger than it may be."""
    return datetime.combine(day, time(), FACILITY_ZONE) if day else None


def _preview(found: Imported) -> dict[str, Any]:
    results = found.results
    counts = {Outcome(name): number for name, number in results.counts().items()}
    badges = _(", ").join(f"{badge.text} {number}" for badge, number in count_badges(counts))
    return {
        "preview": [
            (_("Tool"), f"{results.tool} {results.version}".strip()),
            (_("What it looked at"), results.host),
            (_("System"), found.system.label),
            (_("Ran"), found.ran_at),
            (_("Findings"), badges),
            (_("Words that are not known (they count as “cannot tell”)"), ", ".join(results.unknown_words())),
        ],
        "is_empty": results.is_empty,
    }


def _sent(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _answer(request: Request, form: forms.Form, act: Callable[[], HttpResponse], title: str, lead: str) -> HttpResponse:
    """Show the form; once it is sent and right, do what it asks for. What is refused is said above it."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return act()
            except (InvalidInput, Conflict) as error:
                form.add_error(None, str(error))
                status = error.status
    context = {"form": form, "page_title": title, "lead": lead}
    return render(request, "governance/elsewhere_form.html", context, status=status)
