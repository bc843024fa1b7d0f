"""The page of one finding: what it is, and saying that it is no plain-text secret."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import PlaintextSecretAction
from sekisho.people.forms.plaintext_secrets import SettleForm
from sekisho.people.models import SecretSettlement
from sekisho.people.queries import plaintext_secrets as queries
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.queries.plaintext_secrets import Finding, State
from sekisho.people.rules.plaintext_secrets import ALONE_FOR
from sekisho.people.services import secret_settlements as services
from sekisho.people.views.plaintext_secrets import finding_badge, kind_label
from sekisho.ui.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PlaintextSecretAction.VIEW)
def show_finding(request: Request, system_id: UUID, fingerprint: str) -> HttpResponse:
    """Show one finding; who sends the form says that it is a false alarm, which the service allows to few."""
    system, found = open_system(system_id), queries.finding(system_id, fingerprint)
    form = SettleForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            row = services.settle_finding(
                actor=request.actor, system_id=system_id, fingerprint=fingerprint, **form.cleaned_data
            )
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _said(row) % {"days": ALONE_FOR.days})
            return redirect("people:secret", system_id, fingerprint)
    said_of = found.settlement
    context = {
        "page_title": found.sighting.file,
        "system": system,
        "found": found,
        "facts": _facts(found),
        "form": form,
        "may_settle": found.is_open
        and found.state is not State.WAITING
        and request.actor.may(PlaintextSecretAction.SETTLE),
        "to_confirm": said_of if _may_confirm(request, found) else None,
        "to_reopen": said_of if not found.is_open and request.actor.may(PlaintextSecretAction.REOPEN) else None,
    }
    return render(request, "people/secret_finding.html", context, status=status)


def _said(row: SecretSettlement) -> str:
    if row.waits:
        return _("It was said of this finding before: it counts as a false alarm once a second person confirms it.")
    return _("It counts as a false alarm for %(days)s days, and for longer once a second person confirms it.")


def _may_confirm(request: Request, found: Finding) -> bool:
    """Tell whether this person can be the second one."""
    said = found.settlement
    if said is None or found.state not in {State.SETTLED, State.WAITING}:
        return False
    if not request.actor.may(PlaintextSecretAction.CONFIRM):
        return False
    return not queries.same_person(request.actor.id, said.settled_by)


def _facts(found: Finding) -> list[tuple[str, object]]:
    seen, said = found.sighting, found.settlement
    facts: list[tuple[str, object]] = [
        (_("State"), finding_badge(found)),
        (_("Place looked through"), found.place.path),
        (_("File"), seen.file),
        (_("Line"), seen.line),
        (_("What it is"), kind_label(found)),
        (_("Rule that found it"), f"{found.place.tool}: {seen.rule}"),
        (_("Seen last"), found.looked_at),
        (_("Fingerprint"), seen.fingerprint),
    ]
    if said is not None:
        facts += [(_("Reason"), said.reason), (_("Said by"), said.settled_by_name), (_("Said at"), said.settled_at)]
        facts += [(_("Confirmed by"), said.confirmed_by_name)] if said.confirmed_at else []
        facts += [] if said.waits else [(_("Counts until"), said.until)]
    return facts


@require_POST
@allow(PlaintextSecretAction.CONFIRM)
def confirm(request: Request, system_id: UUID, settlement_id: UUID) -> HttpResponse:
    """Confirm as a second person."""
    return _act(request, system_id, settlement_id, services.confirm_settlement, _("It was confirmed."))


@require_POST
@allow(PlaintextSecretAction.REOPEN)
def reopen(request: Request, system_id: UUID, settlement_id: UUID) -> HttpResponse:
    """Take back that it is a false alarm."""
    return _act(request, system_id, settlement_id, services.reopen_finding, _("The finding counts again."))


def _act(
    request: Request, system_id: UUID, settlement_id: UUID, act: Callable[..., SecretSettlement], done: str
) -> HttpResponse:
    try:
        row = act(actor=request.actor, settlement_id=settlement_id)
    except Conflict as error:
        messages.error(request, str(error))
        return redirect("people:secrets", system_id)
    messages.success(request, done)
    return redirect("people:secret", row.system_id, row.fingerprint)
