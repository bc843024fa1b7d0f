"""Locking a session and unlocking it with one factor; the next person at a shared terminal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.people.actions import SignInAction
from sekisho.people.errors.sign_in import UnlockOver
from sekisho.people.forms.sign_in import UnlockForm
from sekisho.people.middleware import PersonRequest
from sekisho.people.models import AccountKind
from sekisho.people.queries.sign_in import known_keys
from sekisho.people.rules.authenticators import AAL2
from sekisho.people.services import passkeys, sessions
from sekisho.people.views.ceremonies import ask, take
from sekisho.people.views.sign_in import is_here
from sekisho.ui.request import Request


@require_POST
@allow(SignInAction.LOCK)
def lock(request: Request) -> HttpResponse:
    """Lock this session; unlocking leads back to where the person was."""
    sessions.lock_session(actor=request.actor)
    after = request.POST.get("next", "")
    return redirect(f"{reverse('people:unlock')}?{urlencode({'next': after})}" if after else "people:unlock")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password", "answer")
@public
def unlock(request: PersonRequest) -> HttpResponse:
    """Ask whose session is locked for one factor. To anybody else the page has nothing to say."""
    after = request.GET.get("next", "")
    if request.locked is None:
        return redirect(after if is_here(request, after) else "home")
    form = UnlockForm(request.POST if "password" in request.POST else None)
    if request.method == "POST" and ("answer" in request.POST or form.is_valid()):
        try:
            _unlock(request, form)
        except UnlockOver as error:
            request.session.flush()
            messages.error(request, str(error))
            return redirect("people:sign-in")
        except SekishoError as error:
            messages.error(request, str(error))
            return _page(request, form, error.status)
        # One factor opens a locked session, so of three levels two are left (NIST SP 800-63B, 7.2).
        request.session["assurance"] = min(request.session["assurance"], AAL2)
        return redirect(after if is_here(request, after) else "home")
    return _page(request, form, 422 if request.method == "POST" else 200)


def _unlock(request: PersonRequest, form: UnlockForm) -> None:
    if request.locked is None:
        raise NotFound
    actor, user = request.locked
    if "answer" in request.POST:
        sessions.unlock_with_passkey(actor=actor, spoken=take(request, "unlock"))
    else:
        sessions.unlock_with_password(actor=actor, login=user.login, password=form.cleaned_data["password"])


def _page(request: PersonRequest, form: UnlockForm, status: int) -> HttpResponse:
    user = request.locked[1] if request.locked else None
    context = {
        "form": form,
        "person": user.staff if user else None,
        "has_key": bool(user and known_keys(user.pk)),
        "is_emergency": bool(user and user.kind == AccountKind.EMERGENCY),
    }
    return render(request, "people/unlock.html", context, status=status)


@require_POST
@never_cache
@public
def unlock_options(request: PersonRequest) -> HttpResponse:
    """Answer with what the browser is asked for unlocking with a key."""
    if request.locked is None:
        raise NotFound
    return ask(request, "unlock", passkeys.proof_options(request.locked[1].pk, verify_user=False))
