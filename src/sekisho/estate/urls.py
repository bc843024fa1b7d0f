"""Addresses of the estate: the same set for every ledger."""

from collections.abc import Iterator

from django.urls import URLPattern, path

from sekisho.estate import ledgers
from sekisho.estate.actions import EstateAction
from sekisho.estate.views import reading, taking, writing
from sekisho.kernel.declarations import Group, Ledger, Page
from sekisho.ledgers.views.books import book_addresses, declared_books

app_name = "estate"


def _addresses(slug: str, ledger: Ledger) -> Iterator[URLPattern]:
    kwargs, base = {"slug": slug}, f"estate/{slug}/"
    yield path(base, reading.list_entries, kwargs, name=slug)
    yield path(f"{base}<uuid:entry_id>/", reading.show_entry, kwargs, name=f"{slug}-entry")
    yield path(f"{base}<uuid:entry_id>/change/", writing.change_entry, kwargs, name=f"{slug}-change")
    if ledger is not ledgers.LAYERS:
        yield path(f"{base}new/", writing.add_entry, kwargs, name=f"{slug}-new")
    if not ledger.model.fixed:
        yield path(f"{base}export.xlsx", taking.workbook, kwargs, name=f"{slug}-xlsx")
        yield path(f"{base}export.csv", taking.csv_file, kwargs, name=f"{slug}-csv")
        yield path(f"{base}<uuid:entry_id>/close/", writing.close_entry, kwargs, name=f"{slug}-close")
        yield path(f"{base}<uuid:entry_id>/reopen/", writing.reopen_entry, kwargs, name=f"{slug}-reopen")


urlpatterns = [address for slug, ledger in ledgers.BY_SLUG.items() for address in _addresses(slug, ledger)]
urlpatterns += book_addresses(declared_books(ledgers))
pages = tuple(
    Page(ledger.id, ledger.title, f"estate:{slug}", group, EstateAction.VIEW, order)
    for slug, ledger, group, order in (
        ("systems", ledgers.SYSTEMS, Group.SERVER, 10),
        ("layers", ledgers.LAYERS, Group.SERVER, 15),
        ("vendors", ledgers.VENDORS, Group.SERVER, 20),
        ("endpoints", ledgers.ENDPOINTS, Group.INFRASTRUCTURE, 10),
        ("links", ledgers.LINKS, Group.INFRASTRUCTURE, 20),
        ("facility", ledgers.FACILITY, Group.SETTINGS, 10),
        ("sites", ledgers.SITES, Group.SETTINGS, 20),
        ("departments", ledgers.DEPARTMENTS, Group.SETTINGS, 30),
    )
)
