"""Giving out tickets for looking from elsewhere, and withdrawing them."""

import json
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.wording import require_visible, says_something
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import NothingToLookAt, TicketEnded, TicketTooLong
from sekisho.network.models import CollectionTicket, Vantage
from sekisho.network.queries.tickets import addresses_for, get_ticket
from sekisho.network.rules.bundle import LONGEST, Ticket, new_ticket
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.trust.dsse import new_seed, public_key


@transaction.atomic
def issue_ticket(*, actor: Actor, vantage: str, days: int) -> Ticket:
    """Return a new ticket for looking from ``vantage`` (open, secure, internal); only its public key is kept.

    Raises Forbidden, TicketTooLong, NothingToLookAt, and ValueError for another vantage.
    """
    actor.require(NetworkAction.ISSUE_TICKET)
    if not 0 < days <= LONGEST.days:
        raise TicketTooLong(most=LONGEST.days)
    place = Vantage(vantage)
    addresses = addresses_for(place)
    if not addresses:
        raise NothingToLookAt(vantage=place.label)
    seed, now = new_seed(), clock.now()
    row = CollectionTicket(
        public_key=public_key(seed).hex(),
        vantage=place,
        addresses=json.dumps(addresses),
        issued_at=now,
        issued_by=actor.name,
        valid_until=now + timedelta(days=days),
    )
    row.save()
    ticket = new_ticket(str(row.pk), seed, place.value, (now, row.valid_until), tuple(addresses))
    details: dict[str, Json] = {
        "vantage": place.value,
        "addresses": len(addresses),
        "days": days,
        "public_key": row.public_key,
    }
    subject = SubjectRef("collection_ticket", str(row.pk), str(place.label))
    append(actor=actor, action=NetworkAction.ISSUE_TICKET, subject=subject, details=details)
    return ticket


@transaction.atomic
def withdraw_ticket(*, actor: Actor, ticket_id: UUID, reason: str) -> CollectionTicket:
    """Let a ticket bring nothing in any more; what it brought stays. Raises Forbidden, NotFound, TicketEnded.

    An import that is under way with it ends first, or finds it withdrawn: both lock the row.
    """
    actor.require(NetworkAction.WITHDRAW_TICKET)
    require_visible(reason)
    if not says_something(reason):
        raise InvalidInput(field="reason")
    row, now = get_ticket(ticket_id, lock=True), clock.now()
    if row.withdrawn_at is not None or now > row.valid_until:
        raise TicketEnded
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now, actor.name, reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    subject = SubjectRef("collection_ticket", str(row.pk), str(Vantage(row.vantage).label))
    append(actor=actor, action=NetworkAction.WITHDRAW_TICKET, subject=subject, reason=row.withdrawn_reason)
    return row
