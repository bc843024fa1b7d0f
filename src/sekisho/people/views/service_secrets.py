"""The secrets of a program: made, shown once, ended."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import ServiceClientAction
from sekisho.people.forms.service_clients import SecretForm
from sekisho.people.queries import service_clients as queries
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services import service_clients
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.service_clients import show_fault
from sekisho.ui.request import Request

# The session is sealed where it is stored; the secret leaves it with the first page that shows it.
_TO_SHOW = "client_secret_to_show"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(ServiceClientAction.MAKE_SECRET)
def make(request: Request, client_id: UUID) -> HttpResponse:
    """Ask for how long an earlier secret goes on, and go on to the new one."""
    client, shown_at = queries.find_client(client_id), proved_at(request)
    if not is_fresh(shown_at, clock.now()):
        return redirect(f"{reverse('people:prove')}?{urlencode({'next': request.path})}")
    form = SecretForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            _secret, text = service_clients.make_secret(
                actor=request.actor, client_id=client_id, proved_at=shown_at, **form.cleaned_data
            )
        except (Conflict, InvalidInput) as error:
            show_fault(form, error)
            status = error.status
        else:
            request.session[_TO_SHOW] = {"client": str(client_id), "secret": text}
            return redirect("people:program-secret-shown", client_id)
    context = {"client": client, "form": form, "page_title": _("Make a secret"), "secrets": queries.secrets_of(client)}
    return render(request, "people/program_secret.html", context, status=status)


@require_safe
@never_cache
@allow(ServiceClientAction.MAKE_SECRET)
def show(request: Request, client_id: UUID) -> HttpResponse:
    """Show the secret that was made just now, once."""
    client = queries.find_client(client_id)
    shown, secret = request.session.get(_TO_SHOW, {}), ""
    if shown.get("client") == str(client_id):
        secret = shown["secret"]
        if request.method == "GET":
            del request.session[_TO_SHOW]
    context = {"client": client, "secret": secret, "page_title": _("Secret of the program")}
    return render(request, "people/program_secret_shown.html", context)


@require_POST
@allow(ServiceClientAction.END_SECRET)
def end(request: Request, client_id: UUID, secret_id: UUID) -> HttpResponse:
    """End a secret that somebody else may know."""
    service_clients.end_secret(actor=request.actor, client_id=client_id, secret_id=secret_id)
    messages.success(request, _("The secret works no more, nor do the tokens of the program."))
    return redirect("people:program", client_id)
