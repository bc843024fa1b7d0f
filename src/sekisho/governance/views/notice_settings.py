"""How notices leave the house: mail server, recipients, webhook, tests, and every delivery with its outcome."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.notices import ALARM_STEPS, AlarmPlanForm, MailForm, RecipientForm, WebhookForm
from sekisho.governance.models import Delivery, MailServer, Webhook
from sekisho.governance.queries.alarms import alarm_plan, alarm_plan_row
from sekisho.governance.queries.delivery import deliveries, mail_server, recipients, webhook
from sekisho.governance.rules.delivery import DeliveryState, Security, Sent, Trouble
from sekisho.governance.services import delivery_settings, delivery_trials
from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, SekishoError
from sekisho.ui.forms import offer_again
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

_USUAL_PORT, _USUAL_HOUR = 587, 8
STATE_BADGES = {
    DeliveryState.WAITING: Badge(Kind.INFO, DeliveryState.WAITING.label),
    DeliveryState.SENDING: Badge(Kind.INFO, DeliveryState.SENDING.label),
    DeliveryState.SENT: Badge(Kind.OK, DeliveryState.SENT.label),
    DeliveryState.FAILED: Badge(Kind.NG, DeliveryState.FAILED.label),
    DeliveryState.UNCLEAR: Badge(Kind.UNKNOWN, DeliveryState.UNCLEAR.label),
}


@require_safe
@never_cache
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def show_settings(request: Request) -> HttpResponse:
    """Show how notices are sent, and how it went."""
    return _page(request)


def _page(request: Request, status: int = 200, **more: Any) -> HttpResponse:
    server, hook, found = mail_server(), webhook(), deliveries(page_number(request.GET))
    roles = {role.value: role.label for role in Role}
    context = {
        "page_title": _("How notices are sent"),
        "server": server,
        "hook": hook,
        "mail_form": mail_form(server),
        "recipient_form": RecipientForm(prefix="r"),
        "webhook_form": webhook_form(hook),
        "alarm_form": alarm_form(),
        "alarm_steps": ALARM_STEPS,
        "recipients": [(one, roles.get(one.role, one.role)) for one in recipients()],
        "columns": [
            TableColumn(_("Made"), Align.CODE, is_row_heading=True),
            TableColumn(_("Kind")),
            TableColumn(_("Receiver")),
            TableColumn(_("State"), Align.CODE),
            TableColumn(_("Notices"), Align.NUMBER),
            TableColumn(_("Tries"), Align.NUMBER),
            TableColumn(_("What was heard"), Align.WIDE),
        ],
        "rows": [_row(one) for one in found.object_list],
        "page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
        **more,
    }
    return render(request, "governance/notices_settings.html", context, status=status)


def mail_form(server: MailServer | None) -> MailForm:
    """Return the form with what is stored, without the password."""
    if server is None:
        usual = {"version": 0, "enabled": True, "port": _USUAL_PORT, "hour": _USUAL_HOUR, "security": Security.STARTTLS}
        form = MailForm(prefix="m", initial=usual)
        del form.fields["without_password"], form.fields["without_ca"]  # nothing is stored that could go
        return form
    names = ("version", "enabled", "host", "port", "security", "sender", "user", "hour")
    return MailForm(prefix="m", initial={name: getattr(server, name) for name in names})


def alarm_form() -> AlarmPlanForm:
    """Return the form with the plan that holds."""
    row, plan, minute = alarm_plan_row(), alarm_plan(), timedelta(minutes=1)
    return AlarmPlanForm(
        prefix="a",
        initial={
            "version": row.version if row else 0,
            "group_minutes": plan.group // minute,
            "next_minutes": plan.next_after // minute,
            "quiet_from": plan.quiet_from,
            "quiet_to": plan.quiet_to,
        },
    )


def webhook_form(hook: Webhook | None) -> WebhookForm:
    """Return the form with what is stored, without the secret."""
    if hook is None:
        form = WebhookForm(prefix="w", initial={"version": 0, "enabled": True, "hour": _USUAL_HOUR})
        del form.fields["renew"], form.fields["without_ca"]
        return form
    return WebhookForm(
        prefix="w", initial={name: getattr(hook, name) for name in ("version", "enabled", "url", "hour")}
    )


def _row(one: Delivery) -> Cells:
    badge = STATE_BADGES[DeliveryState(one.state)]
    what = _("Alarm") if one.alarm else _("Daily digest")
    return [one.made_at, what, one.receiver, badge, one.number, one.attempts, heard(one.trouble, one.answer)]


def heard(trouble: str, answer: str) -> str:
    """Return what went wrong and what the other side said, in one line."""
    words = str(Trouble(trouble).label) if trouble else ""
    return " ".join(filter(None, (words, _("It said: %(answer)s") % {"answer": answer} if answer else "")))


@require_POST
@never_cache
@sensitive_post_parameters("m-password")
@sensitive_variables("form", "given")
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def keep_mail(request: Request) -> HttpResponse:
    """Store the mail server."""
    form = MailForm(request.POST, request.FILES, prefix="m")

    def act() -> None:
        data = form.cleaned_data
        given = delivery_settings.MailSettings(
            enabled=data["enabled"],
            host=data["host"].strip(),
            port=data["port"],
            security=Security(data["security"]),
            sender=data["sender"],
            user=data["user"].strip(),
            password=form.password_given(),
            hour=data["hour"],
            authorities=data["ca"],
            own_authorities=not data["without_ca"],
        )
        delivery_settings.keep_mail_server(actor=request.actor, version=data["version"], given=given)

    done = _("It was stored. Now send a test to one of the recipients.")
    return stored(request, form, act, "mail_form", done, "mail")


@require_POST
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def add_recipient(request: Request) -> HttpResponse:
    """Add somebody who gets the digest."""
    form = RecipientForm(request.POST, prefix="r")

    def act() -> None:
        data = form.cleaned_data
        delivery_settings.add_recipient(
            actor=request.actor,
            address=data["address"],
            role=Role(data["role"]),
            language=data["language"],
            alarm_step=int(data["alarm_step"] or 0),
        )

    return stored(request, form, act, "recipient_form", _("The recipient was added."), "recipients")


@require_POST
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def remove_recipient(request: Request, recipient_id: UUID) -> HttpResponse:
    """Take somebody off; they can be added again."""
    delivery_settings.remove_recipient(actor=request.actor, recipient_id=recipient_id)
    messages.success(request, _("The recipient gets no more digests."))
    return redirect("governance:notice-settings")


@require_POST
@never_cache
@allow(GovernanceAction.CONFIGURE_DELIVERY)
def keep_webhook(request: Request) -> HttpResponse:
    """Store the webhook; a new secret is shown in this answer and never again."""
    form = WebhookForm(request.POST, request.FILES, prefix="w")
    secrets: list[str] = []

    def act() -> None:
        data = form.cleaned_data
        given = delivery_settings.WebhookSettings(
            enabled=data["enabled"],
            url=data["url"],
            hour=data["hour"],
            renew=data["renew"],
            authorities=data["ca"],
            own_authorities=not data["without_ca"],
        )
        secrets.append(delivery_settings.keep_webhook(actor=request.actor, version=data["version"], given=given))

    answer = stored(request, form, act, "webhook_form", _("It was stored."), "webhook")
    return _page(request, secret=secrets[0]) if secrets and secrets[0] else answer


def stored(request: Request, form: forms.Form, act: Any, name: str, done: str, anchor: str) -> HttpResponse:
    """Let ``act`` store a right form; what is refused stands at its field, on the same page."""
    status = 422
    if form.is_valid():
        try:
            act()
        except Conflict as error:
            status = error.status
            form.add_error(None, _("It was changed meanwhile, or stands there already. Look at it and send it again."))
            known = {"mail_form": mail_server(), "webhook_form": webhook(), "alarm_form": alarm_plan_row()}
            present = known.get(name)
            offer_again(form, present.version if present else 0)
        except SekishoError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, done)
            return redirect(f"{request.path.rsplit('settings/', 1)[0]}settings/#{anchor}")
    return _page(request, status, **{name: form})


@require_POST
@allow(GovernanceAction.TEST_DELIVERY)
def try_mail(request: Request, recipient_id: UUID) -> HttpResponse:
    """Send a test mail and show what the server said."""
    _tell(request, delivery_trials.try_mail(actor=request.actor, recipient_id=recipient_id))
    return redirect("governance:notice-settings")


@require_POST
@allow(GovernanceAction.TEST_DELIVERY)
def try_webhook(request: Request) -> HttpResponse:
    """Post a test and show what came back."""
    _tell(request, delivery_trials.try_webhook(actor=request.actor))
    return redirect("governance:notice-settings")


def _tell(request: Request, sent: Sent) -> None:
    if sent.trouble is None:
        messages.success(request, _("The test was taken. Look whether it arrived."))
    else:
        messages.error(request, heard(sent.trouble, sent.answer))
