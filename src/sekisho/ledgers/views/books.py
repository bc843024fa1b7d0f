"""The addresses, navigation and API operations of every ledger of a room, from the declarations alone."""

from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Group, Ledger, Page
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.queries.books import action_of, slug_of
from sekisho.ledgers.queries.no_cases import can_be_empty
from sekisho.ledgers.views import (
    book_bulk,
    book_export,
    book_files,
    book_import,
    book_index,
    book_lines,
    book_reading,
    book_views,
    book_writing,
    no_cases,
)
from sekisho.ui.request import Request

_ONE = "<uuid:entry_id>/"
_form = require_http_methods(["GET", "HEAD", "POST"])
_Route = tuple[str, str, Verb, Callable[..., Any], Callable[..., HttpResponse]]
_ROUTES: tuple[_Route, ...] = (
    ("", "list", Verb.VIEW, require_safe, book_reading.list_entries),
    ("new/", "new", Verb.ADD, _form, book_writing.add_entry),
    ("import/", "import", Verb.IMPORT, _form, book_import.read_file),
    ("import/<uuid:draft_id>/", "take-over", Verb.IMPORT, _form, book_import.take_over),
    ("export.xlsx", "xlsx", Verb.VIEW, require_safe, book_export.workbook),
    ("export.csv", "csv", Verb.VIEW, require_safe, book_export.csv_file),
    ("export.pdf", "pdf", Verb.VIEW, require_safe, book_export.pdf),
    ("rights/", "rights", Verb.VIEW, require_safe, book_index.show_rights),
    ("bulk/", "bulk", Verb.CHANGE, _form, book_bulk.edit_chosen),
    ("views/", "views", Verb.VIEW, require_POST, book_views.keep),
    ("views/<uuid:view_id>/remove/", "view-remove", Verb.VIEW, _form, book_views.remove),
    (_ONE, "entry", Verb.VIEW, require_safe, book_reading.show_entry),
    (f"{_ONE}change/", "change", Verb.CHANGE, _form, book_writing.change_entry),
    (f"{_ONE}confirm/", "confirm", Verb.CONFIRM, require_POST, book_writing.confirm_entry),
    (f"{_ONE}close/", "close", Verb.CLOSE, _form, book_writing.close_entry),
    (f"{_ONE}strike/", "strike", Verb.STRIKE, _form, book_writing.strike_entry),
    (f"{_ONE}reopen/", "reopen", Verb.REOPEN, _form, book_writing.reopen_entry),
    (f"{_ONE}files/", "attach", Verb.ATTACH, require_POST, book_files.attach),
    (f"{_ONE}files/<uuid:file_id>/", "file", Verb.VIEW, require_safe, book_files.download),
    (f"{_ONE}files/<uuid:file_id>/withdraw/", "detach", Verb.DETACH, _form, book_files.withdraw),
)
_WHERE_EMPTY: tuple[_Route, ...] = (("no-case/", "no-case", Verb.ADD, _form, no_cases.state),)

_WITH_LINES: tuple[_Route, ...] = (("standard-lines/", "standard-lines", Verb.ADD, _form, book_lines.lay_out),)


def declared_books(declarations: ModuleType) -> list[Ledger]:
    """Return the working books that a room's ``ledgers`` module declares, in their order."""
    found = [thing for thing in vars(declarations).values() if isinstance(thing, Ledger)]
    return [ledger for ledger in found if ledger.actions is not None]


def book_addresses(books: Iterable[Ledger]) -> list[URLPattern]:
    """Return every address of ``books``; each is open to whoever that ledger's own action names."""
    return [address for ledger in books for address in _addresses(ledger)]


def _addresses(ledger: Ledger) -> Iterator[URLPattern]:
    room, slug = ledger.id.split(".")
    for tail, name, verb, methods, view in _routes(ledger):
        guarded = methods(allow(action_of(ledger, verb))(_of(ledger, view)))
        yield path(f"{room}/{slug}/{tail}", guarded, name=slug if name == "list" else f"{slug}-{name}")


def _routes(ledger: Ledger) -> tuple[_Route, ...]:
    found = _ROUTES + _WHERE_EMPTY if can_be_empty(ledger) else _ROUTES
    return found + _WITH_LINES if ledger.standard_lines[0] else found


def _of(ledger: Ledger, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def page(request: Request, **place: Any) -> HttpResponse:
        return view(request, ledger, **place)

    return page


def rights_of(ledger: Ledger) -> list[tuple[str, str, Verb]]:
    """Return method, address and verb of everything a ledger offers, for the table of who gets in where."""
    room, slug = ledger.id.split(".")
    return [
        ("POST" if methods is require_POST else "GET", f"/{room}/{slug}/{tail}", verb)
        for tail, _name, verb, methods, _view in _routes(ledger)
    ]


def book_pages(books: Iterable[Ledger]) -> tuple[Page, ...]:
    """Return the entries of the navigation of the books that ask for one; all others are on the page of all ledgers."""
    return tuple(
        Page(
            ledger.id,
            ledger.title,
            f"{ledger.id.split('.')[0]}:{slug_of(ledger)}",
            ledger.group or Group.SETTINGS,
            action_of(ledger, Verb.VIEW),
            order=50 + place,
        )
        for place, ledger in enumerate(books)
        if ledger.in_navigation
    )
