"""Pages that change network devices: adding, changing, closing, handing in, applying for the approved configuration."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput, SekishoError
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import NotTheApplicant
from sekisho.ledgers.queries import get_application, same_person
from sekisho.ledgers.rules import State
from sekisho.network.actions import DeviceAction
from sekisho.network.errors import AnotherFile, DeviceClosed
from sekisho.network.forms.devices import BaselineForm, CloseDeviceForm, ConfigurationForm, DeviceForm
from sekisho.network.models import NetworkDevice
from sekisho.network.queries import configurations as queries
from sekisho.network.queries.configurations import Standing
from sekisho.network.services import configurations, devices
from sekisho.network.views.device_context import device_context, result_context
from sekisho.network.views.in_memory import in_memory
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(DeviceAction.ADD)
def add_device(request: Request) -> HttpResponse:
    """Take in a new device."""
    form = DeviceForm(_sent(request), links=_choices())

    def act() -> str:
        device = devices.add_device(actor=request.actor, data=form.device_data())
        messages.success(request, _("“%(name)s” was added. Now hand in its configuration.") % {"name": device})
        return reverse("network:device", args=[device.pk])

    return _answer(request, form, act, "network/device_form.html", device_context(request))


@require_http_methods(_METHODS)
@allow(DeviceAction.CHANGE)
def change_device(request: Request, device_id: UUID) -> HttpResponse:
    """Change a device; a change made by someone else meanwhile is not overwritten unseen."""
    device = queries.get_device(device_id)
    if device.closed_at is not None:
        return _refused(request, device, DeviceClosed(name=device.name))
    initial = {"name": device.name, "kind": device.kind, "links": device.links, "note": device.note}
    form = DeviceForm(_sent(request), links=_choices(), initial={**initial, "version": device.version})

    def act() -> str:
        version = form.cleaned_data["version"]
        data = form.device_data()
        devices.change_device(actor=request.actor, device_id=device_id, version=version, data=data)
        messages.success(request, _("“%(name)s” was changed.") % {"name": data.name})
        return reverse("network:device", args=[device_id])

    return _answer(request, form, act, "network/device_form.html", device_context(request, device), _over(device_id))


@require_http_methods(_METHODS)
@allow(DeviceAction.CLOSE)
def close_device(request: Request, device_id: UUID) -> HttpResponse:
    """Ask for the reason, then close the device."""
    device = queries.get_device(device_id)
    if device.closed_at is not None:
        return _refused(request, device, DeviceClosed(name=device.name))
    form = CloseDeviceForm(_sent(request), initial={"version": device.version})

    def act() -> str:
        devices.close_device(actor=request.actor, device_id=device_id, **form.cleaned_data)
        messages.success(request, _("“%(name)s” was closed.") % {"name": device})
        return reverse("network:devices")

    return _answer(request, form, act, "network/device_close.html", device_context(request, device), _over(device_id))


@require_http_methods(_METHODS)
@in_memory
@allow(DeviceAction.HAND_IN)
def hand_in(request: Request, device_id: UUID) -> HttpResponse:
    """Show what a configuration comes to; keep it once the same file is handed in again to confirm."""
    device = queries.get_device(device_id)
    if device.closed_at is not None:
        return _refused(request, device, DeviceClosed(name=device.name))
    form = ConfigurationForm(_sent(request), request.FILES if request.method == "POST" else None)
    context = device_context(request, device)
    if request.method != "POST":
        return render(request, "network/device_hand_in.html", {**context, "form": form})
    if not form.is_valid():
        return render(request, "network/device_hand_in.html", {**context, "form": form}, status=422)
    content = form.cleaned_data["file"].read()
    if form.cleaned_data["sha256"]:
        return _keep(request, device, form, content)
    return _look(request, device, form, content)


def _keep(request: Request, device: NetworkDevice, form: ConfigurationForm, content: bytes) -> HttpResponse:
    try:
        kept = configurations.hand_in_configuration(
            actor=request.actor,
            device_id=device.pk,
            content=content,
            sha256=form.cleaned_data["sha256"],
            dialect=form.chosen_dialect(),
        )
    except AnotherFile as error:
        return _look(request, device, form, content, error)
    except InvalidInput as error:
        return _not_read(request, device, form, error)
    except DeviceClosed as error:
        return _refused(request, device, error)
    messages.success(request, _("Configuration %(number)s was kept.") % {"number": kept.number})
    return redirect("network:device", device.pk)


def _look(
    request: Request,
    device: NetworkDevice,
    form: ConfigurationForm,
    content: bytes,
    refused: SekishoError | None = None,
) -> HttpResponse:
    """Show what the file says and offer to keep it. Nothing is stored."""
    try:
        reading = queries.read_handed_in(content, form.chosen_dialect())
    except InvalidInput as error:
        return _not_read(request, device, form, error)
    kept = queries.looked_at(content, reading)
    standing = Standing(device, kept, queries.standing_of(device).baseline)
    confirm = ConfigurationForm(initial={"sha256": kept.sha256, "dialect": form.cleaned_data["dialect"]})
    context = {
        **result_context(None, standing),
        "form": confirm,
        "reason": reading.reason,
        "refused": refused,
    }
    status = refused.status if refused else 200
    return render(request, "network/device_hand_in.html", device_context(request, device, **context), status=status)


def _not_read(request: Request, device: NetworkDevice, form: ConfigurationForm, error: SekishoError) -> HttpResponse:
    form.add_error("file", str(error))
    context = device_context(request, device, form=form)
    return render(request, "network/device_hand_in.html", context, status=error.status)


@require_http_methods(_METHODS)
@allow(DeviceAction.APPLY)
def apply_for_baseline(request: Request, device_id: UUID) -> HttpResponse:
    """Apply for the approval of the newest configuration."""
    device = queries.get_device(device_id)
    form = BaselineForm(_sent(request), initial={"number": _newest_number(device)})

    def again(form: forms.Form) -> None:
        _offer(form, number=_newest_number(device))

    def act() -> str:
        number, reason = form.cleaned_data["number"], form.cleaned_data["reason"]
        application = configurations.apply_for_baseline(
            actor=request.actor, device_id=device_id, number=number, reason=reason
        )
        messages.success(request, _("The application was sent. It counts once it is approved."))
        return reverse("ledgers:application", args=[application])

    return _answer(request, form, act, "network/device_baseline.html", _to_approve(request, device), again)


@require_http_methods(_METHODS)
@allow(DeviceAction.APPLY)
def amend_baseline(request: Request, application_id: UUID) -> HttpResponse:
    """Apply again, after one's application was sent back, for the configuration that is the newest by now."""
    content = queries.applied_for(request.actor, application_id)
    application = get_application(request.actor, application_id)
    if not same_person(request.actor.id, application.applicant_id):
        raise NotTheApplicant(action=LedgersAction.AMEND, name=application.applicant_name)
    if request.method != "POST" and application.state != State.SENT_BACK:
        messages.error(request, _("Only an application that was sent back can be mended."))
        return redirect("ledgers:application", application_id)
    device = queries.get_device(UUID(content["device"]))
    initial = {"reason": content["reason"], "number": _newest_number(device), "version": application.version}
    form = BaselineForm(_sent(request), initial=initial)

    def again(form: forms.Form) -> None:
        present = get_application(request.actor, application_id)
        _offer(form, number=_newest_number(device), version=present.version)

    def act() -> str:
        configurations.amend_baseline(actor=request.actor, application_id=application_id, **form.cleaned_data)
        messages.success(request, _("The application was sent. It counts once it is approved."))
        return reverse("ledgers:application", args=[application_id])

    return _answer(request, form, act, "network/device_baseline.html", _to_approve(request, device), again)


