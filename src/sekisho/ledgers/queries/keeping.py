"""Whether the ledgers are kept, and how each entry stands as a member of what its ledger covers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sekisho.kernel import clock, registry
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Finding, Ledger, Member, Outcome
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.reading import once
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import says_something
from sekisho.ledgers.models import BookNumber
from sekisho.ledgers.queries.books import Look, Shelf, books, every_entry, number_of
from sekisho.ledgers.rules.keeping import gaps

_NOT_CONFIRMED = _("Confirmation in time")
_NOT_PASSED = _("A date that has not passed")
_VANISHED = _("The entry itself: its number was given, and it is not there")
_MOST_NAMED = 20
_KEPT_AT_MOST = 2000  # entries; a longer ledger is streamed again
Wanted = Callable[[Any], Iterable[tuple[object, Text]]]


def members(
    ledger: Ledger, wanted: Wanted, *, belongs_to: Iterable[str] = (), only: Callable[[Any], bool] = lambda _entry: True
) -> Iterator[Member]:
    """Yield every entry in use for which ``only`` holds, with what is missing; and every entry that vanished.

    ``wanted`` returns each value that must say something, with its title. An entry that ran out or that nobody
    confirmed in time lacks that too. ``belongs_to`` names columns whose entry it belongs to.
    """
    now, names = clock.now(), tuple(belongs_to)
    for entry in _entries(ledger):
        if only(entry):
            missing = [title for value, title in wanted(entry) if not _is_said(value)]
            missing += [*expired(ledger, entry, in_facility(now).date())]
            missing += [_NOT_CONFIRMED] if _is_stale(ledger, entry, now) else []
            ids = {str(found) for name in names if (found := getattr(entry, f"{name}_id"))}
            label = f"{number_of(ledger, entry.number)} {entry}"
            yield Member(frozenset(ids), label, tuple(missing), entry.confirmed_at)
    for number in missing_numbers(ledger):
        yield Member(frozenset(), number_of(ledger, number), (_VANISHED,))


def _entries(ledger: Ledger) -> Iterable[Any]:
    """Return every entry; a short ledger is kept for the other populations that one reading takes from it."""
    if once(("how many", ledger.id), ledger.model._default_manager.count) > _KEPT_AT_MOST:
        return every_entry(ledger, Look())
    return once(("entries", ledger.id), lambda: list(every_entry(ledger, Look())))


def _is_said(value: object) -> bool:
    return says_something(value) if isinstance(value, str) else bool(value)


def expired(ledger: Ledger, entry: Any, today: date) -> Iterator[Text]:
    """Yield what an entry lacks for each of its days that has passed."""
    for column in (column for column in ledger.columns if column.expires):
        day = getattr(entry, column.field)
        if day is not None and day < today:
            yield _NOT_PASSED


def _is_stale(ledger: Ledger, entry: Any, now: datetime) -> bool:
    return bool(not timedelta(0) <= now - entry.confirmed_at <= ledger.review_every)


def missing_numbers(ledger: Ledger) -> list[int]:
    """Return the numbers that were given in a ledger and that no entry has."""
    return once(("missing numbers", ledger.id), lambda: _missing_numbers(ledger))


def _missing_numbers(ledger: Ledger) -> list[int]:
    row = BookNumber.objects.filter(ledger=ledger.id).first()
    there = set(ledger.model._default_manager.values_list("number", flat=True))
    return gaps(there, max(row.last if row else 0, max(there, default=0)))


@dataclass(frozen=True, slots=True)
class Kept:
    """How one ledger is kept: its entries in use, and the numbers of those that ran out, are stale, or vanished."""

    entries: int
    expired: tuple[str, ...]
    stale: tuple[str, ...]
    vanished: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not (self.expired or self.stale or self.vanished)


def kept(ledger: Ledger) -> Kept:
    """Return how a ledger is kept now."""
    now = clock.now()
    today = in_facility(now).date()
    count, ran_out, stale = 0, [], []
    for entry in every_entry(ledger, Look(shelf=Shelf.IN_USE)):
        count += 1
        number = number_of(ledger, entry.number)
        ran_out += [number] if any(True for _title in expired(ledger, entry, today)) else []
        stale += [number] if _is_stale(ledger, entry, now) else []
    vanished = tuple(number_of(ledger, number) for number in missing_numbers(ledger))
    return Kept(count, tuple(ran_out), tuple(stale), vanished)


def findings() -> Iterator[Finding]:
    """Yield one finding about the facility: whether all its ledgers are kept. An empty ledger shows nothing."""
    for provider in registry.current().offers(SubjectProvider):  # type: ignore[type-abstract]  # asked by protocol
        if SubjectKind.FACILITY in provider.kinds():
            for subject in provider.subjects(SubjectKind.FACILITY):
                yield _finding(subject, {ledger.id: kept(ledger) for ledger in books()})


def _finding(subject: Subject, found: dict[str, Kept]) -> Finding:
    if any(not one.is_kept for one in found.values()):
        outcome, message = Outcome.FAIL, _("A ledger holds entries that ran out, are unconfirmed or vanished.")
    elif not any(one.entries for one in found.values()):
        outcome, message = Outcome.UNKNOWN, _("No ledger holds an entry, so nothing shows that they are kept.")
    else:
        outcome, message = Outcome.PASS, _("Every entry of the ledgers is in time, and no number is missing.")
    facts = {
        name: {
            "entries": one.entries,
            "expired": list(one.expired[:_MOST_NAMED]),
            "stale": list(one.stale[:_MOST_NAMED]),
            "vanished": list(one.vanished[:_MOST_NAMED]),
        }
        for name, one in found.items()
    }
    return Finding(subject, outcome, message, clock.now(), facts)  # type: ignore[arg-type]  # lists of texts are JSON
