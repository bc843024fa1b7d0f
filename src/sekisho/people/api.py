"""API operations of people."""

from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.people.actions import PeopleAction
from sekisho.ui.request import Request

router = Router(tags=["people"])


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
