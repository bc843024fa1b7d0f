"""Where programs get and end their tokens: OAuth 2.0 client credentials (RFC 6749 4.4) and revocation (RFC 7009).

A program proves itself by HTTP Basic and by nothing else; the cookie of a session has no business here. Answers and
errors have the form that these standards give them, so that any library understands them.
"""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sekisho.kernel import clock
from sekisho.kernel.access import public
from sekisho.kernel.actor import anonymous
from sekisho.kernel.errors import SekishoError
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.middleware import network_of
from sekisho.people.rules.service_clients import credentials_in
from sekisho.people.rules.service_errors import ClientRefused, GrantUnsupported, ScopeRefused, TokenRequestWrong
from sekisho.people.services import service_tokens
from sekisho.people.services.service_tokens import Presented
from sekisho.ui.request import Request

_LONGEST = 10_000
# Our errors in the words of RFC 6749 5.2; for too many attempts it has none.
_WORDS: dict[type[SekishoError], str] = {
    ClientRefused: "invalid_client",
    ScopeRefused: "invalid_scope",
    GrantUnsupported: "unsupported_grant_type",
    TokenRequestWrong: "invalid_request",
    HeldBack: "temporarily_unavailable",
}


@csrf_exempt
@require_POST
@public
def issue(request: Request) -> HttpResponse:
    """Answer with a token for a quarter of an hour."""
    try:
        _refuse_cookies(request)
        if _value(request, "grant_type") != "client_credentials":
            raise GrantUnsupported
        token, text = service_tokens.issue_token(
            actor=anonymous(network_of(request)),
            presented=_presented(request),
            scope=_value(request, "scope", needed=False),
        )
    except tuple(_WORDS) as error:
        return _refusal(error)
    seconds = int((token.expires_at - clock.now()).total_seconds())
    return _answer({"access_token": text, "token_type": "Bearer", "expires_in": seconds, "scope": token.actions})


@csrf_exempt
@require_POST
@public
def revoke(request: Request) -> HttpResponse:
    """End a token; the answer does not tell whether there was one."""
    try:
        _refuse_cookies(request)
        text = _value(request, "token")
        actor = anonymous(network_of(request))
        service_tokens.revoke_token(actor=actor, presented=_presented(request), text=text)
    except tuple(_WORDS) as error:
        return _refusal(error)
    return _answer({})


def _refuse_cookies(request: Request) -> None:
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        raise TokenRequestWrong


def _value(request: Request, name: str, *, needed: bool = True) -> str:
    """Return a parameter of the form; one that is missing, repeated or far too long makes the request malformed."""
    values = request.POST.getlist(name)
    if len(values) > 1 or (needed and not values) or any(len(value) > _LONGEST for value in values):
        raise TokenRequestWrong
    return values[0] if values else ""


def _presented(request: Request) -> Presented:
    """Return what the program proves itself with; without it nothing is tried, and nothing counted."""
    found = credentials_in(request.headers.get("Authorization"))
    if found is None:
        raise ClientRefused
    return Presented(*found)


def _refusal(error: SekishoError) -> HttpResponse:
    answer = _answer({"error": _WORDS[type(error)], "error_description": error.code}, error.status)
    if isinstance(error, ClientRefused):
        answer.headers["WWW-Authenticate"] = 'Basic realm="sekisho"'
    return answer


def _answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
