"""How people are called at once: who comes first, and when the next one does."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.notices import AlarmPlanForm, AlarmStepForm
from sekisho.governance.rules.alarms import Plan
from sekisho.governance.services.alarms import keep_alarm_plan
from sekisho.governance.services.delivery_settings import set_alarm_step
from sekisho.governance.views.notice_settings import stored
from sekisho.kernel.access import allow
from sekisho.ui.request import Request


@require_POST
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def keep_plan(request: Request) -> HttpResponse:
    """Store how people are called."""
    form = AlarmPlanForm(request.POST, prefix="a")

    def act() -> None:
        data = form.cleaned_data
        minutes = timedelta(minutes=1)
        given = Plan(
            group=data["group_minutes"] * minutes,
            next_after=data["next_minutes"] * minutes,
            quiet_from=data["quiet_from"],
            quiet_to=data["quiet_to"],
        )
        keep_alarm_plan(actor=request.actor, version=data["version"], given=given)

    return stored(request, form, act, "alarm_form", _("It was stored."), "alarms")


@require_POST
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def set_step(request: Request, recipient_id: UUID) -> HttpResponse:
    """Say when a recipient is called."""
    form = AlarmStepForm(request.POST)
    if form.is_valid():
        step = int(form.cleaned_data["alarm_step"] or 0)
        set_alarm_step(actor=request.actor, recipient_id=recipient_id, alarm_step=step)
        messages.success(request, _("It was stored."))
    else:
        messages.error(request, _("Choose one of the steps."))
    return redirect("governance:notice-settings")
