"""Pages of the screen lock: the groups of devices, one group, handing in its settings, its bound."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.assets.actions import ScreenLockAction
from sekisho.assets.controls.screen_lock import judged
from sekisho.assets.forms.screen_locks import LockBoundForm, LockSettingsForm
from sekisho.assets.models import KeptLockSettings
from sekisho.assets.queries import screen_locks as queries
from sekisho.assets.queries.screen_locks import READING, DeviceLock, GroupLock
from sekisho.assets.rules.screen_lock import IDLE_MINUTES, Level
from sekisho.assets.services import screen_locks as services
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn, Words
from sekisho.ui.request import Request

PAGE_SIZE = 50
_METHODS = ["GET", "HEAD", "POST"]
_WORST_FIRST = [Level.BREAKS, Level.UNKNOWN, Level.HOLDS]


def _badge(level: Level) -> Badge:
    return {
        Level.HOLDS: Badge(Kind.OK, _("Locks in time")),
        Level.BREAKS: Badge(Kind.NG, _("Does not lock in time")),
        Level.UNKNOWN: Badge(Kind.UNKNOWN, _("Cannot be told")),
    }[level]


def _group_badge(group: GroupLock) -> Badge:
    return {
        Outcome.PASS: Badge(Kind.OK, _("Lock in time")),
        Outcome.FAIL: Badge(Kind.NG, _("Do not lock in time")),
        Outcome.NOT_APPLICABLE: Badge(Kind.NEUTRAL, _("Does not apply")),
    }.get(judged(group)[0], Badge(Kind.UNKNOWN, _("Cannot be told")))


def _context(request: Request, group: GroupLock | None = None, **more: Any) -> dict[str, Any]:
    may = {action.name.lower(): request.actor.may(action) for action in ScreenLockAction}
    return {"page_title": _("Screen locks"), "group": group, "may": may, **more}


@require_safe
@allow(ScreenLockAction.VIEW)
def list_groups(request: Request) -> HttpResponse:
    """Show every group of devices and whether its screens lock in time."""
    page = Paginator(queries.group_locks(), PAGE_SIZE).get_page(page_number(request.GET))
    context: dict[str, Any] = {
        "columns": [
            TableColumn(_("Group of devices"), is_row_heading=True),
            TableColumn(_("Result")),
            TableColumn(_("Devices"), Align.NUMBER),
            TableColumn(_("Lock in time"), Align.NUMBER),
            TableColumn(_("Minutes at most"), Align.NUMBER),
        ],
        "rows": [_group_row(group) for group in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "assets/screen_locks/list.html", _context(request, **context))


def _group_row(group: GroupLock) -> Cells:
    url = reverse("assets:screen-lock", args=[group.subject.id])
    count = len(group.at(Level.HOLDS)) if group.concerned else None
    return [Link(group.subject.label, url), _group_badge(group), len(group.devices), count, group.minutes]


@require_safe
@allow(ScreenLockAction.VIEW)
def show(request: Request, group_id: str) -> HttpResponse:
    """Show how each device of a group locks, and what was handed in."""
    group = queries.group_lock(group_id)
    rows = sorted(group.devices, key=lambda one: _WORST_FIRST.index(one.judged.level))
    devices = Paginator(rows, PAGE_SIZE).get_page(page_number(request.GET, "devices"))
    files = Paginator(queries.handed_in(group_id), PAGE_SIZE).get_page(page_number(request.GET, "files"))
    context: dict[str, Any] = {
        "badge": _group_badge(group),
        "message": judged(group)[1],
        "facts": _facts(group),
        "device_columns": [
            TableColumn(_("Device"), is_row_heading=True),
            TableColumn(_("Place")),
            TableColumn(_("Result")),
            TableColumn(_("What the settings say"), Align.WIDE),
            TableColumn(_("Exported"), Align.CODE),
        ],
        "device_rows": [_device_row(one) for one in devices.object_list],
        "devices_page": PagePosition(devices.number, devices.paginator.num_pages, devices.paginator.count),
        "file_columns": [
            TableColumn(_("Handed in"), Align.CODE),
            TableColumn(_("By"), Align.NAME),
            TableColumn(_("Which devices"), Align.WIDE),
            TableColumn(_("Settings that were read"), Align.WIDE),
            TableColumn(_("SHA-256 of the file"), Align.CODE),
        ],
        "file_rows": [_file_row(row) for row in files.object_list],
        "files_page": PagePosition(files.number, files.paginator.num_pages, files.paginator.count),
    }
    return render(request, "assets/screen_locks/group.html", _context(request, group, **context))


def _facts(group: GroupLock) -> list[tuple[Words, object]]:
    words = _("%(minutes)s minutes") % {"minutes": group.minutes}
    facts: list[tuple[Words, object]] = [(_("Time without use at most"), words)]
    if group.bound is not None:
        facts += [
            (_("Reason"), group.bound.reason),
            (_("Decided by"), group.bound.decided_by_name),
            (_("Decided on"), group.bound.decided_at),
        ]
    return facts


def _device_row(one: DeviceLock) -> Cells:
    found = format_html("{} {}", one.judged.reason, _("No user can change it.") if one.judged.enforced else "")
    return [one.device.name, one.device.place, _badge(one.judged.level), found, one.observed_at]


def _file_row(row: KeptLockSettings) -> Cells:
    of = row.device.name if row.device else _("All devices: %(how)s") % {"how": row.distributed_by}
    return [row.received_at, row.received_by_name, of, _settings(row), f"{row.sha256[:16]}…"]


def _settings(row: KeptLockSettings) -> SafeString:
    settings = READING.validate_json(row.reading).settings
    return format_html_join(
        SafeString("<br>"), "<code>{}</code> = <code>{}</code>", ((one.name, one.value) for one in settings)
    )


@require_http_methods(_METHODS)
@allow(ScreenLockAction.HAND_IN)
def hand_in(request: Request, group_id: str) -> HttpResponse:
    """Take a file with settings of one device, or of all."""
    group = queries.group_lock(group_id)
    devices = [(str(one.device.pk), _named(one)) for one in group.devices]
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    first = {"taken_on": in_facility(clock.now()).date(), "device": devices[0][0] if len(devices) == 1 else ""}
    form = LockSettingsForm(*sent, devices=devices, initial=first)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        entered = form.cleaned_data
        try:
            services.hand_in_lock_settings(
                actor=request.actor,
                group_id=group_id,
                device_id=UUID(entered["device"]) if entered["device"] else None,
                distributed_by=entered["distributed_by"],
                taken_on=entered["taken_on"],
                content=entered["file"].read(),
            )
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else "file", f"{error} {error.hint or ''}".strip())
            status = error.status
        else:
            messages.success(request, _("The settings were kept. The page shows what they come to."))
            return redirect("assets:screen-lock", group_id)
    return render(request, "assets/screen_locks/hand_in.html", _context(request, group, form=form), status=status)


def _named(one: DeviceLock) -> str:
    return " ".join(filter(None, (one.device.name, one.device.asset_number, one.device.place)))


@require_http_methods(_METHODS)
@allow(ScreenLockAction.SETTLE)
def settle_bound(request: Request, group_id: str) -> HttpResponse:
    """Settle after how many minutes the devices of a group must be locked."""
    group = queries.group_lock(group_id)
    form = LockBoundForm(request.POST if request.method == "POST" else None, initial={"minutes": group.minutes})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            services.settle_lock_bound(actor=request.actor, group_id=group_id, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("The time was settled."))
            return redirect("assets:screen-lock", group_id)
    context = _context(request, group, form=form, usual=IDLE_MINUTES)
    return render(request, "assets/screen_locks/bound.html", context, status=status)
