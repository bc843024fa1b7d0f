"""Reading the lists of the estate: their entries, one entry, what points to it, how many there are."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, ForeignKey, QuerySet, Value

from sekisho.estate.models import Department, Endpoint, Entry, Facility, Layer, Link, System, Vendor
from sekisho.kernel import registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Usage
from sekisho.kernel.search import search_words
from sekisho.ledgers.queries.book_values import Value as Cell
from sekisho.ledgers.queries.book_values import value_reader
from sekisho.ledgers.queries.books import books
from sekisho.register.rules import SubjectRef

PAGE_SIZE = 50


def facility() -> Facility | None:
    """Return the facility, None before it was entered."""
    return Facility.objects.first()


def entries(ledger: Ledger, text: str = "", *, closed: bool = False, page: int = 1) -> "Page[Any]":
    """Return one page of a ledger's open (or closed) entries that hold every word of ``text``, by name."""
    return Paginator(_found(ledger, text, closed=closed), PAGE_SIZE).get_page(page)


def cells(ledger: Ledger, text: str = "", *, closed: bool = False) -> Iterator[Sequence[Cell]]:
    """Yield the cells of every entry that the list shows, column by column: what a file holds of them."""
    read = value_reader(ledger)
    for entry in _found(ledger, text, closed=closed).iterator(chunk_size=500):
        yield [value for _name, value in read(entry)]


def _found(ledger: Ledger, text: str, *, closed: bool) -> "QuerySet[Any]":
    rows = _related(ledger).filter(closed_at__isnull=not closed)
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    return rows.order_by(*_order(ledger))


def open_entries(ledger: Ledger) -> Sequence[Any]:
    """Return every open entry of a ledger, by name: for what is printed whole."""
    return list(_related(ledger).filter(closed_at=None).order_by(*_order(ledger)))


def get_entry(ledger: Ledger, entry_id: UUID) -> Entry:
    """Return one entry of ``ledger``. Raises NotFound."""
    entry: Entry | None = _related(ledger).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def _related(ledger: Ledger) -> "QuerySet[Any]":
    rows: QuerySet[Any] = ledger.model._default_manager.all()
    names = reference_fields(ledger.model)
    return rows.select_related(*names) if names else rows


def reference_fields(entry: Entry | type[Entry]) -> list[str]:
    """Return the names of the fields that point to other entries."""
    return [field.name for field in entry._meta.concrete_fields if isinstance(field, ForeignKey)]


def _order(ledger: Ledger) -> tuple[str, ...]:
    names = {field.name for field in ledger.model._meta.concrete_fields}
    return ("kana", "name") if "kana" in names else ("name",) if "name" in names else ("id",)


def snapshot(ledger: Ledger, entry: Entry) -> dict[str, Json]:
    """Return the entry's columns as JSON: what the register writes before and after a change."""
    return {column.field: _plain(getattr(entry, column.field)) for column in ledger.columns}


def _plain(value: Any) -> Json:
    match value:
        case "":
            return None  # an empty text and none at all are the same to a reader
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
    return str(value)


def subject_ref(ledger: Ledger, entry: Entry) -> SubjectRef:
    """Return how the register names the entry."""
    return SubjectRef(type(entry).__name__.lower(), str(entry.pk), str(entry))


def users_of(entry: Entry) -> Sequence[str]:
    """Return the names of what still uses ``entry``: open entries that point to it, books, what higher rooms know of.

    A system's own layers do not count: they close with it.
    """
    kind = type(entry).__name__.lower()
    offers = registry.current().offers(Usage)  # type: ignore[type-abstract]  # a port is asked for by its protocol
    names = [name for usage in offers for name in usage.users_of(kind, str(entry.pk))]
    for relation in entry._meta.related_objects:
        model = relation.related_model
        if issubclass(model, Entry) and not (isinstance(entry, System) and model is Layer):
            rows = model._default_manager.filter(**{relation.field.name: entry}, closed_at=None)
            names += [str(row) for row in rows[:10]]
    return list(dict.fromkeys([*names, *_in_books(entry)]))


def _in_books(entry: Entry) -> Iterator[str]:
    """Yield the entries in use of every working book, whichever room declares it, that point to ``entry``."""
    for ledger in books():
        for column in ledger.columns:
            field = ledger.model._meta.get_field(column.field)
            if isinstance(field, ForeignKey) and field.related_model is type(entry):
                rows = ledger.model._default_manager.filter(**{field.name: entry}, closed_at=None, struck_at=None)
                yield from map(str, rows.order_by("number")[:10])


def layers_of(system: System) -> Sequence[Layer]:
    """Return the layers of a system, from the user's side to the network."""
    return list(system.layers.select_related("vendor", "system").order_by("id"))


def endpoints_of(system: System) -> Sequence[Endpoint]:
    """Return the open endpoints of a system."""
    return list(system.endpoints.filter(closed_at=None).order_by("host", "port"))


def department_names() -> Sequence[tuple[UUID, str]]:
    """Return the open departments for choosing one."""
    return [(row.pk, row.name) for row in Department.objects.filter(closed_at=None).order_by("kana", "name")]


def counts() -> dict[str, int]:
    """Return how many open entries each ledger of the estate holds, by slug; one read."""
    models = {"systems": System, "endpoints": Endpoint, "links": Link, "vendors": Vendor, "departments": Department}
    open_rows = [
        model._default_manager.filter(closed_at=None).order_by().values(slug=Value(name)).annotate(number=Count("pk"))
        for name, model in models.items()
    ]
    found = open_rows[0].union(*open_rows[1:], all=True)  # a ledger without entries gives no row
    return dict.fromkeys(models, 0) | {row["slug"]: row["number"] for row in found}
