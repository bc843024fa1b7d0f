"""What applications ask without a browser: where everything is, our keys, the tokens for a code, who it was.

Answers and errors have the form that the standards give them, so that any library understands them.
"""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import public
from sekisho.kernel.actor import anonymous
from sekisho.people.errors.oidc import PartyRequestWrong
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.middleware import network_of
from sekisho.people.rules.oidc import LEVELS, SCOPES, acr_of
from sekisho.people.rules.service_clients import bearer_in, credentials_in
from sekisho.people.rules.service_errors import TokenRefused
from sekisho.people.services import oidc
from sekisho.people.services.oidc_keys import ALGORITHMS, public_keys
from sekisho.people.services.oidc_parts import METHOD, Asking
from sekisho.people.services.oidc_server import CodeGrant
from sekisho.people.views.oidc import single_values
from sekisho.ui.request import Request

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_AN_HOUR = {"Cache-Control": "max-age=3600"}


@require_safe
@public
def discovery(request: Request) -> HttpResponse:
    """Answer with what an application needs to know of us (OpenID Connect Discovery 1.0)."""
    places = {
        "authorization_endpoint": "people:oidc-authorize",
        "token_endpoint": "people:oidc-token",
        "userinfo_endpoint": "people:oidc-userinfo",
        "jwks_uri": "people:oidc-keys",
        "end_session_endpoint": "people:oidc-end-session",
    }
    content = {
        "issuer": settings.ORIGIN,
        **{name: f"{settings.ORIGIN}{reverse(place)}" for name, place in places.items()},
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS,
        "code_challenge_methods_supported": [METHOD],
        "scopes_supported": list(SCOPES),
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"),
            *("name", "preferred_username", "roles"),
        ],
        "acr_values_supported": [acr_of(level) for level in LEVELS],
        "prompt_values_supported": ["none", "login"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    return JsonResponse(content, headers=_AN_HOUR)


@require_safe
@public
def keys(request: Request) -> HttpResponse:
    """Answer with the public halves of our keys."""
    return JsonResponse(public_keys(), headers=_AN_HOUR)


@csrf_exempt
@require_POST
@public
def token(request: Request) -> HttpResponse:
    """Answer with the tokens for a code."""
    header = request.headers.get("Authorization")
    try:
        values = single_values(request.POST)
    except PartyRequestWrong:
        return _error("invalid_request", 400)
    if settings.SESSION_COOKIE_NAME in request.COOKIES or (header and credentials_in(header) is None):
        return _error("invalid_request", 400)
    asking = Asking("POST", request.path, values, request.headers)
    try:
        answer = oidc.redeem_code(actor=anonymous(network_of(request)), asking=asking)
    except HeldBack as error:
        return _error("temporarily_unavailable", error.status)
    challenge = {name: text for name, text in answer.headers.items() if name == "WWW-Authenticate"}
    return JsonResponse(answer.body, status=answer.status, headers={**challenge, **_NO_STORE})


@csrf_exempt
@require_http_methods(["GET", "POST"])
@public
def userinfo(request: Request) -> HttpResponse:
    """Answer with who signed in, as long as the sign-in counts; the cookie of a session has no business here."""
    text = bearer_in(request.headers.get("Authorization"))
    if text is None:
        return _challenge("invalid_request", 400)
    try:
        claims = oidc.read_claims(actor=anonymous(network_of(request)), text=text)
    except TokenRefused as error:
        return _challenge("invalid_token", error.status)
    return JsonResponse(claims, headers=_NO_STORE)


def _challenge(word: str, status: int) -> HttpResponse:
    answer = _error(word, status)
    answer.headers["WWW-Authenticate"] = f'Bearer realm="sekisho", error="{word}"'
    return answer


def _error(word: str, status: int) -> HttpResponse:
    return JsonResponse({"error": word}, status=status, headers=_NO_STORE)
