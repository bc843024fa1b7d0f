"""API operations of people."""

from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books
from sekisho.people import ledgers
from sekisho.people.actions import PeopleAction
from sekisho.ui.request import Request

router = Router(tags=["people"])
router.add_router("", book_router("people", declared_books(ledgers)))


class Me(Schema):
    """Who is asking."""

    id: str
    name: str
    roles: list[str]
    assurance: int


@router.get("/me", response=Me, operation_id="me")
@allow(PeopleAction.HOME)
def me(request: Request) -> Me:
    """Return the signed-in person with today's roles and the assurance level of the sign-in."""
    actor = request.actor
    return Me(id=actor.id, name=actor.name, roles=sorted(actor.roles), assurance=actor.assurance)
