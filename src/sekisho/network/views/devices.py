"""Pages that show network devices: the list, one device, one of its configurations."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow
from sekisho.ledgers.queries import visible_to
from sekisho.ledgers.rules import State
from sekisho.ledgers.views.context import state_badge
from sekisho.network.actions import DeviceAction
from sekisho.network.models import DeviceKind, KeptConfiguration, NetworkDevice
from sekisho.network.queries import configurations as queries
from sekisho.network.queries.configurations import BASELINE_WORKFLOW, Standing
from sekisho.network.views.device_context import (
    all_remarks,
    device_context,
    drift_badge,
    level_counts,
    line_names,
    result_context,
)
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_UNDER_WAY = (State.SUBMITTED, State.SENT_BACK)


@require_safe
@allow(DeviceAction.VIEW)
def list_devices(request: Request) -> HttpResponse:
    """Show every device with its lines and what its newest configuration comes to."""
    text, closed = request.GET.get("q", ""), "closed" in request.GET
    page = queries.devices(text, closed=closed, page=page_number(request.GET))
    context: dict[str, Any] = {
        "columns": [
            TableColumn(_("Network device"), is_row_heading=True),
            TableColumn(_("Kind")),
            TableColumn(_("Lines"), Align.WIDE),
            TableColumn(_("Newest configuration"), Align.CODE),
            TableColumn(_("Result of the check"), Align.CODE),
            TableColumn(_("Approved configuration")),
        ],
        "rows": [_row(standing) for standing in queries.standings(page.object_list)],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": text,
        "closed": closed,
        "hidden": {"closed": "1"} if closed else {},
    }
    return render(request, "network/devices.html", device_context(request, **context))


def _row(standing: Standing) -> Cells:
    device, newest = standing.device, standing.newest
    return [
        Link(device.name, reverse("network:device", args=[device.pk])),
        device.get_kind_display(),
        line_names(device),
        newest.received_at if newest else _missing(standing),
        level_counts(all_remarks(standing)) if newest else None,
        drift_badge(standing),
    ]


def _missing(standing: Standing) -> Badge:
    if standing.fault:
        return Badge(Kind.WARN, _("Cannot be read any more"), "！")
    return Badge(Kind.UNKNOWN, _("Not handed in yet"))


@require_safe
@allow(DeviceAction.VIEW)
def show_device(request: Request, device_id: UUID) -> HttpResponse:
    """Show a device: its newest configuration judged, the difference from the approved one, and its history."""
    device = queries.get_device(device_id)
    standing = queries.standing_of(device)
    page = queries.configurations_of(device, page=page_number(request.GET, "configurations"))
    context = {
        **result_context(request.GET, standing),
        "facts": _facts(device),
        "waiting": _waiting(request, device),
        "fault": standing.fault,
        "needs_approval": _needs_approval(standing),
        "configuration_columns": _configuration_columns(),
        "configuration_rows": [_configuration_row(device, row) for row in page.object_list],
        "configurations_page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "history": _history(request, device),
    }
    return render(request, "network/device.html", device_context(request, device, **context))


@require_safe
@allow(DeviceAction.VIEW)
def show_configuration(request: Request, device_id: UUID, number: int) -> HttpResponse:
    """Show one configuration of a device as it was handed in, judged by the rules of today."""
    device = queries.get_device(device_id)
    kept = queries.get_configuration(device, number)
    standing = Standing(device, kept, queries.standing_of(device).baseline)
    context = result_context(request.GET, standing)
    return render(request, "network/device_configuration.html", device_context(request, device, **context))


def _facts(device: NetworkDevice) -> list[tuple[str, Any]]:
    return [
        (_("Kind"), device.get_kind_display()),
        (_("Lines that run over it"), line_names(device)),
        (_("Remarks"), device.note),
    ]


def _needs_approval(standing: Standing) -> bool:
    """Tell whether there is something to approve: a configuration that is not exactly the approved one."""
    drift = standing.drift()
    return standing.newest is not None and (drift is None or drift.drifted)


def _waiting(request: Request, device: NetworkDevice) -> list[tuple[Badge, str]]:
    rows = visible_to(request.actor).filter(workflow=BASELINE_WORKFLOW, key=str(device.pk), state__in=_UNDER_WAY)
    return [(state_badge(row), reverse("ledgers:application", args=[row.pk])) for row in rows.order_by("-changed_at")]


def _configuration_columns() -> list[TableColumn]:
    return [
        TableColumn(_("No."), Align.NUMBER, is_row_heading=True),
        TableColumn(_("Handed in"), Align.CODE),
        TableColumn(_("By"), Align.NAME),
        TableColumn(_("SHA-256 of the file"), Align.CODE),
    ]


def _configuration_row(device: NetworkDevice, row: KeptConfiguration) -> Cells:
    url = reverse("network:device-configuration", args=[device.pk, row.number])
    return [Link(str(row.number), url), row.received_at, row.received_by_name, f"{row.sha256[:16]}…"]


def _history(request: Request, device: NetworkDevice) -> dict[str, Any] | None:
    """Return the table of what happened to the device, None for a reader who may not see the register."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    kinds = dict(DeviceKind.choices)
    return event_table(history("network_device", str(device.pk)), request.display, {"kind": kinds})
