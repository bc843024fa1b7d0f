"""The tickets that were given out, and what one may speak of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.network.models import CollectionTicket, Vantage
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.bundle import one_form

# What is looked at from where: the file leaves the house, and names no more than what is reached from there.
_REACHED: Mapping[Vantage, frozenset[str]] = {
    Vantage.OPEN: frozenset({"open"}),
    Vantage.SECURE: frozenset({"open", "secure"}),
    Vantage.INTERNAL: frozenset({"open", "secure", "internal"}),
}
PAGE_SIZE = 50
# Whoever shows tickets names their type; the table is closed to other rooms.
Ticket = CollectionTicket


def tickets(page: int = 1) -> "Page[CollectionTicket]":
    """Return one page of the tickets that were given out, the newest first."""
    rows = CollectionTicket.objects.order_by("-issued_at", "-id")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def get_ticket(ticket_id: UUID, *, lock: bool = False) -> CollectionTicket:
    """Return a ticket, kept from others until the transaction ends with ``lock``. Raises NotFound."""
    rows = CollectionTicket.objects.select_for_update() if lock else CollectionTicket.objects.all()
    found = rows.filter(pk=ticket_id).first()
    if found is None:
        raise NotFound
    return found


def addresses_for(vantage: Vantage) -> Sequence[str]:
    """Return the addresses of the open endpoints that are reached from there, in their one form."""
    endpoints = registered(SubjectKind.ENDPOINT)
    return sorted({address_of(one) for one in endpoints if one.facts["exposure"] in _REACHED[vantage]})


def endpoints_by_address() -> Mapping[str, Sequence[Subject]]:
    """Return the open endpoints by the one form of their address."""
    found: dict[str, list[Subject]] = defaultdict(list)
    for endpoint in registered(SubjectKind.ENDPOINT):
        found[address_of(endpoint)].append(endpoint)
    return found


def address_of(endpoint: Subject) -> str:
    """Return the one form of an endpoint's address."""
    return one_form(str(endpoint.facts["host"]), int(endpoint.facts["port"] or 0))
