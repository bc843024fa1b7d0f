"""Signing in with a sealed emergency credential."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.kernel.access import public
from sekisho.kernel.ids import new_id
from sekisho.people.errors.emergency import SealRefused, SealVoid
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.forms.emergency import OpenSealForm
from sekisho.people.rules.browsers import COOKIE
from sekisho.people.services.emergency_use import AAL1, Opening, open_seal
from sekisho.people.views.ceremonies import idle_minutes, keep_cookie, terminal_of
from sekisho.trust.tokens import new_token, token_hash
from sekisho.ui.request import Request

_TEMPLATE = "people/emergency_sign_in.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("secret")
@public
def sign_in(request: Request) -> HttpResponse:
    """Ask for number, secret, name and reason, and open the session."""
    if request.account is not None:
        return redirect("home")
    form = OpenSealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            token = _begin(request, Opening(**form.cleaned_data, session=new_id()))
        except (SealRefused, SealVoid, HeldBack) as error:
            form.add_error(None, str(error))
            return render(request, _TEMPLATE, {"form": form}, status=error.status)
        response = redirect("home")
        keep_cookie(response, COOKIE, token)
        return response
    return render(request, _TEMPLATE, {"form": form}, status=422 if form.is_bound else 200)


def _begin(request: Request, opening: Opening) -> str:
    """Open the session and return the token of the browser that it is bound to."""
    token, place = request.COOKIES.get(COOKIE) or new_token(), terminal_of(request)
    user, actor = open_seal(actor=request.actor, opening=opening)
    request.session.flush()
    request.session.update(
        {
            "user_id": str(user.pk),
            "revision": user.revision,
            "public_id": str(opening.session),
            "assurance": AAL1,
            "signed_in_at": clock.now().isoformat(),
            "network": actor.network or "",
            "bound_to": token_hash(token),
            "terminal": place.name if place else "",
            "idle_minutes": idle_minutes(place, AAL1),
        }
    )
    request.actor, request.account = actor, user
    return token
