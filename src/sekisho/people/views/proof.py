"""The way to the page that asks for the second factor again, before something sensitive."""

from sekisho.kernel import clock
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services.sign_in import AAL2
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.own_sign_in import to_proof as to_proof  # noqa: PLC0414  # both are asked for together
from sekisho.ui.request import Request


def lacks_proof(request: Request) -> bool:
    """Tell whether the reader has to show the second factor again; an emergency session has none, and is refused."""
    return request.actor.assurance >= AAL2 and not is_fresh(proved_at(request), clock.now())
