"""What a browser is asked about keys, and its answer: the challenge stays on the server, is used once and soon."""

import json
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse

from sekisho.kernel import clock
from sekisho.kernel.ids import new_id
from sekisho.people.models import Terminal, User
from sekisho.people.queries.sign_in import codes_used_since, other_new_browsers, terminal
from sekisho.people.rules.authenticators import AAL3, AAL3_REST
from sekisho.people.rules.browsers import COOKIE as BROWSER_COOKIE
from sekisho.people.rules.sessions import IDLE_LIMIT
from sekisho.people.services import sign_in
from sekisho.people.services.passkeys import Spoken
from sekisho.people.services.sessions import remember_browser
from sekisho.trust.tokens import token_hash
from sekisho.trust.webauthn import PasskeyRefused
from sekisho.ui.request import Request

_CEREMONY = "ceremony"
TERMINAL_COOKIE = "__Host-sekisho-terminal"
_YEAR = 365 * 24 * 3600
_LONGEST_BROWSER = 200


def ask(request: Request, purpose: str, asked: tuple[dict[str, Any], dict[str, Any]]) -> JsonResponse:
    """Answer with what the browser is asked for ``purpose``, and keep the state of it in the session."""
    options, state = asked
    request.session[_CEREMONY] = {"purpose": purpose, "state": state, "at": clock.now().isoformat()}
    if not request.session.keys() & {"user_id", "link"}:
        # A visitor who only asks leaves no row for a whole shift.
        request.session.set_expiry(int(sign_in.PENDING_FOR.total_seconds()))
    return JsonResponse(options)


def take(request: Request, purpose: str) -> Spoken:
    """Return the browser's answer with the state it belongs to, which is gone from now on. Raises PasskeyRefused."""
    kept = request.session.pop(_CEREMONY, None)
    if kept is None or kept["purpose"] != purpose:
        raise PasskeyRefused
    if clock.now() - datetime.fromisoformat(kept["at"]) > sign_in.PENDING_FOR:
        raise PasskeyRefused
    try:
        response = json.loads(request.POST.get("answer", ""))
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused from error
    return Spoken(kept["state"], response)


def open_session(request: Request, user: User, factors: tuple[str, ...], assurance: int = sign_in.AAL2) -> "News":
    """Give the browser a fresh session of ``user``, who has shown two factors; return what they should be told."""
    request.session.flush()
    public_id, place = str(new_id()), terminal_of(request)
    token = request.COOKIES.get(BROWSER_COOKIE, "")
    news = News.before(user, token)
    token, news.first_here = remember_browser(user, token, request.actor.network)
    news.token = token
    moment = clock.now().isoformat()
    request.session.update(
        {
            "user_id": str(user.pk),
            "revision": user.revision,
            "public_id": public_id,
            "assurance": assurance,
            "factors": list(factors),
            "signed_in_at": moment,
            "proved_at": moment,
            "network": request.actor.network or "",
            "browser": request.headers.get("User-Agent", "")[:_LONGEST_BROWSER],
            "bound_to": token_hash(token),
            "terminal": place.name if place else "",
            "idle_minutes": idle_minutes(place, assurance),
        }
    )
    request.actor = sign_in.start_session(
        user=user,
        session=public_id,
        network=request.actor.network,
        factors=factors,
        new_browser=news.first_here and news.known_elsewhere,
        assurance=assurance,
    )
    request.account = user
    return news


def idle_minutes(place: Terminal | None, assurance: int) -> int:
    """Return after how many minutes without use a session of this level locks here."""
    minutes = place.idle_minutes if place else int(IDLE_LIMIT.total_seconds() // 60)
    return min(minutes, int(AAL3_REST.total_seconds() // 60)) if assurance >= AAL3 else minutes


class News:
    """What somebody who signs in is told of their account: browsers and recovery codes used since they were here."""

    def __init__(self, browsers: int, codes: int, *, known_elsewhere: bool) -> None:
        self.browsers, self.codes, self.known_elsewhere = browsers, codes, known_elsewhere
        self.first_here = False
        self.token = ""

    @classmethod
    def before(cls, user: User, token: str) -> "News":
        """Return what happened since this browser was last used; looked at before it counts as used again."""
        hashed = token_hash(token)
        return cls(
            len(other_new_browsers(user, hashed)),
            codes_used_since(user, hashed),
            known_elsewhere=user.browsers.exists(),
        )

    def keep(self, response: HttpResponse) -> HttpResponse:
        """Let the browser be known again."""
        keep_cookie(response, BROWSER_COOKIE, self.token)
        return response


def proved_at(request: Request) -> datetime | None:
    """Return when this session last showed a second factor; one opened with a sealed emergency secret has none."""
    if request.actor.assurance < sign_in.AAL2:
        return None
    moment = request.session.get("proved_at") or request.session.get("signed_in_at")
    return datetime.fromisoformat(moment) if moment else None


def terminal_of(request: HttpRequest) -> Terminal | None:
    """Return the shared terminal that this browser is, by the cookie an operator gave it."""
    try:
        return terminal(signing.loads(request.COOKIES.get(TERMINAL_COOKIE, ""), salt=TERMINAL_COOKIE))
    except signing.BadSignature:
        return None


def mark_terminal(response: HttpResponse, row: Terminal) -> None:
    """Let this browser be the shared terminal ``row``."""
    keep_cookie(response, TERMINAL_COOKIE, signing.dumps(str(row.pk), salt=TERMINAL_COOKIE))


def keep_cookie(response: HttpResponse, name: str, value: str) -> None:
    """Give the browser a cookie that only we and only over TLS get back."""
    response.set_cookie(name, value, max_age=_YEAR, secure=True, httponly=True, samesite="Lax")
