"""Who is asking: turns the session of a request, or a program's token at the API, into its actor.

A locked session is nobody's until it is unlocked. A token is looked at where the API begins and nowhere else.
"""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from sekisho.kernel.actor import Actor, ActorKind, anonymous
from sekisho.kernel.errors import SekishoError
from sekisho.people.models import User
from sekisho.people.queries import account, actor_of, may_sign_in
from sekisho.people.rules.browsers import COOKIE
from sekisho.people.rules.service_clients import API, bearer_in
from sekisho.people.rules.service_errors import BearerWithCookie, TokenRefused
from sekisho.people.rules.sessions import SEEN_EVERY, SessionState
from sekisho.people.services.service_tokens import accept_token
from sekisho.people.services.sessions import end_taken_session, settle_session
from sekisho.people.sessions import SessionStore
from sekisho.trust.tokens import token_hash
from sekisho.ui.request import Request

Respond = Callable[["PersonRequest"], HttpResponse]


class PersonRequest(Request):
    """A request with, while its session is locked, the person who may unlock it (``request.actor`` is a visitor).

    ``refusal`` is what a program is answered whose token is not taken, before anything else looks at the request.
    """

    locked: tuple[Actor, User] | None
    refusal: SekishoError | None


def network_of(request: Request) -> str | None:
    """Return the client's address as Caddy saw it (it drops what the client claims and adds its own)."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR") or None


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.account``. A session of a stopped or changed account ends here."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: PersonRequest) -> HttpResponse:
        """Answer with the actor known."""
        request.locked = request.refusal = None
        request.actor, request.account = self._identify(request)
        response = self.respond(request)
        if request.path.startswith(API):
            _challenge(request, response)
        if request.account is not None or request.locked is not None:
            # A signed-in page must not come back from the browser's cache after signing out on a shared terminal.
            response.headers.setdefault("Cache-Control", "no-store")
        if request.account is not None:
            _leave_when_idle(request, response)
        return response

    def _identify(self, request: PersonRequest) -> tuple[Actor, User | None]:
        network = network_of(request)
        bearer = bearer_in(request.headers.get("Authorization")) if request.path.startswith(API) else None
        if bearer is not None:
            return _program(request, network, bearer), None
        user_id = request.session.get("user_id")
        user = account(user_id) if user_id is not None else None
        if user is not None and _was_taken(request):
            _end_taken(request, network, user)
            return anonymous(network), None
        if user is not None and user.revision == request.session.get("revision") and may_sign_in(user):
            session, assurance = request.session["public_id"], request.session["assurance"]
            actor = actor_of(user, session=session, network=network, assurance=assurance)
            row = request.session.row if isinstance(request.session, SessionStore) else None
            state = settle_session(actor=actor, row=row, idle=_idle_limit(request))
            if state is SessionState.OPEN:
                return actor, user
            if state is SessionState.LOCKED:
                request.locked = actor, user
                return anonymous(network), None
        if user_id is not None:
            request.session.flush()
        return anonymous(network), None


def _was_taken(request: Request) -> bool:
    """Tell whether the session's cookie comes without the token of the browser it was opened in."""
    bound_to = request.session.get("bound_to")
    return bound_to is not None and bound_to != token_hash(request.COOKIES.get(COOKIE, ""))


def _end_taken(request: Request, network: str | None, user: User) -> None:
    row = request.session.row if isinstance(request.session, SessionStore) else None
    if row is not None:
        end_taken_session(actor=anonymous(network), row=row, user=user)
    request.session.flush()


def _program(request: PersonRequest, network: str | None, bearer: str) -> Actor:
    """Return the program that a token stands for; its session, if there is one, is not even opened."""
    visitor = anonymous(network)
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        request.refusal = BearerWithCookie()
        return visitor
    try:
        return accept_token(actor=visitor, text=bearer)
    except TokenRefused as refusal:
        request.refusal = refusal
        return visitor


def _challenge(request: PersonRequest, response: HttpResponse) -> None:
    """Say to a program what was wrong with its token (RFC 6750 3); what it was given is kept by no cache."""
    fault = ""
    if isinstance(request.refusal, TokenRefused):
        fault = ', error="invalid_token"'
    elif request.actor.kind is ActorKind.SERVICE:
        response.headers.setdefault("Cache-Control", "no-store")
        fault = ', error="insufficient_scope"'
    if response.status_code == HTTPStatus.UNAUTHORIZED or (fault and response.status_code == HTTPStatus.FORBIDDEN):
        response.headers.setdefault("WWW-Authenticate", f'Bearer realm="sekisho"{fault}')


def _idle_limit(request: Request) -> timedelta | None:
    minutes = request.session.get("idle_minutes")
    return timedelta(minutes=minutes) if minutes is not None else None


def _leave_when_idle(request: PersonRequest, response: HttpResponse) -> None:
    """On a shared terminal let the browser leave the page by itself when the session will have been locked.

    A header, so it works without a script; the lock itself is the server's.
    """
    idle = _idle_limit(request)
    page = response.headers.get("Content-Type", "").startswith("text/html") and "HX-Request" not in request.headers
    if idle is None or not page or not request.session.get("terminal"):
        return
    seconds = int((idle + SEEN_EVERY).total_seconds()) + 1
    address = f"{reverse('people:unlock')}?{urlencode({'next': request.path})}"
    response.headers.setdefault("Refresh", f"{seconds}; url={address}")  # a page that leads on at once does so
