"""Pages on which one registers how an endpoint is looked at, and the client certificate that it is tried with."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.network.actions import NetworkAction
from sekisho.network.forms.registration import AllowanceForm, ClientCertificateForm, RegistrationForm, VersionForm
from sekisho.network.queries.registration import endpoint_subject, registration_of
from sekisho.network.services import registration
from sekisho.network.views.endpoints import allowed_facts
from sekisho.ui.forms import offer_again
from sekisho.ui.parts import Change
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(NetworkAction.REGISTER_ENDPOINT)
def register(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Register how an endpoint is looked at."""
    row = registration_of(endpoint_id)
    form = RegistrationForm(*_sent(request), row=row)

    def act() -> None:
        registration.register_endpoint(
            actor=request.actor,
            endpoint_id=endpoint_id,
            version=form.cleaned_data["version"],
            given=form.typed(),
            authorities=form.cleaned_data["ca"],
            without_authorities=form.cleaned_data.get("without_ca", False),
        )

    done = _("It was registered. The endpoint is looked at that way within a day.")
    more = {"allowed": allowed_facts(row), "may_allow": request.actor.may(NetworkAction.ALLOW_EXCEPTION)}
    return _answer(request, endpoint_id, form, act, "network/endpoint_register.html", done, more)


@require_http_methods(_METHODS)
@allow(NetworkAction.ALLOW_EXCEPTION)
def allow_exception(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Let a manager allow what turns a broken rule into a kept one, or take it back."""
    form = AllowanceForm(_sent(request)[0], row=registration_of(endpoint_id))

    def act() -> None:
        version, given = form.cleaned_data["version"], form.typed()
        registration.allow_exception(actor=request.actor, endpoint_id=endpoint_id, version=version, given=given)

    done = _("It was stored with your name.")
    return _answer(request, endpoint_id, form, act, "network/endpoint_exception.html", done)


@require_http_methods(_METHODS)
@never_cache
@sensitive_post_parameters("password")
@sensitive_variables("form")
@allow(NetworkAction.REGISTER_CLIENT_CERTIFICATE)
def register_client(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Register the client certificate, whose key is never shown again."""
    form = ClientCertificateForm(*_sent(request), initial={"version": registration_of(endpoint_id).version})

    def act() -> None:
        registration.register_client_certificate(actor=request.actor, endpoint_id=endpoint_id, **form.cleaned_data)

    done = _("The client certificate was registered. The endpoint is tried with it within a day.")
    return _answer(request, endpoint_id, form, act, "network/endpoint_client.html", done)


@require_http_methods(_METHODS)
@allow(NetworkAction.REMOVE_CLIENT_CERTIFICATE)
def remove_client(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Say what removing the client certificate means, then remove it with its key."""
    row = registration_of(endpoint_id)
    form = VersionForm(*_sent(request), initial={"version": row.version})

    def act() -> None:
        registration.remove_client_certificate(actor=request.actor, endpoint_id=endpoint_id, **form.cleaned_data)

    done = _("The client certificate and its key were removed.")
    return _answer(request, endpoint_id, form, act, "network/endpoint_client_remove.html", done)


def _sent(request: Request) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _answer(
    request: Request,
    endpoint_id: UUID,
    form: forms.Form,
    act: Callable[[], None],
    template: str,
    done: str,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the form; once it is sent and right, let ``act`` store it. What the service refuses stands at its field."""
    subject = endpoint_subject(endpoint_id)
    context: dict[str, Any] = {"form": form, "subject": subject, "page_title": subject.label, **(more or {})}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act()
            except Conflict as error:
                row = registration_of(endpoint_id)
                offer_again(form, row.version)
                context |= {"conflict": error.text, "changes": _differences(form, row)}
                status = error.status
            except InvalidInput as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(request, done)
                return redirect("network:endpoint", endpoint_id)
    context["choose_again"] = bool(request.FILES)
    return render(request, template, context, status=status)


def _differences(form: forms.Form, row: object) -> list[Change]:
    """Return what is stored now against what was typed."""
    if not isinstance(form, (RegistrationForm, AllowanceForm)):
        return []
    typed = form.typed()
    names = [field.name for field in fields(typed)]
    pairs = [(form.fields[name].label, getattr(row, name), getattr(typed, name)) for name in names]
    return [Change(label or "", now or None, mine or None) for label, now, mine in pairs if now != mine]
