"""Several entries of a ledger at once: one value for all of them, or a confirmation; every one or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import SekishoError
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import ChoiceRefused, EntriesRefused
from sekisho.ledgers.queries.books import get_entry, number_of
from sekisho.ledgers.services.books import change_entry, confirm_entry, require

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry that was chosen, in the version that was looked at."""

    entry_id: UUID
    version: int


@transaction.atomic
def change_entries(*, actor: Actor, ledger: Ledger, chosen: Sequence[Chosen], field: str, value: Any) -> int:
    """Set one column of every chosen entry to ``value``, each with its own event, and return how many it changes.

    Nobody looked at the rest of them, so none counts as confirmed. Raises Forbidden, ChoiceRefused, EntriesRefused.
    """
    require(actor, ledger, Verb.CHANGE)

    def change(one: Chosen) -> bool:
        if getattr(get_entry(ledger, one.entry_id), field) == value:
            return False
        change_entry(
            actor=actor,
            ledger=ledger,
            entry_id=one.entry_id,
            version=one.version,
            values={field: value},
            confirms=False,
        )
        return True

    return _each(ledger, chosen, change)


@transaction.atomic
def confirm_entries(*, actor: Actor, ledger: Ledger, chosen: Sequence[Chosen]) -> int:
    """Note that every chosen entry holds as it stands, each with its own event, and return how many.

    Raises Forbidden, ChoiceRefused, EntriesRefused.
    """
    require(actor, ledger, Verb.CONFIRM)

    def confirm(one: Chosen) -> bool:
        confirm_entry(actor=actor, ledger=ledger, entry_id=one.entry_id, version=one.version)
        return True

    return _each(ledger, chosen, confirm)


def _each(ledger: Ledger, chosen: Sequence[Chosen], do: Callable[[Chosen], bool]) -> int:
    if not 1 <= len(chosen) <= MOST_AT_ONCE:
        raise ChoiceRefused(most=MOST_AT_ONCE)
    done = 0
    for one in chosen:
        try:
            done += do(one)
        except SekishoError as error:
            number = number_of(ledger, get_entry(ledger, one.entry_id).number)
            raise EntriesRefused(number=number, reason=str(error)) from error
    return done
