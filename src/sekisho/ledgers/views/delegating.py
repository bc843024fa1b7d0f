"""Pages on which people let somebody stand in for their approvals, and end that."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ledgers import services
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.forms.steps import DelegationForm
from sekisho.ledgers.models import Delegation
from sekisho.ledgers.queries.delegations import delegations_of, get_delegation, possible_receivers
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@allow(LedgersAction.DELEGATE)
def list_delegations(request: Request) -> HttpResponse:
    """Show whom the reader lets decide, and for whom they may decide."""
    page = delegations_of(request.actor, page_number(request.GET))
    context = {
        "page_title": _("Standing in for approvals"),
        "columns": [
            TableColumn(_("Lets others decide"), Align.NAME, is_row_heading=True),
            TableColumn(_("Stands in"), Align.NAME),
            TableColumn(_("From"), Align.CODE),
            TableColumn(_("Until"), Align.CODE),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("Reason"), Align.WIDE),
            TableColumn(_("Action"), Align.ACTIONS),
        ],
        "rows": [_row(delegation) for delegation in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "ledgers/delegations.html", context)


def _row(delegation: Delegation) -> Cells:
    state, is_over = _state(delegation)
    end = Link(_("End it"), reverse("ledgers:end-delegation", args=[delegation.pk]))
    return [
        delegation.giver_name,
        delegation.receiver_name,
        delegation.starts_on,
        delegation.ends_on,
        state,
        delegation.reason,
        None if is_over else end,
    ]


def _state(delegation: Delegation) -> tuple[Badge, bool]:
    """Return where a delegation stands today, and whether it is over."""
    today = in_facility(clock.now()).date()
    if delegation.ended_at is not None:
        return Badge(Kind.NEUTRAL, _("Ended by %(name)s") % {"name": delegation.ended_by_name}), True
    if delegation.ends_on < today:
        return Badge(Kind.NEUTRAL, _("Over")), True
    if delegation.starts_on > today:
        return Badge(Kind.INFO, _("Not begun")), False
    return Badge(Kind.OK, _("In force")), False


@require_http_methods(_METHODS)
@allow(LedgersAction.DELEGATE)
def delegate(request: Request) -> HttpResponse:
    """Ask who stands in from when until when, then store it."""
    receivers = possible_receivers(request.actor)
    today = in_facility(clock.now()).date()
    posted = request.method == "POST"
    form = DelegationForm(request.POST if posted else None, receivers=receivers, initial={"starts_on": today})
    if posted and form.is_valid():
        try:
            made = services.delegate(actor=request.actor, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("%(name)s may now decide for you.") % {"name": made.receiver_name})
            return redirect("ledgers:delegations")
    context = {"page_title": _("Let somebody stand in"), "form": form, "nobody": not receivers}
    return render(request, "ledgers/delegate.html", context, status=422 if posted else 200)


@require_http_methods(_METHODS)
@allow(LedgersAction.END_DELEGATION)
def end_delegation(request: Request, delegation_id: UUID) -> HttpResponse:
    """Ask, then end a delegation before its time."""
    delegation = get_delegation(request.actor, delegation_id)
    if request.method == "POST":
        try:
            services.end_delegation(actor=request.actor, delegation_id=delegation_id)
        except Conflict as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(name)s no longer decides for others.") % {"name": delegation.receiver_name})
        return redirect("ledgers:delegations")
    context = {"page_title": _("End it"), "delegation": delegation}
    return render(request, "ledgers/end_delegation.html", context)
