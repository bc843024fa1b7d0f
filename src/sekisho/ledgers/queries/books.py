"""Every read of the ledgers that are declared as books: lists, one entry, what the register writes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ForeignKey, Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Action
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import fiscal_year, in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import search_words
from sekisho.kernel.wording import has_control_characters
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.book_conditions import Attention, needs_attention, year_bounds
from sekisho.register.rules import SubjectRef

PAGE_SIZE = 50
_AT_ONCE = 500
_MOST_CHOICES = 500


class Shelf(StrEnum):
    """Which entries of a ledger are looked at."""

    IN_USE = "in_use"
    CLOSED = "closed"
    STRUCK = "struck"
    ALL = "all"


_SHELVES = {
    Shelf.IN_USE: Q(closed_at=None, struck_at=None),
    Shelf.CLOSED: Q(closed_at__isnull=False, struck_at=None),
    Shelf.STRUCK: Q(struck_at__isnull=False),
    Shelf.ALL: Q(),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader wants to see of a ledger: words, one value for some columns, and an order (``-`` for backwards).

    ``year`` is the western year in which a fiscal year begins; then the shelf speaks of that year.
    """

    text: str = ""
    shelf: Shelf = Shelf.IN_USE
    narrowed: Mapping[str, str] = field(default_factory=dict)
    order: str = "number"
    year: int | None = None
    attention: Attention | None = None


def books() -> list[Ledger]:
    """Return every declared ledger that is a working book."""
    return [ledger for ledger in registry.current().ledgers if ledger.actions is not None]


def slug_of(ledger: Ledger) -> str:
    """Return the word for a ledger in addresses and file names."""
    return ledger.id.rsplit(".", 1)[-1]


def action_of(ledger: Ledger, verb: Verb) -> Action:
    """Return what somebody must be allowed who does ``verb`` with a ledger. Raises NotFound for one without actions."""
    if ledger.actions is None:
        raise NotFound
    return ledger.actions[verb.name]


def number_of(ledger: Ledger, number: int) -> str:
    """Return the number of an entry as it is written: EQ-00012."""
    return f"{ledger.prefix}-{number:05}"


def entries(ledger: Ledger, look: Look) -> "QuerySet[Any]":
    """Return the entries that a look asks for, in its order. What makes no sense narrows to nothing."""
    rows = _related(ledger).filter(_SHELVES[look.shelf] if look.year is None else _in_year(look.shelf, look.year))
    if look.attention is not None:
        rows = rows.filter(needs_attention(ledger, look.attention))
    for place, word in enumerate(search_words(look.text)):
        # The key is folded, so letters are compared as they stand: half the time of LIKE, which folds them again.
        rows = rows.alias(**{f"found_{place}": StrIndex("search_key", Value(word))}).filter(**{f"found_{place}__gt": 0})
    allowed = {column.field for column in ledger.columns if column.filtered}
    try:
        for name, value in look.narrowed.items():
            if has_control_characters(value):
                return rows.none()
            if value and name in allowed:
                rows = rows.filter(**{name: _read_choice(ledger, name, value)})
    except (ValidationError, ValueError):
        return rows.none()
    return rows.order_by(*_order(ledger, look.order))


def _in_year(shelf: Shelf, year: int) -> Q:
    """Return what was in use on some day of a fiscal year, or was closed, struck out or there at all in it.

    What was struck out should never have been entered, so it was never in use.
    """
    first, end = year_bounds(year)
    closed, struck = Q(closed_at__gte=first, closed_at__lt=end), Q(struck_at__gte=first, struck_at__lt=end)
    match shelf:
        case Shelf.CLOSED:
            return closed & Q(struck_at=None)
        case Shelf.STRUCK:
            return struck
        case Shelf.ALL:
            return Q(created_at__lt=end)
    return Q(created_at__lt=end, struck_at=None) & (Q(closed_at=None) | Q(closed_at__gte=first))


def years_of(ledger: Ledger) -> list[int]:
    """Return the fiscal years in which a ledger had entries, the newest first; this year always."""
    now = fiscal_year(in_facility(clock.now()).date())
    first = ledger.model._default_manager.order_by("number").values_list("created_at", flat=True).first()
    oldest = fiscal_year(in_facility(first).date()) if first else now
    return list(range(now, min(oldest, now) - 1, -1))


def _read_choice(ledger: Ledger, name: str, value: str) -> Any:
    of_model = ledger.model._meta.get_field(name)
    return value == "yes" if isinstance(of_model, BooleanField) else of_model.to_python(value)


def _order(ledger: Ledger, order: str) -> tuple[str, ...]:
    name, sign = order.removeprefix("-"), "-" if order.startswith("-") else ""
    if name not in {column.field for column in ledger.columns}:
        return (f"{sign}number",)
    of_model = ledger.model._meta.get_field(name)
    if isinstance(of_model, ForeignKey):
        known = {column.name for column in of_model.related_model._meta.concrete_fields}
        name = next((f"{name}__{wanted}" for wanted in ("kana", "name") if wanted in known), name)
    return (f"{sign}{name}", "number")


