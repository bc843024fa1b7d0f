"""Addresses of the assets: those of its ledgers."""

from sekisho.assets import ledgers
from sekisho.ledgers.views.books import book_addresses, book_pages, declared_books

app_name = "assets"
urlpatterns = book_addresses(declared_books(ledgers))
pages = book_pages(declared_books(ledgers))
