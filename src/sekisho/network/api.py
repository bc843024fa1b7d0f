"""API operations of the network room: those of its ledgers."""

from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books
from sekisho.network import ledgers

router = book_router("network", declared_books(ledgers))
