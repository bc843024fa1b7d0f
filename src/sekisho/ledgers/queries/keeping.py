"""Whether the ledgers are kept, and how each entry stands as a member of what its ledger covers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Max

from sekisho.kernel import clock, registry
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Finding, Ledger, Member, Outcome
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.reading import once
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import says_something
from sekisho.ledgers.models import BookNumber
from sekisho.ledgers.queries.books import Look, Shelf, books, every_entry, number_of, reference_fields
from sekisho.ledgers.queries.no_cases import statement
from sekisho.ledgers.rules.keeping import gaps

_NOT_CONFIRMED = _("Confirmation in time")
_NOT_PASSED = _("A date that has not passed")
_VANISHED = _("The entry itself: its number was given, and it is not there")
_MOST_NAMED = 20
_KEPT_AT_MOST = 10_000  # entries of some kilobytes; a longer ledger is streamed again
Wanted = Callable[[Any], Iterable[tuple[object, Text]]]


def members(
    ledger: Ledger,
    wanted: Wanted,
    *,
    belongs_to: Iterable[str] = (),
    only: Callable[[Any], bool] = lambda _entry: True,
    closed: Iterable[Any] = (),
) -> Iterator[Member]:
    """Yield every entry in use for which ``only`` holds, with what is missing; and every entry that vanished.

    ``wanted`` returns each value that must say something, with its title. An entry that ran out or that nobody
    confirmed in time lacks that too. ``belongs_to`` names columns whose entry it belongs to; ``closed`` are entries no
    longer in use that count like the others. Where there is no entry, what somebody stated for the whole facility
    stands for it: that there is nothing to enter.
    """
    found = False
    for member in _members(ledger, wanted, tuple(belongs_to), only, closed):
        found = True
        yield member
    if not found and (stated := statement(ledger)):
        label = _("No case, as %(name)s stated", name=stated.stated_by_name)
        yield Member(frozenset(), str(label), (), stated.stated_at)


def _members(
    ledger: Ledger, wanted: Wanted, names: Sequence[str], only: Callable[[Any], bool], closed: Iterable[Any]
) -> Iterator[Member]:
    now, kept_up, expiring = clock.now(), _kept_up(ledger), _expiring(ledger)
    today = in_facility(now).date()
    for entry in chain(_entries(ledger), closed):
        if only(entry):
            missing = [title for value, title in wanted(entry) if not _is_said(value)]
            missing += [_NOT_PASSED for name in expiring if _is_over(entry, name, today)]
            missing += [_NOT_CONFIRMED] if _is_stale(ledger, entry, now) else []
            ids = {str(found) for name in names if (found := getattr(entry, f"{name}_id"))}
            label = f"{number_of(ledger, entry.number)} {entry}"
            yield Member(frozenset(ids), label, tuple(missing), kept_up or entry.confirmed_at)
    for number in missing_numbers(ledger):
        yield Member(frozenset(), number_of(ledger, number), (_VANISHED,))


def _kept_up(ledger: Ledger) -> datetime | None:
    """Return when a ledger of events was last known to be complete: its newest entry, or that there was no other.

    What happened long ago is not looked at again; a ledger into which nobody writes any more is old as a whole.
    """
    if not ledger.happens_on:
        return None
    rows = ledger.model._default_manager.filter(closed_at=None, struck_at=None)
    newest: datetime | None = once(("newest", ledger.id), lambda: rows.aggregate(newest=Max("confirmed_at"))["newest"])
    stated = statement(ledger)
    return max(newest, stated.stated_at) if newest and stated else newest


def _entries(ledger: Ledger) -> Iterable[Any]:
    """Return every entry in use; they are kept for the other populations that one reading takes from a ledger.

    What they point to is read once for all of them: a device of its own for each would be most of the memory.
    """
    if once(("how many", ledger.id), ledger.model._default_manager.count) > _KEPT_AT_MOST:
        return every_entry(ledger, Look())
    rows = ledger.model._default_manager.filter(closed_at=None, struck_at=None).order_by("number")
    return once(("entries", ledger.id), lambda: list(rows.prefetch_related(*reference_fields(ledger))))


def _is_said(value: object) -> bool:
    return says_something(value) if isinstance(value, str) else bool(value)


def expired(ledger: Ledger, entry: Any, today: date) -> Iterator[Text]:
    """Yield what an entry lacks for each of its days that has passed."""
    yield from (_NOT_PASSED for name in _expiring(ledger) if _is_over(entry, name, today))


def _expiring(ledger: Ledger) -> list[str]:
    return [column.field for column in ledger.columns if column.expires]


def _is_over(entry: Any, name: str, today: date) -> bool:
    day: date | None = getattr(entry, name)
    return day is not None and day < today


def _is_stale(ledger: Ledger, entry: Any, now: datetime) -> bool:
    age = now - entry.confirmed_at
    return bool(age < timedelta(0) or (age > ledger.review_every and not ledger.happens_on))


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
