"""Signing in and out."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel import clock
from sekisho.kernel.access import public
from sekisho.kernel.ids import new_id
from sekisho.people.errors import CodeRefused, HeldBack, SignInRefused
from sekisho.people.forms.sign_in import CodeForm, SignInForm
from sekisho.people.models import User
from sekisho.people.services import sign_in
from sekisho.ui.request import Request

_FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("password")
@public
def password(request: Request) -> HttpResponse:
    """Ask for the first factor."""
    if request.account is not None:
        return redirect("home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in.verify_password(actor=request.actor, **form.cleaned_data)
        except (SignInRefused, HeldBack) as error:
            form.add_error(None, str(error))
            return render(request, "people/sign_in.html", {"form": form}, status=error.status)
        request.session["pending"] = {"user_id": str(user.pk), "at": clock.now().isoformat()}
        request.session["next"] = request.GET.get("next", "")
        return redirect("people:sign-in-code")
    return render(request, "people/sign_in.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("code")
@public
def code(request: Request) -> HttpResponse:
    """Ask for the second factor and open the session."""
    user_id = _pending(request)
    if user_id is None:
        return redirect("people:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in.verify_code(actor=request.actor, user_id=user_id, code=form.cleaned_data["code"])
        except (CodeRefused, SignInRefused, HeldBack) as error:
            form.add_error("code", str(error))
            return render(request, "people/sign_in_code.html", {"form": form}, status=error.status)
        after = request.session.get("next", "")
        open_session(request, user)
        return redirect(after if _is_here(request, after) else "home")
    return render(request, "people/sign_in_code.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@public
def sign_out(request: Request) -> HttpResponse:
    """End the session."""
    if request.account is not None:
        sign_in.end_session(actor=request.actor)
    request.session.flush()
    return redirect("people:sign-in")


def open_session(request: Request, user: User) -> None:
    """Give the browser a fresh session of ``user``, who has shown two factors."""
    request.session.flush()
    public_id = str(new_id())
    request.session.update(
        {
            "user_id": str(user.pk),
            "revision": user.revision,
            "public_id": public_id,
            "assurance": sign_in.AAL2,
            "signed_in_at": clock.now().isoformat(),
            "network": request.actor.network or "",
        }
    )
    request.actor = sign_in.start_session(user=user, session=public_id, network=request.actor.network)
    request.account = user


def _pending(request: Request) -> str | None:
    pending = request.session.get("pending")
    if not pending or clock.now() - datetime.fromisoformat(pending["at"]) > sign_in.PENDING_FOR:
        return None
    return str(pending["user_id"])


def _is_here(request: Request, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=True
    )
