"""Pages of one range of addresses: registering and closing it, giving and revoking the leave to sweep it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from sekisho.network.actions import NetworkAction
from sekisho.network.forms.exposure import PermitForm, RangeForm, ReasonForm
from sekisho.network.models import RegisteredRange, RequestedSweep, SweepPermit, Zone
from sekisho.network.queries.ranges import (
    get_permit,
    get_range,
    lines,
    network_of,
    permit_in_force,
    permits_of,
    sweeps_of,
)
from sekisho.network.rules.sweep import MedicalZone
from sekisho.network.services.ranges import LONGEST_PERMIT, close_range, give_permit, register_range, revoke_permit
from sekisho.network.views.exposure import state_badge, zone_badge
from sekisho.register.services import record_refusal
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(NetworkAction.REGISTER_RANGE)
def new_range(request: Request) -> HttpResponse:
    """Take in a range of addresses."""
    form = RangeForm(request.POST if request.method == "POST" else None, lines=lines())
    made: list[RegisteredRange] = []

    def act() -> None:
        made.append(register_range(actor=request.actor, **form.cleaned_data))

    status = submit(request, form, act, NetworkAction.REGISTER_RANGE)
    if made:
        messages.success(request, _("“%(name)s” was registered.") % {"name": made[0]})
        return redirect("network:range", made[0].pk)
    return render(request, "network/range_new.html", {"form": form}, status=status)


@require_safe
@allow(NetworkAction.VIEW_EXPOSURE)
def show_range(request: Request, range_id: UUID) -> HttpResponse:
    """Show a range, its permits and its sweeps."""
    found = get_range(range_id)
    permit, is_open = permit_in_force(found), found.closed_at is None
    may_sweep = is_open and found.zone != Zone.MEDICAL
    sweeps = sweeps_of(found, page_number(request.GET))
    may_revoke = request.actor.may(NetworkAction.REVOKE_PERMIT)
    context = {
        "range": found,
        "facts": _facts(found),
        "permit_columns": _permit_columns(),
        "permit_rows": [_permit_row(row, may_revoke=may_revoke) for row in permits_of(found)],
        "sweep_columns": _sweep_columns(),
        "sweep_rows": [_sweep_row(row) for row in sweeps.object_list],
        "page": PagePosition(sweeps.number, sweeps.paginator.num_pages, sweeps.paginator.count),
        "permit": permit,
        "may_permit": may_sweep and request.actor.may(NetworkAction.GIVE_PERMIT),
        "may_sweep": may_sweep and permit is not None and request.actor.may(NetworkAction.REQUEST_SWEEP),
        "may_close": is_open and request.actor.may(NetworkAction.CLOSE_RANGE),
    }
    return render(request, "network/range.html", context)


def _facts(found: RegisteredRange) -> Sequence[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Addresses"), found.network),
        (_("Number of addresses"), network_of(found).num_addresses),
        (_("What stands there"), zone_badge(found)),
        (_("Network line"), dict(lines()).get(str(found.line))),
        (_("Remarks"), found.note),
        (_("Registered by"), found.registered_by),
        (_("Registered at"), found.registered_at),
    ]
    if found.closed_at is not None:
        facts += [(_("Closed at"), found.closed_at), (_("Closed by"), found.closed_by)]
        facts += [(_("Reason"), found.closed_reason)]
    return facts


def _permit_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Allowed by"), Align.NAME, is_row_heading=True),
        TableColumn(_("Reason"), Align.WIDE),
        TableColumn(_("Since"), Align.CODE),
        TableColumn(_("Until"), Align.CODE),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("What to do"), Align.ACTIONS),
    )


def _permit_row(permit: SweepPermit, *, may_revoke: bool) -> Cells:
    holds = permit.revoked_at is None and permit.until > clock.now()
    link = Link(_("Revoke it"), reverse("network:revoke-permit", args=[permit.pk])) if holds and may_revoke else None
    return [permit.allowed_by, permit.reason, permit.since, permit.until, _permit_state(permit, holds=holds), link]


def _permit_state(permit: SweepPermit, *, holds: bool) -> Badge:
    if permit.revoked_at is not None:
        return Badge(Kind.NEUTRAL, _("Revoked by %(name)s") % {"name": permit.revoked_by})
    return Badge(Kind.OK, _("In force")) if holds else Badge(Kind.NEUTRAL, _("Run out"))


def _sweep_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Asked for at"), Align.CODE, is_row_heading=True),
        TableColumn(_("Asked for by"), Align.NAME),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("Connections tried"), Align.NUMBER),
        TableColumn(_("Result"), Align.ACTIONS),
    )


def _sweep_row(sweep: RequestedSweep) -> Cells:
    link = Link(_("Look at it"), reverse("network:sweep", args=[sweep.pk]))
    return [sweep.requested_at, sweep.requested_by, state_badge(sweep), sweep.asked, link]


@require_http_methods(_METHODS)
@allow(NetworkAction.CLOSE_RANGE)
def end_range(request: Request, range_id: UUID) -> HttpResponse:
    """Ask for the reason, then close a range."""
    found = get_range(range_id)
    done = _("“%(name)s” was closed.") % {"name": found}
    return _ask(
        request, NetworkAction.CLOSE_RANGE, found, ReasonForm, "network/range_close.html", done,
        lambda data: close_range(actor=request.actor, range_id=range_id, **data.cleaned_data),
    )  # fmt: skip


@require_http_methods(_METHODS)
@allow(NetworkAction.GIVE_PERMIT)
def new_permit(request: Request, range_id: UUID) -> HttpResponse:
    """Allow sweeps of a range."""
    found = get_range(range_id)

    def act(form: PermitForm) -> object:
        reason = form.cleaned_data["reason"]
        return give_permit(actor=request.actor, range_ids=[range_id], reason=reason, until=form.moment())

    done = _("Sweeps of “%(name)s” are allowed now.") % {"name": found}
    more = {"most": LONGEST_PERMIT.days}
    return _ask(request, NetworkAction.GIVE_PERMIT, found, PermitForm, "network/range_permit.html", done, act, more)


@require_http_methods(_METHODS)
@allow(NetworkAction.REVOKE_PERMIT)
def end_permit(request: Request, permit_id: UUID) -> HttpResponse:
    """Ask for the reason, then revoke a permit."""
    permit = get_permit(permit_id)
    found = permit.ranges.order_by("network").first()
    if found is None:
        raise NotFound
    done = _("The permit was revoked.")
    return _ask(
        request, NetworkAction.REVOKE_PERMIT, found, ReasonForm, "network/range_revoke.html", done,
        lambda data: revoke_permit(actor=request.actor, permit_id=permit_id, **data.cleaned_data), {"permit": permit},
    )  # fmt: skip


def _ask(
    request: Request,
    action: NetworkAction,
    found: RegisteredRange,
    form_class: type[Any],
    template: str,
    done: str,
    act: Callable[[Any], object],
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form about a range; once it is right, act and go back to the range."""
    form = form_class(request.POST if request.method == "POST" else None)
    status = submit(request, form, lambda: act(form), action)
    if request.method == "POST" and status == 200:
        messages.success(request, done)
        return redirect("network:range", found.pk)
    return render(request, template, {"range": found, "form": form, **(more or {})}, status=status)


def submit(request: Request, form: forms.Form, act: Callable[[], object], action: NetworkAction) -> int:
    """Let a form that was sent and is right act; show at it what the service refuses. Return the HTTP status.

    Who tried what must not be stands in the register.
    """
    if request.method != "POST":
        return 200
    if not form.is_valid():
        return 422
    try:
        act()
    except (InvalidInput, Conflict, MedicalZone) as error:
        if isinstance(error, Forbidden):
            record_refusal(actor=request.actor, action=action, code=error.code)
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return error.status
    return 200
