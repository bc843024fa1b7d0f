"""Laying the standard lines of a ledger out: one entry each, together, for what somebody chose. To be filled in."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import LinesThere
from sekisho.ledgers.models import BookNumber
from sekisho.ledgers.queries.books import Look, entries, reference_fields
from sekisho.ledgers.services.books import add_entry, require


@transaction.atomic
def lay_out_lines(*, actor: Actor, ledger: Ledger, shared: Mapping[str, Any]) -> int:
    """Add every standard line that is not there yet for what ``shared`` points to; return how many. All or none.

    Raises Forbidden, NotFound for a ledger without standard lines, LinesThere, EntryInvalid.
    """
    require(actor, ledger, Verb.ADD)
    column, values = ledger.standard_lines
    if not column:
        raise NotFound
    BookNumber.objects.select_for_update().filter(ledger=ledger.id).first()  # of two at once the second finds them all
    same = {name: shared.get(name) for name in reference_fields(ledger)}
    there = set(entries(ledger, Look()).filter(**same).values_list(column, flat=True))
    missing = [value for value in values if value not in there]
    if not missing:
        raise LinesThere
    for value in missing:
        add_entry(actor=actor, ledger=ledger, values={**shared, column: value})
    return len(missing)
