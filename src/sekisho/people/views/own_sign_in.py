"""My sign-in: one's own keys, recovery codes and sessions. What is sensitive asks for the second factor again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.people.actions import SignInAction
from sekisho.people.errors.sign_in import LastFactor, ProofNeeded
from sekisho.people.forms.sign_in import KeyNameForm, ProofForm
from sekisho.people.middleware import PersonRequest
from sekisho.people.models import Passkey, Session
from sekisho.people.queries import account
from sekisho.people.queries.authenticators import models_of
from sekisho.people.queries.sign_in import (
    codes_left,
    has_totp,
    known_keys,
    passkeys_are_possible,
    passkeys_of,
    place,
    sessions_of,
)
from sekisho.people.queries.staff_keys import ssh_key_count
from sekisho.people.queries.temporary_factors import open_factor
from sekisho.people.rules.browsers import browser_name
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services import passkeys, recovery_codes, sessions
from sekisho.people.views.ceremonies import ask, proved_at, take
from sekisho.people.views.sign_in import is_here, leads_to_application
from sekisho.ui.parts import Badge, Kind
from sekisho.ui.request import Request

_FORM_METHODS = ["GET", "HEAD", "POST"]
_CODES_TO_SHOW = "codes_to_show"


@require_safe
@never_cache
@allow(SignInAction.VIEW_WAYS)
def show(request: PersonRequest) -> HttpResponse:
    """Show one's own keys, codes and sessions."""
    return _page(request, KeyNameForm(), 200)


def _page(request: Request, form: KeyNameForm, status: int) -> HttpResponse:
    user_id = request.actor.id
    context = {
        "form": form,
        "has_app": has_totp(user_id),
        "keys": _keys(user_id),
        "keys_possible": passkeys_are_possible(),
        "codes": codes_left(user_id),
        "ssh_keys": ssh_key_count(user_id),
        "sessions": [(row, _session_state(row, request), browser_name(row.browser)) for row in sessions_of(user_id)],
        "assurance": request.actor.assurance,
        "factors": [_factor_name(name) for name in request.session.get("factors", [])],
        "codes_to_show": _once(request, _CODES_TO_SHOW),
        "proved": is_fresh(proved_at(request), clock.now()),
    }
    return render(request, "people/own_sign_in.html", context, status=status)


def _once(request: Request, name: str) -> object:
    """Return what is shown once: the session is sealed where it is stored, and it leaves with the first page."""
    return request.session.pop(name, None) if request.method == "GET" else None


def _factor_name(name: str) -> str:
    return {
        "password": _("password"),
        "totp": _("authenticator app"),
        "passkey": _("passkey or security key"),
        "recovery_code": _("recovery code"),
    }.get(name, name)


def _keys(user_id: str) -> list[tuple[Passkey, str, Badge]]:
    """Return the keys of an account, each with the name of its model where the list knows it, and its state."""
    keys = passkeys_of(user_id)
    models = models_of(keys)
    return [
        (key, model.name if model else "", _key_state(key, model.refused if model else ""))
        for key in keys
        for model in [models.get(key.aaguid)]
    ]


def _key_state(key: Passkey, refused: str) -> Badge:
    if key.held_at is not None:
        return Badge(Kind.NG, _("held back: may have been copied"))
    if refused:
        return Badge(Kind.NG, _("reported as unsafe (%(report)s)") % {"report": refused})
    if key.host != place().host:
        return Badge(Kind.WARN, _("of the former name %(host)s") % {"host": key.host})
    if key.is_attested and not key.backup_eligible:
        return Badge(Kind.OK, _("one device, attested by its maker"))
    return Badge(Kind.INFO, _("copied between devices")) if key.backup_eligible else Badge(Kind.OK, _("one device"))


def _session_state(row: Session, request: Request) -> Badge:
    if str(row.public_id) == request.actor.session:
        return Badge(Kind.OK, _("this one"))
    return Badge(Kind.INFO, _("locked")) if row.locked_at else Badge(Kind.NEUTRAL, _("open"))


def to_proof(after: str) -> HttpResponse:
    """Lead to the page that asks for the second factor, and from there back."""
    return redirect(f"{reverse('people:prove')}?{urlencode({'next': after})}")


@require_http_methods(_FORM_METHODS)
@never_cache
@sensitive_post_parameters("code", "answer")
@allow(SignInAction.PROVE)
def prove(request: PersonRequest) -> HttpResponse:
    """Ask for the second factor once more, then go on."""
    form, status = ProofForm(request.POST if "code" in request.POST else None), 200
    user = account(request.actor.id)
    if user is None:
        raise NotFound
    if request.method == "POST":
        status = 422
        try:
            if "answer" in request.POST:
                sessions.prove_with_passkey(actor=request.actor, spoken=take(request, "prove"))
            elif form.is_valid():
                sessions.prove_with_code(actor=request.actor, user=user, code=form.cleaned_data["code"])
            else:
                return _proof_page(request, form, status)
        except SekishoError as error:
            messages.error(request, str(error))
            return _proof_page(request, form, error.status)
        request.session["proved_at"] = clock.now().isoformat()
        after = request.GET.get("next", "")
        return redirect(after if is_here(request, after) else "people:own-sign-in")
    return _proof_page(request, form, status)


