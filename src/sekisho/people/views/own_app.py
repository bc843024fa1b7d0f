"""The authenticator app on the page My sign-in: set up, exchanged, removed."""

import base64

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.people.actions import SignInAction
from sekisho.people.errors.sign_in import CodeRefused, HeldBack, LastFactor
from sekisho.people.forms.sign_in import CodeForm
from sekisho.people.queries.sign_in import PRODUCT, has_totp
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services.authenticator_app import remove_app, set_app
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.own_sign_in import to_proof
from sekisho.trust.totp import new_seed, provisioning_uri
from sekisho.ui.request import Request

_SEED = "new_seed"
_FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("code")
@allow(SignInAction.SET_APP)
def change(request: Request) -> HttpResponse:
    """Show a new seed to scan, and take it with the first code of it."""
    if not is_fresh(proved_at(request), clock.now()):
        return to_proof(request.path)
    form, status = CodeForm(request.POST or None), 200
    seed = bytes.fromhex(request.session.setdefault(_SEED, new_seed().hex()))
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                set_app(actor=request.actor, proved_at=proved_at(request), seed=seed, code=form.cleaned_data["code"])
            except (CodeRefused, HeldBack) as error:
                form.add_error("code", str(error))
                status = error.status
            else:
                del request.session[_SEED]
                messages.success(
                    request, _("The authenticator app was set up. Codes of an earlier one no longer work.")
                )
                return redirect("people:own-sign-in")
    context = {"form": form, "qr": qr_code(seed, request.actor.name), "secret": base64.b32encode(seed).decode()}
    return render(request, "people/own_app.html", context, status=status)


def qr_code(seed: bytes, name: str) -> SafeString:
    """Return the picture of a seed as SVG."""
    image = segno.make(provisioning_uri(seed, name, PRODUCT), error="m", micro=False)
    # segno draws the image from our own address: no text of a visitor reaches the page unescaped.
    return mark_safe(image.svg_inline(scale=5, border=2, dark="#000", light="#fff"))  # noqa: S308


@require_http_methods(_FORM_METHODS)
@allow(SignInAction.REMOVE_APP)
def remove(request: Request) -> HttpResponse:
    """Remove the app, after asking once more and never as the last second factor."""
    if not is_fresh(proved_at(request), clock.now()):
        return to_proof(request.path)
    if request.method == "POST":
        try:
            remove_app(actor=request.actor, proved_at=proved_at(request))
        except LastFactor as error:
            messages.error(request, f"{error} {error.hint}")
        else:
            messages.success(request, _("The authenticator app was removed. Its codes no longer work."))
        return redirect("people:own-sign-in")
    if not has_totp(request.actor.id):
        return redirect("people:own-sign-in")
    return render(request, "people/remove_app.html")