def _newest_number(device: NetworkDevice) -> int:
    newest = queries.standing_of(device).newest
    return newest.number if newest else 0


def _to_approve(request: Request, device: NetworkDevice) -> dict[str, Any]:
    return device_context(request, device, **result_context(request.GET, queries.standing_of(device)))


def _sent(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _choices() -> list[tuple[str, str]]:
    return [(link.id, link.label) for link in queries.links()]


def _over(device_id: UUID) -> Callable[[forms.Form], None]:
    """Return what lets a form be sent again over the device as it is stored now."""
    return lambda form: _offer(form, version=queries.get_device(device_id).version)


def _offer(form: forms.Form, **hidden: int) -> None:
    """Let a form that met something newer be sent again: it keeps what was typed and carries ``hidden`` now."""
    data = form.data.copy()  # type: ignore[attr-defined]  # of what was posted
    for name, value in hidden.items():
        data[name] = str(value)
    form.data = data


def _answer(
    request: Request,
    form: forms.Form,
    act: Callable[[], str],
    template: str,
    context: dict[str, Any],
    again: Callable[[forms.Form], None] | None = None,
) -> HttpResponse:
    """Show the form; once it is sent and right, let ``act`` store it and go where it says.

    What the service refuses is shown at the field it speaks of, with the error's status; what was typed stays. After
    somebody was faster, ``again`` lets the form be sent over what is there now.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect(act())
            except (InvalidInput, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
                if again is not None and isinstance(error, Conflict):
                    again(form)
    return render(request, template, {**context, "form": form}, status=status)


def _refused(request: Request, device: NetworkDevice, error: SekishoError) -> HttpResponse:
    """Send the reader to the device as it is now, and say why nothing was done."""
    messages.error(request, str(error))
    return redirect("network:device", device.pk)
