"""Who is asking: turns the session of a request into its actor."""

from collections.abc import Callable

from django.http import HttpResponse

from sekisho.kernel.actor import Actor, anonymous
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
        request.account = None
        request.actor = self._actor(request)
        response = self.respond(request)
        if request.account is not None:
            # A signed-in page must not come back from the browser's cache after signing out on a shared terminal.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _actor(self, request: Request) -> Actor:
        network = network_of(request)
        user_id = request.session.get("user_id")
        if user_id is None:
            return anonymous(network)
        user = account(user_id)
        if user is None or user.revision != request.session.get("revision") or not may_sign_in(user):
            request.session.flush()
            return anonymous(network)
        request.account = user
        return actor_of(
            user,
            session=request.session["public_id"],
            network=network,
            assurance=request.session["assurance"],
        )
