"""Pages of sweeps: asking once more before one starts, its progress and result, and stopping it."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput
from sekisho.kernel.text import Text
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import OwnPermit
from sekisho.network.models import RequestedSweep, SweepState
from sekisho.network.queries.exposure import known_addresses
from sekisho.network.queries.ranges import get_range, get_sweep, network_of, permit_in_force, sweep_look
from sekisho.network.queries.reachability import profile
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.looks import OpenPort
from sekisho.network.rules.sweep import MedicalZone, PermitExpired, PermitMissing
from sekisho.network.rules.swept import SweepLook, judge_sweep, strangers
from sekisho.network.rules.unusable import Unusable
from sekisho.network.services.sweeps import planned_sweep, request_sweep, stop_sweep
from sekisho.network.views.exposure import PAGE_SIZE, level_badge, register_address, service_words, state_badge
from sekisho.register.services import record_refusal
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Cells, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_UNDER_WAY = {SweepState.WAITING, SweepState.RUNNING}


@require_http_methods(_METHODS)
@allow(NetworkAction.REQUEST_SWEEP)
def start_sweep(request: Request, range_id: UUID) -> HttpResponse:
    """Say what a sweep does and to how many addresses, then ask for it. Without leave, back to the range."""
    found = get_range(range_id)
    try:
        planned = planned_sweep(found)
        if request.method == "POST":
            sweep = request_sweep(actor=request.actor, range_id=range_id)
            messages.success(request, _("The sweep was asked for. It begins within a minute."))
            return redirect("network:sweep", sweep.pk)
    except (Conflict, InvalidInput, MedicalZone, PermitExpired, PermitMissing, OwnPermit) as error:
        if request.method == "POST" and isinstance(error, Forbidden):
            record_refusal(actor=request.actor, action=NetworkAction.REQUEST_SWEEP, code=error.code)
        messages.error(request, str(error))
        return redirect("network:range", found.pk)
    context = {
        "range": found,
        "permit": permit_in_force(found),
        "addresses": len({target.host for target in planned}),
        "ports": len({target.port for target in planned}),
        "connections": len(planned),
        "total": network_of(found).num_addresses,
    }
    return render(request, "network/sweep_start.html", context)


@require_safe
@allow(NetworkAction.VIEW_EXPOSURE)
def show_sweep(request: Request, sweep_id: UUID) -> HttpResponse:
    """Show how far a sweep is, and what it saw."""
    sweep = get_sweep(sweep_id)
    look, fault = _look(sweep)
    known = known_addresses() if look else frozenset()
    under_way = sweep.state in _UNDER_WAY
    context: dict[str, Any] = {
        "sweep": sweep,
        "state": state_badge(sweep),
        "facts": _facts(sweep),
        "under_way": under_way,
        "percent": 100 * sweep.asked // max(sweep.planned, 1),
        "look": look,
        "fault": fault,
        "remark_columns": _remark_columns(),
        "remark_rows": [_remark_row(remark) for remark in judge_sweep(look, known)[:PAGE_SIZE]] if look else [],
        "may_stop": under_way and sweep.stop_requested_at is None and request.actor.may(NetworkAction.STOP_SWEEP),
        **_stranger_table(request, look, known),
    }
    return render(request, "network/sweep.html", context)


def _look(sweep: RequestedSweep) -> tuple[SweepLook | None, Text | None]:
    """Return what a sweep saw, or why that cannot be used any more."""
    try:
        return sweep_look(sweep), None
    except Unusable as error:
        return None, error.text


def _facts(sweep: RequestedSweep) -> Sequence[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Addresses"), sweep.range.network),
        (_("Asked for by"), sweep.requested_by),
        (_("Asked for at"), sweep.requested_at),
        (_("Allowed by"), sweep.permit.allowed_by),
        (_("Reason of the permit"), sweep.permit.reason),
        (_("Begun at"), sweep.started_at),
        (_("Ended at"), sweep.ended_at),
    ]
    if sweep.stop_requested_by:
        facts.append((_("Stopped by"), sweep.stop_requested_by))
    if sweep.refusal:
        facts.append((_("Why not"), refusal_words(sweep)))
    return facts


def refusal_words(sweep: RequestedSweep) -> Text:
    """Return why a sweep was not carried out, in the reader's language."""
    stored = json.loads(sweep.refusal)
    return Text(stored["msgid"], **stored["params"])


def _remark_columns() -> Sequence[TableColumn]:
    return (TableColumn(_("Judgement"), Align.CODE), TableColumn(_("What was seen"), Align.WIDE, is_row_heading=True))


def _remark_row(remark: Judged) -> Cells:
    return [level_badge(remark), remark.message]


def _stranger_table(request: Request, look: SweepLook | None, known: frozenset[str]) -> dict[str, Any]:
    """Return who answered without being registered, port by port."""
    text = request.GET.get("q", "")
    found = strangers(look, known) if look else ()
    pairs = [(one.address, port) for one in found for port in one.open]
    kept = [(address, port) for address, port in pairs if _matches(address, port, text)]
    page = Paginator(kept, PAGE_SIZE).get_page(page_number(request.GET))
    may_add = request.actor.may(EstateAction.ADD)
    language = request.display.language
    return {
        "columns": _stranger_columns(may_add=may_add),
        "rows": [_stranger_row(*pair, language, may_add=may_add) for pair in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "searchable": len(pairs) > PAGE_SIZE or bool(text),
        "text": text,
    }


def _matches(address: str, port: OpenPort, text: str) -> bool:
    said = f"{address} {port.port} {port.banner} {' '.join(port.names)}".casefold()
    return all(word in said for word in text.casefold().split())


def _stranger_columns(*, may_add: bool) -> Sequence[TableColumn]:
    columns = [
        TableColumn(_("Address on the network"), Align.CODE, is_row_heading=True),
        TableColumn(_("Port"), Align.CODE),
        TableColumn(_("Service")),
        TableColumn(_("What it said"), Align.WIDE),
        TableColumn(_("Names in its certificate")),
    ]
    return [*columns, TableColumn(_("What to do"), Align.ACTIONS)] if may_add else columns


def _stranger_row(address: str, port: OpenPort, language: str, *, may_add: bool) -> Cells:
    service = service_words(profile().service(port.port, port.banner), language)
    cells = [address, str(port.port), service, port.banner, ", ".join(port.names)]
    return [*cells, Link(_("Register the endpoint"), register_address(address, port.port))] if may_add else cells


@require_http_methods(_METHODS)
@allow(NetworkAction.STOP_SWEEP)
def end_sweep(request: Request, sweep_id: UUID) -> HttpResponse:
    """Ask once more, then stop a sweep."""
    sweep = get_sweep(sweep_id)
    if request.method == "POST":
        try:
            stop_sweep(actor=request.actor, sweep_id=sweep_id)
        except Conflict as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The sweep is being stopped."))
        return redirect("network:sweep", sweep_id)
    back = reverse("network:sweep", args=[sweep_id])
    return render(request, "network/sweep_stop.html", {"sweep": sweep, "back": back})
