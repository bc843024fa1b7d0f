"""The API operation of every ledger: its list, searched, narrowed, sorted and paged as on the page."""

from collections.abc import Callable, Iterable
from typing import Any

from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.books import action_of, number_of, page_of, slug_of, snapshot
from sekisho.ledgers.views.book_reading import look_of
from sekisho.ui.request import Request


class BookPage(Schema):
    """One page of a ledger's entries."""

    count: int
    page: int
    pages: int
    entries: list[dict[str, Any]]


def book_router(room: str, books: Iterable[Ledger]) -> Router:
    """Return the operations of a room's ledgers, each open to whoever may look at that ledger."""
    router = Router(tags=[room])
    for ledger in books:
        slug = slug_of(ledger)
        guarded = allow(action_of(ledger, Verb.VIEW))(_list(ledger))
        router.get(f"/{slug}", response=BookPage, operation_id=f"{room}_{slug}")(guarded)
    return router


def _list(ledger: Ledger) -> Callable[..., BookPage]:
    def entries(request: Request, page: int = 1) -> BookPage:
        """List the entries of one ledger. ``q``, ``shelf``, ``order`` and its filters work as on the page."""
        found = page_of(ledger, look_of(ledger, request.GET), page)
        rows = [_entry(ledger, row) for row in found.object_list]
        return BookPage(count=found.paginator.count, page=found.number, pages=found.paginator.num_pages, entries=rows)

    return entries


def _entry(ledger: Ledger, entry: BookEntry) -> dict[str, Any]:
    ended = entry.ended_at.isoformat() if entry.ended_at else None
    own = {"id": str(entry.pk), "number": number_of(ledger, entry.number), "version": entry.version, "ended_at": ended}
    return {**own, "confirmed_at": entry.confirmed_at.isoformat(), **snapshot(ledger, entry)}
