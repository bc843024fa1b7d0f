"""Signing in and out: a password with a second factor, or a key that is both."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel import clock
from sekisho.kernel.access import public
from sekisho.kernel.dates import format_date
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.people.errors.sign_in import CodeRefused, HeldBack, KeyUnfit, PasskeyHeld, SignInRefused
from sekisho.people.forms.sign_in import CodeForm, RecoveryCodeForm, SignInForm
from sekisho.people.middleware import PersonRequest
from sekisho.people.models import User
from sekisho.people.queries.host_names import former_host, open_change, ways_of
from sekisho.people.queries.sign_in import codes_left, has_totp, known_keys, passkeys_are_possible
from sekisho.people.queries.temporary_factors import open_factor
from sekisho.people.rules.host_names import Standing
from sekisho.people.services import passkeys, recovery_codes, sign_in
from sekisho.people.views.ceremonies import ask, open_session, take
from sekisho.trust.webauthn import PasskeyRefused
from sekisho.ui.display import display_of
from sekisho.ui.request import Request

_FORM_METHODS = ["GET", "HEAD", "POST"]
_KEY_ERRORS = (PasskeyRefused, PasskeyHeld, KeyUnfit, SignInRefused, HeldBack)


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("password")
@public
def password(request: PersonRequest) -> HttpResponse:
    """Ask for the first factor, or for a key."""
    if request.locked is not None:
        return redirect("people:unlock")
    if request.account is not None:
        return redirect("home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in.verify_password(actor=request.actor, **form.cleaned_data)
        except (SignInRefused, HeldBack) as error:
            return _sign_in_page(request, form, error)
        request.session["pending"] = {"user_id": str(user.pk), "at": clock.now().isoformat()}
        request.session["next"] = request.GET.get("next", "")
        return redirect("people:sign-in-code")
    return _sign_in_page(request, form, None, 422 if form.is_bound else 200)


def _sign_in_page(
    request: Request, form: SignInForm, error: SekishoError | None = None, status: int = 200
) -> HttpResponse:
    if error is not None:
        if not form.is_bound:
            form = SignInForm({"login": "", "password": ""})
            form.errors.clear()
        form.add_error(None, str(error))
        status = error.status
    context = {
        "form": form,
        "after": request.GET.get("next", "") or request.POST.get("next", ""),
        "keys_possible": passkeys_are_possible(),
        "former": former_host(),
    }
    return render(request, "people/sign_in.html", context, status=status)


@require_POST
@never_cache
@public
def key_options(request: PersonRequest) -> HttpResponse:
    """Answer with what the browser is asked: a key as second factor after the password, else a key that is both."""
    if request.account is not None or request.locked is not None:
        raise NotFound
    wanted, _space, former = request.POST.get("purpose", "").partition(" ")
    user_id = _pending(request) if wanted == "second" else None
    host = former_host() if former else ""
    if former and not host:
        raise NotFound
    return ask(request, "second" if user_id else "alone", passkeys.sign_in_options(user_id, host))


@require_POST
@never_cache
@public
def key(request: PersonRequest) -> HttpResponse:
    """Sign in with a key alone: it has verified its user, so it is two factors in one act."""
    if request.account is not None or request.locked is not None:
        return redirect("home")
    if "answer" not in request.POST:
        return redirect("people:sign-in")
    try:
        user, assurance = passkeys.sign_in_with_passkey(actor=request.actor, spoken=take(request, "alone"))
    except _KEY_ERRORS as error:
        return _sign_in_page(request, SignInForm(), error)
    return enter(request, user, ("passkey",), request.POST.get("next", ""), assurance)


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("code", "answer")
@public
def code(request: Request) -> HttpResponse:
    """Ask for the second factor, a code or a key, and open the session."""
    user_id = _pending(request)
    if user_id is None:
        return redirect("people:sign-in")
    form = CodeForm(request.POST if "code" in request.POST else None)
    if "answer" in request.POST:
        try:
            user, assurance = passkeys.verify_second_passkey(
                actor=request.actor, user_id=user_id, spoken=take(request, "second")
            )
        except _KEY_ERRORS as error:
            messages.error(request, str(error))
            return _code_page(request, user_id, form, error.status)
        return enter(request, user, ("password", "passkey"), request.session.get("next", ""), assurance)
    if form.is_bound and form.is_valid():
        try:
            user = sign_in.verify_code(actor=request.actor, user_id=user_id, code=form.cleaned_data["code"])
        except (CodeRefused, SignInRefused, HeldBack) as error:
            form.add_error("code", str(error))
            return _code_page(request, user_id, form, error.status)
        return enter(request, user, ("password", "totp"), request.session.get("next", ""))
    return _code_page(request, user_id, form, 422 if request.method == "POST" else 200)


def _code_page(request: Request, user_id: str, form: CodeForm, status: int) -> HttpResponse:
    former = former_host()
    context = {
        "form": form,
        "has_app": has_totp(user_id) or open_factor(user_id) is not None,
        "has_key": bool(known_keys(user_id)),
        "former": former if former and known_keys(user_id, former) else "",
        "has_codes": bool(codes_left(user_id)),
    }
    return render(request, "people/sign_in_code.html", context, status=status)


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("code")
@public
def recovery_code(request: Request) -> HttpResponse:
    """Ask for a recovery code in place of the second factor."""
    user_id = _pending(request)
    if user_id is None:
        return redirect("people:sign-in")
    form = RecoveryCodeForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            user = recovery_codes.verify_recovery_code(
                actor=request.actor, user_id=user_id, code=form.cleaned_data["code"]
            )
        except (CodeRefused, SignInRefused, HeldBack) as error:
            form.add_error("code", str(error))
            status = error.status
        else:
            response = enter(request, user, ("password", "recovery_code"), request.session.get("next", ""))
            left = codes_left(user.pk)
            text = _("You used a recovery code; %(count)s are left. Add a new key or have your sign-in set up again.")
            messages.warning(request, text % {"count": left})
            return response
    return render(request, "people/recovery_code.html", {"form": form}, status=status)


@require_POST
@public
def sign_out(request: PersonRequest) -> HttpResponse:
    """End the session, a locked one too: the next person at this terminal can sign in."""
    if request.account is not None:
        sign_in.end_session(actor=request.actor)
    elif request.locked is not None:
        sign_in.end_session(actor=request.locked[0])
    request.session.flush()
    return redirect("people:sign-in")


def enter(
    request: Request, user: User, factors: tuple[str, ...], after: str, assurance: int = sign_in.AAL2
) -> HttpResponse:
    """Open the session, tell the person what happened meanwhile, and lead to where they wanted to go."""
    news = open_session(request, user, factors, assurance)
    if news.browsers:
        text = _("Since you were last here, %(count)s new browser(s) signed in with your account. Look at My sign-in.")
        messages.warning(request, text % {"count": news.browsers})
    if news.codes:
        text = _("Since you were last here, %(count)s recovery code(s) of yours were used. Look at My sign-in.")
        messages.warning(request, text % {"count": news.codes})
    if news.first_here and news.known_elsewhere:
        messages.info(request, _("You signed in with this browser for the first time. That was recorded."))
    tell_of_host(request, user)
    return news.keep(redirect(after if is_here(request, after) else "home"))


def tell_of_host(request: Request, user: User) -> None:
    """Ask whoever loses keys with the host name to set up what is left then."""
    change = open_change()
    ways = ways_of(user.pk, change) if change is not None else None
    if change is None or ways is None or ways.standing is Standing.MOVED:
        return
    if change.changed_at is not None:
        text = _("The host name was changed, and your keys belong to the former one. Add a new key on My sign-in.")
        messages.warning(request, text)
    elif ways.standing is Standing.LOCKED_OUT:
        text = _(
            "On %(day)s the host name changes, and your keys stop working. "
            "Until then set up the authenticator app or print recovery codes on My sign-in."
        )
        messages.warning(request, text % {"day": _day(request, change.due_on)})


def _day(request: Request, day: date | None) -> str:
    display = display_of(request)
    return format_date(day, display.calendar, display.language) if day else ""


def _pending(request: Request) -> str | None:
    pending = request.session.get("pending")
    if not pending or clock.now() - datetime.fromisoformat(pending["at"]) > sign_in.PENDING_FOR:
        return None
    return str(pending["user_id"])


def is_here(request: Request, address: str) -> bool:
    """Tell whether an address to go on to lies on this host.

    The way on to an application carries its whole request, and may be longer than what the general rule looks at.
    """
    if leads_to_application(address):
        return True
    return bool(address) and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=True
    )


def leads_to_application(address: str) -> bool:
    """Tell whether an address is our page that leads on to an application."""
    return address.startswith(f"{reverse('people:oidc-go-on')}?")
