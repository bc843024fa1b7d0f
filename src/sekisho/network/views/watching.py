"""Pages on which one settles how an endpoint is watched, and plans or calls off a time in which it may stand still."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.network.actions import NetworkAction
from sekisho.network.forms.availability import QuietForm, WatchForm
from sekisho.network.queries.availability.history import quiet_time
from sekisho.network.queries.availability.plan import setting_of
from sekisho.network.queries.registration import endpoint_subject
from sekisho.network.rules.availability import ways_for
from sekisho.network.services.watching import call_off_quiet_time, plan_quiet_time, settle_watching
from sekisho.network.views.ranges import submit
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(NetworkAction.SETTLE_WATCH)
def settle(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Settle how an endpoint is watched."""
    subject, row = endpoint_subject(endpoint_id), setting_of(endpoint_id)
    sent = request.POST if request.method == "POST" else None
    form = WatchForm(sent, row=row, ways=ways_for(str(subject.facts["protocol"])))

    def act() -> None:
        version, given = form.cleaned_data["version"], form.typed()
        settle_watching(actor=request.actor, endpoint_id=endpoint_id, version=version, given=given)

    status = submit(request, form, act, NetworkAction.SETTLE_WATCH)
    if status == Conflict.status:
        # Sent once more it goes over what somebody else has stored meanwhile.
        offer_again(form, setting_of(endpoint_id).version)
    if request.method == "POST" and status == 200:
        messages.success(request, _("It was stored and counts from the next minute on."))
        return redirect("network:watched", endpoint_id)
    return render(request, "network/availability_settle.html", {"subject": subject, "form": form}, status=status)


@require_http_methods(_METHODS)
@allow(NetworkAction.PLAN_QUIET)
def plan_quiet(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Plan a time in which an endpoint may stand still."""
    subject = endpoint_subject(endpoint_id)
    form = QuietForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        data = form.cleaned_data
        plan_quiet_time(
            actor=request.actor,
            endpoint_id=endpoint_id,
            since=data["begins"],
            until=data["ends"],
            reason=data["reason"],
        )

    status = submit(request, form, act, NetworkAction.PLAN_QUIET)
    if request.method == "POST" and status == 200:
        messages.success(request, _("The quiet time was planned."))
        return redirect("network:watched", endpoint_id)
    return render(request, "network/availability_quiet.html", {"subject": subject, "form": form}, status=status)


@require_http_methods(_METHODS)
@allow(NetworkAction.CALL_OFF_QUIET)
def call_off(request: Request, quiet_id: UUID) -> HttpResponse:
    """Say what it means, then call off a planned quiet time."""
    row = quiet_time(quiet_id)
    if row is None or row.called_off_at is not None or row.until <= clock.now():
        raise NotFound
    subject = endpoint_subject(row.endpoint_id)
    if request.method == "POST":
        call_off_quiet_time(actor=request.actor, quiet_id=quiet_id)
        messages.success(request, _("The quiet time was called off."))
        return redirect("network:watched", row.endpoint_id)
    return render(request, "network/availability_call_off.html", {"subject": subject, "quiet": row})
