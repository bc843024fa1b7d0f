"""The one router of governance: what is registered under it is checked for its mark when Sekisho starts."""

from ninja import Router

from sekisho.governance import ledgers
from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books

router = Router(tags=["governance"])
router.add_router("", book_router("governance", declared_books(ledgers)))
