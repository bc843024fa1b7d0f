"""API operations of the estate."""

from typing import Any

from ninja import Schema

from sekisho.estate import ledgers, queries
from sekisho.estate.actions import EstateAction
from sekisho.estate.ledgers import BY_SLUG
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books
from sekisho.ui.request import Request

# The books come first: the address of a list takes any word.
router = book_router("estate", declared_books(ledgers))


class EntryPage(Schema):
    """One page of a ledger's open entries."""

    count: int
    page: int
    pages: int
    entries: list[dict[str, Any]]


@router.get("/{slug}", response=EntryPage, operation_id="estate_entries")
@allow(EstateAction.VIEW)
def entries(request: Request, slug: str, page: int = 1, text: str = "") -> EntryPage:
    """List the open entries of one ledger: facility, sites, departments, vendors, systems, layers, endpoints, links."""
    ledger = BY_SLUG.get(slug)
    if ledger is None:
        raise NotFound
    found = queries.entries(ledger, text, page=page)
    rows = [{"id": str(row.pk), "version": row.version, **queries.snapshot(ledger, row)} for row in found.object_list]
    return EntryPage(count=found.paginator.count, page=found.number, pages=found.paginator.num_pages, entries=rows)