def _proof_page(request: Request, form: ProofForm, status: int) -> HttpResponse:
    if open_factor(request.actor.id) is not None:
        form.fields["code"].label = _("Temporary code, six-digit code or recovery code")
    context = {
        "form": form,
        "has_key": bool(known_keys(request.actor.id)),
        "for_application": leads_to_application(request.GET.get("next", "")),
    }
    return render(request, "people/prove.html", context, status=status)


@require_POST
@never_cache
@allow(SignInAction.PROVE)
def proof_options(request: Request) -> HttpResponse:
    """Answer with what the browser is asked for showing a key once more."""
    return ask(request, "prove", passkeys.proof_options(request.actor.id, verify_user=False))


@require_POST
@never_cache
@allow(SignInAction.ADD_PASSKEY)
def new_key_options(request: Request) -> HttpResponse:
    """Answer with what the browser is asked for making a key. Raises ProofNeeded."""
    passkeys.require_proof(proved_at(request))
    user = account(request.actor.id)
    if user is None:
        raise NotFound
    return ask(request, "new", passkeys.new_key_options(user.pk, user.login, user.staff.name))


@require_POST
@never_cache
@sensitive_post_parameters("answer")
@allow(SignInAction.ADD_PASSKEY)
def add_key(request: Request) -> HttpResponse:
    """Add a key that the browser made."""
    form = KeyNameForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        passkeys.add_passkey(
            actor=request.actor,
            proved_at=proved_at(request),
            name=form.cleaned_data["name"],
            spoken=take(request, "new"),
        )
    except ProofNeeded:
        return to_proof(reverse("people:own-sign-in"))
    except SekishoError as error:
        form.add_error(None, str(error))
        return _page(request, form, error.status)
    messages.success(request, _("The key was added. You can sign in with it from now on."))
    return redirect("people:own-sign-in")


@require_http_methods(_FORM_METHODS)
@allow(SignInAction.RENAME_PASSKEY)
def rename_key(request: Request, key_id: UUID) -> HttpResponse:
    """Give a key another name."""
    key = _own_key(request, key_id)
    form = KeyNameForm(request.POST or None, initial={"name": key.name})
    if form.is_bound and form.is_valid():
        passkeys.rename_passkey(actor=request.actor, key_id=key_id, name=form.cleaned_data["name"])
        messages.success(request, _("The key was renamed."))
        return redirect("people:own-sign-in")
    return render(request, "people/key.html", {"form": form, "key": key}, status=422 if form.is_bound else 200)


@require_http_methods(_FORM_METHODS)
@allow(SignInAction.REMOVE_PASSKEY)
def remove_key(request: Request, key_id: UUID) -> HttpResponse:
    """Remove a key, after asking once more and never the last second factor."""
    key = _own_key(request, key_id)
    if not is_fresh(proved_at(request), clock.now()):
        return to_proof(request.path)
    if request.method == "POST":
        try:
            passkeys.remove_passkey(actor=request.actor, proved_at=proved_at(request), key_id=key_id)
        except LastFactor as error:
            messages.error(request, f"{error} {error.hint}")
        else:
            messages.success(request, _("The key was removed. Nobody signs in with it any more."))
        return redirect("people:own-sign-in")
    return render(request, "people/remove_key.html", {"key": key})


def _own_key(request: Request, key_id: UUID) -> Passkey:
    for key in passkeys_of(request.actor.id):
        if key.pk == key_id:
            return key
    raise NotFound


@require_POST
@never_cache
@allow(SignInAction.RENEW_CODES)
def renew_codes(request: Request) -> HttpResponse:
    """Make ten recovery codes and show them once."""
    try:
        codes = recovery_codes.renew_codes(actor=request.actor, proved_at=proved_at(request))
    except ProofNeeded:
        return to_proof(reverse("people:own-sign-in"))
    request.session[_CODES_TO_SHOW] = codes
    return redirect("people:own-sign-in")


@require_POST
@allow(SignInAction.END_SESSION)
def end_session(request: Request, public_id: UUID) -> HttpResponse:
    """End one of one's own sessions elsewhere."""
    sessions.end_own_session(actor=request.actor, public_id=public_id)
    messages.success(request, _("The session was ended."))
    return redirect("people:own-sign-in")


@require_POST
@allow(SignInAction.END_SESSION)
def end_others(request: Request) -> HttpResponse:
    """End all of one's own sessions but this one."""
    count = sessions.end_other_sessions(actor=request.actor)
    messages.success(request, _("%(count)s other session(s) were ended.") % {"count": count})
    return redirect("people:own-sign-in")
