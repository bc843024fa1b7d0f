"""The page of what is exposed: open ports of registered hosts, and the ranges of addresses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import allow
from sekisho.network.actions import NetworkAction
from sekisho.network.models import RegisteredRange, RequestedSweep, SweepPermit, SweepState, Zone
from sekisho.network.queries.exposure import HostState, OpenRow, host_states, open_rows, requested_hosts
from sekisho.network.queries.ranges import RangeRow, range_rows, with_permits
from sekisho.network.rules.exposure_profile import Service, Vantage
from sekisho.network.rules.judged import LEVEL_LABELS, Judged, Level
from sekisho.network.services.exposure import request_look
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn, Words
from sekisho.ui.request import Request

PAGE_SIZE = 50
PLACES: Mapping[Vantage, Words] = {
    Vantage.INTERNAL: gettext_lazy("From inside"),
    Vantage.SECURE: gettext_lazy("From a secure network"),
    Vantage.OPEN: gettext_lazy("From an open network"),
}
_LEVELS = {Level.OK: Kind.OK, Level.WARN: Kind.WARN, Level.NG: Kind.NG, Level.UNKNOWN: Kind.UNKNOWN}
_STATES = {
    SweepState.WAITING: Kind.INFO,
    SweepState.RUNNING: Kind.INFO,
    SweepState.DONE: Kind.OK,
    SweepState.STOPPED: Kind.WARN,
    SweepState.EXPIRED: Kind.WARN,
    SweepState.REFUSED: Kind.NG,
    SweepState.BROKEN: Kind.NG,
}


@require_safe
@allow(NetworkAction.VIEW_EXPOSURE)
def show_exposure(request: Request) -> HttpResponse:
    """Show the open ports of registered hosts and the ranges of addresses, searchable and paged."""
    text, search = request.GET.get("q", ""), request.GET.get("ranges", "")
    states = host_states()
    ports = Paginator(open_rows(states, text), PAGE_SIZE).get_page(page_number(request.GET))
    ranges = range_rows(search, page_number(request.GET, "range_page"))
    context = {
        "page_title": _("Exposure of the network"),
        "columns": _port_columns(),
        "rows": [_port_row(row, request.display.language) for row in ports.object_list],
        "page": PagePosition(ports.number, ports.paginator.num_pages, ports.paginator.count),
        "text": text,
        "facts": _facts(states.values()),
        "range_columns": _range_columns(),
        "range_rows": [_range_row(row) for row in with_permits(list(ranges.object_list))],
        "range_page": PagePosition(ranges.number, ranges.paginator.num_pages, ranges.paginator.count),
        "range_text": search,
        "may_register": request.actor.may(NetworkAction.REGISTER_RANGE),
        "may_add": request.actor.may(EstateAction.ADD),
        "unusable": _unusable(states.values()),
        "may_look": request.actor.may(NetworkAction.REQUEST_LOOK),
    }
    return render(request, "network/exposure.html", context)


@dataclass(frozen=True, slots=True)
class UnusableLook:
    """A look at a host that proves nothing: from where and when it was taken, and why it cannot be used.

    ``again`` tells that the platform can look again itself, ``waits`` that somebody asked for it.
    """

    host: str
    place: Words
    at: datetime
    why: Words
    again: bool
    waits: bool


def _unusable(states: Collection[HostState]) -> Sequence[UnusableLook]:
    requested = requested_hosts()
    return [
        UnusableLook(
            state.host,
            PLACES[vantage],
            fault.at,
            fault.text,
            again=vantage is Vantage.INTERNAL,
            waits=state.host in requested,
        )
        for state in states
        for vantage, fault in state.faults.items()
    ]


@require_POST
@allow(NetworkAction.REQUEST_LOOK)
def look_again(request: Request) -> HttpResponse:
    """Ask for another look at a registered host; pressed twice, it is asked for once."""
    host = request.POST.get("host", "")
    request_look(actor=request.actor, host=host)
    messages.success(request, _("“%(host)s” is looked at again within a minute.") % {"host": host})
    return redirect("network:exposure")


def _facts(states: Collection[HostState]) -> Sequence[tuple[str, Any]]:
    """Return how many registered hosts were looked at from where."""
    seen = {place: sum(place in state.looks for state in states) for place in Vantage}
    looked = [look.at for state in states for look in state.looks.values()]
    return [
        (_("Registered hosts"), len(states)),
        (_("Looked at from inside"), seen[Vantage.INTERNAL]),
        (_("Looked at from outside"), seen[Vantage.OPEN]),
        (_("Last look"), max(looked, default=None)),
    ]


def _port_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Host"), is_row_heading=True),
        TableColumn(_("Port"), Align.CODE),
        TableColumn(_("Service")),
        TableColumn(_("Judgement"), Align.CODE),
        TableColumn(_("What was seen"), Align.WIDE),
        TableColumn(_("Seen from"), Align.CODE),
        TableColumn(_("Open since"), Align.CODE),
        TableColumn(_("Last look"), Align.CODE),
    )


def _port_row(row: OpenRow, language: str) -> Cells:
    head: object = row.host
    if row.endpoint is not None:
        head = Link(row.host, reverse("estate:endpoints-entry", args=[row.endpoint.id]))
    words = row.remark.message if row.remark else ""
    return [
        head, str(row.port.port), service_words(row.service, language), level_badge(row.remark), words,
        PLACES[row.vantage], row.port.since, row.at,
    ]  # fmt: skip


def service_words(service: Service | None, language: str) -> str:
    """Return what a service is called and what it is for."""
    if service is None:
        return _("Unknown")
    return f"{service.name}: {service.meaning.ja if language == 'ja' else service.meaning.en}"


def level_badge(remark: Judged | None) -> Badge | None:
    """Return a remark's level as a badge."""
    return Badge(_LEVELS[remark.level], LEVEL_LABELS[remark.level]) if remark else None


def _range_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Range"), is_row_heading=True),
        TableColumn(_("Addresses"), Align.CODE),
        TableColumn(_("What stands there")),
        TableColumn(_("Sweeps allowed until"), Align.CODE),
        TableColumn(_("Allowed by")),
        TableColumn(_("Last sweep"), Align.CODE),
    )


def _range_row(row: RangeRow) -> Cells:
    until, name = permit_words(row.permit)
    last = Link(state_words(row.newest), reverse("network:sweep", args=[row.newest.pk])) if row.newest else None
    title = Link(row.range.label, reverse("network:range", args=[row.range.pk]))
    return [title, row.range.network, zone_badge(row.range), until, name, last]


def permit_words(permit: SweepPermit | None) -> tuple[Any, Any]:
    """Return until when a range may be swept, and who said so."""
    return (permit.until, permit.allowed_by) if permit else (None, None)


def zone_badge(found: RegisteredRange) -> Badge:
    """Return what stands in a range."""
    medical = found.zone == Zone.MEDICAL
    return Badge(Kind.WARN if medical else Kind.NEUTRAL, found.get_zone_display())


def state_badge(sweep: RequestedSweep) -> Badge:
    """Return how far a sweep is."""
    return Badge(_STATES[SweepState(sweep.state)], sweep.get_state_display())


def state_words(sweep: RequestedSweep) -> str:
    """Return how far a sweep is, as plain words."""
    return sweep.get_state_display()


def register_address(host: str, port: int) -> str:
    """Return the address of the estate's form for a new endpoint, filled in."""
    filled = {"host": host, "port": str(port)}
    return f"{reverse('estate:endpoints-new')}?{urlencode(filled)}"
