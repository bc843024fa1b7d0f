"""What stocktakes must cover: every device and medium in use, found in one that was closed within a year."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.assets.ledgers.coverage import system_devices
from sekisho.assets.queries.stocktaking import countable_books, is_looked_for, last_seen
from sekisho.assets.rules.stocktaking import counted
from sekisho.kernel import clock
from sekisho.kernel.declarations import Coverage, Ledger, Member
from sekisho.kernel.reading import once
from sekisho.kernel.text import _
from sekisho.ledgers.queries.books import Look, every_entry, number_of
from sekisho.ledgers.queries.keeping import missing_numbers

_COUNTED_WITHIN = timedelta(days=365)
_NOT_FOUND = _("Found in a stocktake that was closed within a year")
_VANISHED = _("The entry itself: its number was given, and it is not there")


def counted_things() -> Iterator[Member]:
    """Yield every entry in use of the books that are counted, every number without an entry, every bare system.

    An entry is covered by the closing of a stocktake in which somebody saw it and each difference was settled; a
    stocktake that goes on or was cancelled proves nothing, and neither does an entry in the ledger alone.
    """
    for ledger in countable_books():
        yield from _things_of(ledger)
    yield from (system for system in system_devices() if system.missing)


def _things_of(ledger: Ledger) -> Iterator[Member]:
    rule = counted(ledger.id)
    since = clock.now() - _COUNTED_WITHIN
    seen = once(("found in stocktakes", ledger.id), lambda: last_seen(ledger.id, since))
    for entry in every_entry(ledger, Look()):
        if rule is not None and is_looked_for(rule, entry):
            found_at = seen.get(entry.pk)
            ids = {str(found) for name in ("system_id", "group_id") if (found := getattr(entry, name, None))}
            label = f"{number_of(ledger, entry.number)} {entry}"
            yield Member(frozenset(ids), label, () if found_at else (_NOT_FOUND,), found_at)
    for number in missing_numbers(ledger):
        yield Member(frozenset(), number_of(ledger, number), (_VANISHED,))


STOCKTAKES = Coverage(
    id="assets.stocktakes",
    title=_("Every device and medium found in a stocktake"),
    population=_("Registered devices and media in use, and systems without a device"),
    measure=counted_things,
    route="assets:stocktakes",
)
