"""What a browser meets when an application takes our sign-in: the way there, the way on, and signing out.

The way to an application is a plain link, never the answer to a form: browsers hold our rule that forms are sent to
nobody else also against where such an answer leads.
"""

from datetime import datetime
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import public
from sekisho.people.errors.oidc import PartyRequestWrong
from sekisho.people.middleware import PersonRequest
from sekisho.people.models import User
from sekisho.people.rules.oidc import ASKING_COUNTS_FOR, Shown, Step, methods_of
from sekisho.people.services import oidc, sign_in
from sekisho.people.services.oidc_parts import Answer, Asking, Visitor
from sekisho.trust.tokens import token_hash
from sekisho.ui.request import Request

ASKED = "asked"
_SALT = "oidc.asked"
_LONGEST = 2_000
_METHODS = ["GET", "POST"]


def single_values(given: QueryDict) -> dict[str, str]:
    """Return the parameters of a request. Raises PartyRequestWrong where one comes twice or is far too long."""
    found: dict[str, str] = {}
    for name, values in given.lists():
        found[name] = text = str(values[0])
        if len(values) > 1 or len(name) + len(text) > _LONGEST or not text.isprintable():
            raise PartyRequestWrong
    return found


@csrf_exempt
@require_http_methods(_METHODS)
@never_cache
@public
def authorize(request: PersonRequest) -> HttpResponse:
    """Lead back to the application with a code, or first to what the person has to do before."""
    if request.method == "POST":
        # The cookie of the session does not come with a form of somebody else's; with the link it leads to, it does.
        return _again(request, "people:oidc-authorize")
    values = single_values(request.GET)
    asked_at = _asked_at(values.pop(ASKED, ""), values)
    _refuse_unreadable(values)
    answer = oidc.sign_in_there(
        actor=request.actor,
        asking=Asking("GET", request.path, values, {}),
        visitor=_visitor(request),
        asked_at=asked_at,
    )
    return HttpResponseRedirect(answer.location) if isinstance(answer, Answer) else _before(request, answer, values)


def _again(request: Request, name: str) -> HttpResponse:
    values = single_values(request.POST)
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode(values)}", status=303)


def _refuse_unreadable(values: dict[str, str]) -> None:
    """Raise PartyRequestWrong for what the library would quote in an error, where not every letter may stand."""
    for name in ("client_id", "redirect_uri", "response_type", "scope"):
        text = values.get(name, "")
        if not text.isascii() or set(text) & set('"\\'):
            raise PartyRequestWrong


def _visitor(request: PersonRequest) -> Visitor | None:
    """Return who is signed in and when they last showed a second factor, or their one factor in an emergency."""
    if not isinstance(request.account, User) or request.actor.session is None:
        return None
    session = request.session
    moment = session.get("proved_at") or session["signed_in_at"]
    shown = Shown(datetime.fromisoformat(moment), request.actor.assurance)
    methods = methods_of(session.get("factors", []), shown.assurance)
    return Visitor(request.account, request.actor.session, request.actor.network or "", shown, methods)


def _before(request: PersonRequest, step: Step, values: dict[str, str]) -> HttpResponse:
    """Lead to the sign-in, to unlocking, or to the second factor, and from there back to the same request."""
    page = "people:prove" if step is Step.PROVE else "people:sign-in"
    if request.locked is not None:
        page = "people:unlock"
    asked = signing.Signer(salt=_SALT).sign_object({"at": clock.now().isoformat(), "of": _digest(values)})
    after = f"{reverse('people:oidc-go-on')}?{urlencode({**values, ASKED: asked})}"
    return redirect(f"{reverse(page)}?{urlencode({'next': after})}")


def _digest(values: dict[str, str]) -> str:
    return token_hash(urlencode(sorted(values.items())))


def _asked_at(asked: str, values: dict[str, str]) -> datetime:
    """Return when this request was made first: what was proved since then is not asked for again. Signed by us."""
    now = clock.now()
    try:
        known = signing.Signer(salt=_SALT).unsign_object(asked) if asked else {}
    except signing.BadSignature:
        known = {}
    first = datetime.fromisoformat(known["at"]) if known.get("of") == _digest(values) else now
    return first if now - first <= ASKING_COUNTS_FOR else now


@require_safe
@never_cache
@public
def go_on(request: PersonRequest) -> HttpResponse:
    """Lead on to the application after a sign-in: from a page, so that it is no answer to a form."""
    address = f"{reverse('people:oidc-authorize')}?{urlencode(single_values(request.GET))}"
    response = render(request, "people/oidc_go_on.html", {"page_title": _("To the application"), "address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


@csrf_exempt
@require_http_methods(_METHODS)
@never_cache
@public
def end_session(request: PersonRequest) -> HttpResponse:
    """Sign out at the wish of an application that proves whose session it means; else ask the person."""
    if request.method == "POST":
        return _again(request, "people:oidc-end-session")
    asking = Asking("GET", request.path, single_values(request.GET), {})
    wish = oidc.read_sign_out(asking)
    actor = request.locked[0] if request.locked is not None else request.actor
    is_own = wish.session is not None and actor.session == str(wish.session) and actor.id == wish.account
    if actor.session is not None and not is_own:
        return render(request, "people/oidc_sign_out.html", {"page_title": _("Sign out")})
    if is_own:
        sign_in.end_session(actor=actor)
        request.session.flush()
    return HttpResponseRedirect(wish.redirect or reverse("people:sign-in"))