class _ByKey:
    """Entries in their order, looked up by key a page at a time: wide rows are not carried through the sorting."""

    def __init__(self, ledger: Ledger, rows: "QuerySet[Any]") -> None:
        self._ledger, self._rows = ledger, rows

    def __len__(self) -> int:
        return self._rows.count()

    def __getitem__(self, part: slice) -> list[Any]:
        keys = list(self._rows.values_list("pk", flat=True)[part])
        found = {row.pk: row for row in _related(self._ledger).filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]


def page_of(ledger: Ledger, look: Look, page: int) -> "Page[Any]":
    """Return one page of what a look asks for."""
    rows = entries(ledger, look)
    if look.text and len(first := list(rows[: PAGE_SIZE + 1])) <= PAGE_SIZE:
        return Paginator(first, PAGE_SIZE).get_page(page)  # counting would go through all entries once more
    by_key: Sequence[Any] = cast("Sequence[Any]", _ByKey(ledger, rows))  # it counts and cuts, as a paginator wants
    return Paginator(by_key, PAGE_SIZE).get_page(page)


def every_entry(ledger: Ledger, look: Look) -> Iterator[Any]:
    """Yield everything that a look asks for, some hundred rows in memory at a time."""
    yield from entries(ledger, look).iterator(chunk_size=_AT_ONCE)


def get_entry(ledger: Ledger, entry_id: UUID) -> BookEntry:
    """Return one entry of ``ledger``. Raises NotFound."""
    entry: BookEntry | None = _related(ledger).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def entries_by_number(ledger: Ledger, numbers: Sequence[int]) -> dict[int, Any]:
    """Return the entries of these numbers, ended ones too."""
    found: dict[int, Any] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        rows = _related(ledger).filter(number__in=numbers[start : start + _AT_ONCE])
        found |= {row.number: row for row in rows}
    return found


def entries_in_use(ledger: Ledger, ids: Sequence[UUID]) -> list[Any]:
    """Return those of these entries that are in use, by number."""
    rows = _related(ledger).filter(_SHELVES[Shelf.IN_USE], pk__in=ids)
    return list(rows.order_by("number"))


def _related(ledger: Ledger) -> "QuerySet[Any]":
    rows: QuerySet[Any] = ledger.model._default_manager.all()
    names = reference_fields(ledger)
    return rows.select_related(*names) if names else rows


def reference_fields(ledger: Ledger) -> list[str]:
    """Return the names of the columns that point to entries of other tables."""
    columns = [ledger.model._meta.get_field(column.field) for column in ledger.columns]
    return [column.name for column in columns if isinstance(column, ForeignKey)]


def targets(ledger: Ledger, name: str) -> "QuerySet[Any]":
    """Return the open entries that a column may point to."""
    rows: QuerySet[Any] = ledger.model._meta.get_field(name).related_model._default_manager.all()
    open_rows = rows.filter(closed_at=None) if hasattr(rows.model, "closed_at") else rows
    return open_rows.filter(struck_at=None) if issubclass(rows.model, BookEntry) else open_rows


def target_names(target: Any) -> Sequence[str]:
    """Return what an entry that a column points to is called: first as it is written.

    Names repeat in a book, so there the number is written before the name; either alone is understood too.
    """
    known = books() if isinstance(target, BookEntry) else []
    ledger = next((one for one in known if one.model is type(target)), None)
    if ledger is None:
        return (str(target),)
    number = number_of(ledger, target.number)
    return (f"{number} {target}", number, str(target))


def choices_of(ledger: Ledger, name: str) -> list[tuple[str, Any]]:
    """Return what a column can be narrowed to: each value with its label."""
    of_model = ledger.model._meta.get_field(name)
    if isinstance(of_model, ForeignKey):
        return [(str(row.pk), target_names(row)[0]) for row in targets(ledger, name)[:_MOST_CHOICES]]
    return [(str(value), label) for value, label in of_model.flatchoices]


def snapshot(ledger: Ledger, entry: BookEntry) -> dict[str, Json]:
    """Return the entry's columns as JSON: what the register writes before and after a change."""
    return {column.field: plain_value(getattr(entry, column.field)) for column in ledger.columns}


def plain_value(value: Any) -> Json:
    """Return a value of an entry as JSON."""
    match value:
        case "":
            return None  # an empty text and none at all are the same to a reader
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case Model():
            return target_names(value)[0]
    return str(value)


def shown_value(entry: Any, name: str) -> Any:
    """Return a value of an entry as people read it: of a choice, its label."""
    display = getattr(entry, f"get_{name}_display", None)
    value = display() if display else getattr(entry, name)
    return target_names(value)[0] if isinstance(value, BookEntry) else value


def subject_ref(ledger: Ledger, entry: BookEntry) -> SubjectRef:
    """Return how the register names the entry."""
    label = f"{number_of(ledger, entry.number)} {entry}"[:200]
    return SubjectRef(subject_kind(ledger), str(entry.pk), label)


def subject_kind(ledger: Ledger) -> str:
    """Return as what the register knows the entries of a ledger."""
    return str(ledger.model.__name__.lower())
