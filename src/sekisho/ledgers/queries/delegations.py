"""Reading delegations: those of one person, and to whom they could delegate."""

from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q

from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Delegation
from sekisho.ledgers.queries.deciders import Deciders, given_to

PAGE_SIZE = 50


def delegations_of(actor: Actor, page: int = 1) -> "Page[Delegation]":
    """Return one page of what a person has delegated and what was delegated to them, the latest end first."""
    own = Deciders().accounts_of(actor.id)
    rows = Delegation.objects.filter(Q(giver_id__in=own) | Q(receiver_id__in=own))
    return Paginator(rows.order_by("-ends_on", "-id"), PAGE_SIZE).get_page(page)


def get_delegation(actor: Actor, delegation_id: UUID) -> Delegation:
    """Return a delegation that the actor gave or was given. Raises NotFound."""
    own = Deciders().accounts_of(actor.id)
    found = Delegation.objects.filter(Q(giver_id__in=own) | Q(receiver_id__in=own), pk=delegation_id).first()
    if found is None:
        raise NotFound
    return found


def stands_in_for(actor: Actor) -> list[Delegation]:
    """Return the delegations in force to the actor."""
    return given_to(Deciders(), actor.id)


def possible_receivers(actor: Actor) -> dict[str, str]:
    """Return the names of those who could stand in for the actor, by one of their accounts.

    They may approve something themselves, and can sign in: a delegation gives somebody else's part, not the right to
    approve at all.
    """
    deciders = Deciders()
    people = deciders.holders(LedgersAction.APPROVE.roles)
    me = deciders.key_of(actor.id)
    return {min(person.accounts): person.name for key, person in people.items() if key != me and person.accounts}
