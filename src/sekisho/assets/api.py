"""API operations of the assets: those of its ledgers."""

from sekisho.assets import ledgers
from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books

router = book_router("assets", declared_books(ledgers))
