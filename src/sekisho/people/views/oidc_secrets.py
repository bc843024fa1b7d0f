"""The secrets of an application: made, shown once, ended."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import RelyingAction
from sekisho.people.forms.service_clients import SecretForm
from sekisho.people.queries import oidc as queries
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services import oidc_parties
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.own_sign_in import to_proof
from sekisho.people.views.service_clients import show_fault
from sekisho.ui.request import Request

# The session is sealed where it is stored; the secret leaves it with the first page that shows it.
_TO_SHOW = "party_secret_to_show"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(RelyingAction.MAKE_SECRET)
def make(request: Request, party_id: UUID) -> HttpResponse:
    """Ask for how long an earlier secret goes on, and go on to the new one."""
    party, shown_at = queries.find_party(party_id), proved_at(request)
    if not is_fresh(shown_at, clock.now()):
        return to_proof(request.path)
    form = SecretForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            _secret, text = oidc_parties.make_party_secret(
                actor=request.actor, party_id=party_id, proved_at=shown_at, **form.cleaned_data
            )
        except (Conflict, InvalidInput) as error:
            show_fault(form, error)
            status = error.status
        else:
            request.session[_TO_SHOW] = {"party": str(party_id), "secret": text}
            return redirect("people:relying-party-secret-shown", party_id)
    secrets = queries.party_secrets(party.pk)
    context = {"party": party, "form": form, "page_title": _("Make a secret"), "secrets": secrets}
    return render(request, "people/oidc_secret.html", context, status=status)


@require_safe
@never_cache
@allow(RelyingAction.MAKE_SECRET)
def show(request: Request, party_id: UUID) -> HttpResponse:
    """Show the secret that was made just now, once."""
    party = queries.find_party(party_id)
    shown, secret = request.session.get(_TO_SHOW, {}), ""
    if shown.get("party") == str(party_id):
        secret = shown["secret"]
        if request.method == "GET":
            del request.session[_TO_SHOW]
    context = {"party": party, "secret": secret, "page_title": _("Secret of the application")}
    return render(request, "people/oidc_secret_shown.html", context)


@require_POST
@allow(RelyingAction.END_SECRET)
def end(request: Request, party_id: UUID, secret_id: UUID) -> HttpResponse:
    """End a secret that somebody else may know."""
    oidc_parties.end_party_secret(actor=request.actor, party_id=party_id, secret_id=secret_id)
    messages.success(request, _("The secret works no more, nor do the tokens of the application."))
    return redirect("people:relying-party", party_id)
