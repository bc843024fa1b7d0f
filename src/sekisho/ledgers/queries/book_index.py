"""All ledgers side by side: how much each holds, and what of it needs a look."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Group, Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.queries.book_conditions import Attention, needs_attention
from sekisho.ledgers.queries.books import action_of, books


@dataclass(frozen=True, slots=True)
class Standing:
    """One ledger: its entries in use, how many of them lack what, and when somebody last looked at one."""

    ledger: Ledger
    entries: int
    lacking: dict[Attention, int]
    confirmed_at: datetime | None


def open_books(actor: Actor) -> list[Ledger]:
    """Return the ledgers that the actor may look at."""
    return [ledger for ledger in books() if actor.may(action_of(ledger, Verb.VIEW))]


def by_group(ledgers: Iterable[Ledger]) -> list[tuple[Group, list[Ledger]]]:
    """Return the groups that have ledgers, in the order of the navigation, each with its ledgers as declared."""
    found = list(ledgers)
    groups = [(group, [one for one in found if (one.group or Group.SETTINGS) is group]) for group in Group]
    return [(group, inside) for group, inside in groups if inside]


def standing_of(ledger: Ledger) -> Standing:
    """Return how a ledger stands now, counted in one query."""
    rows = ledger.model._default_manager.filter(closed_at=None, struck_at=None)
    counts = {what.value: Count("pk", filter=needs_attention(ledger, what)) for what in Attention}
    found = rows.aggregate(entries=Count("pk"), newest=Max("confirmed_at"), **counts)
    lacking = {what: found[what.value] for what in Attention}
    return Standing(ledger, found["entries"], lacking, found["newest"])
