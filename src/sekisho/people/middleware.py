"""Who is asking: turns the session of a request into its actor."""

from collections.abc import Callable

from django.http import HttpResponse

from sekisho.kernel.actor import Actor, anonymous
from sekisho.people.models import User
from sekisho.people.queries import account, actor_of, may_sign_in
from sekisho.ui.request import Request

Respond = Callable[[Request], HttpResponse]


def network_of(request: Request) -> str | None:
    """Return the client's address as Caddy saw it (it drops what the client claims and adds its own)."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR") or None


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.account``. A session of a stopped or changed account ends here."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        """Answer with the actor known."""
        request.actor, request.account = self._identify(request)
        response = self.respond(request)
        if request.account is not None:
            # A signed-in page must not come back from the browser's cache after signing out on a shared terminal.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _identify(self, request: Request) -> tuple[Actor, User | None]:
        network = network_of(request)
        user_id = request.session.get("user_id")
        user = account(user_id) if user_id is not None else None
        if user is not None and user.revision == request.session.get("revision") and may_sign_in(user):
            session, assurance = request.session["public_id"], request.session["assurance"]
            return actor_of(user, session=session, network=network, assurance=assurance), user
        if user_id is not None:
            request.session.flush()
        return anonymous(network), None
