"""What the tests of single ledgers share: entries, and what a coverage says of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.estate import ledgers as estate
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Coverage, Ledger, Member
from sekisho.ledgers.queries.books import number_of
from sekisho.ledgers.services.books import add_entry, change_entry


def coverage(name: str) -> Coverage:
    return next(one for one in registry.current().coverages if one.id == name)


def covered(name: str) -> tuple[int, int]:
    """Return n and N, as the verdicts count them."""
    found = list(coverage(name).measure())
    return sum(not member.missing for member in found), len(found)


def member(name: str, start: str) -> Member:
    """Return the one member whose label begins with ``start``."""
    (found,) = [one for one in coverage(name).measure() if one.label.startswith(start)]
    return found


def lacks(name: str, start: str) -> set[str]:
    """Return what the ledger lacks of a member."""
    return {text.msgid for text in member(name, start).missing}


def add_system(actor: Actor, name: str = "電子カルテ", **values: Any) -> Any:
    """Register a system that stands here and holds medical information."""
    said = {"name": name, "kind": "emr", "form": "on_premises", "holds_medical_information": True, **values}
    return add_to_estate(actor=actor, ledger=estate.SYSTEMS, values=said)


def each_lacks(
    actor: Actor, ledger: Ledger, name: str, good: Mapping[str, Any], wrong: Iterable[tuple[Mapping[str, Any], str]]
) -> Any:
    """Enter a good entry, make it wrong in one way after the other, and see that exactly this is named. Return it."""
    entry = add_entry(actor=actor, ledger=ledger, values=good)
    number, wrong = number_of(ledger, entry.number), list(wrong)
    assert lacks(name, number) == set()
    columns = {column for values, _title in wrong for column in values}
    good = {**{column: ledger.model._meta.get_field(column).get_default() for column in columns}, **good}
    for values, title in wrong:
        change = {**good, **values}
        entry = change_entry(actor=actor, ledger=ledger, entry_id=entry.pk, version=entry.version, values=change)
        assert lacks(name, number) == {title}, values
    return change_entry(actor=actor, ledger=ledger, entry_id=entry.pk, version=entry.version, values=good)
