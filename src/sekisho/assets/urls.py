"""Addresses of the assets: those of its ledgers, stocktakes and labels."""

from django.urls import path

from sekisho.assets import ledgers
from sekisho.assets.actions import ScreenLockAction, StocktakeAction
from sekisho.assets.views import labels, scanning, screen_locks, settling, stocktake_papers, stocktakes
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.ledgers.views.books import book_addresses, book_pages, declared_books

app_name = "assets"
_STOCKTAKE = "assets/stocktakes/<uuid:stocktake_id>/"
urlpatterns = [
    *book_addresses(declared_books(ledgers)),
    path("assets/stocktakes/", stocktakes.list_stocktakes, name="stocktakes"),
    path("assets/stocktakes/new/", stocktakes.begin, name="stocktake-new"),
    path(_STOCKTAKE, stocktakes.show, name="stocktake"),
    path(f"{_STOCKTAKE}scan/", scanning.scan, name="stocktake-scan"),
    path(f"{_STOCKTAKE}scans/<uuid:scan_id>/undo/", scanning.undo, name="stocktake-undo"),
    path(f"{_STOCKTAKE}lines/<uuid:line_id>/", settling.settle, name="stocktake-line"),
    path(f"{_STOCKTAKE}close/", stocktakes.close, name="stocktake-close"),
    path(f"{_STOCKTAKE}cancel/", stocktakes.cancel, name="stocktake-cancel"),
    path(f"{_STOCKTAKE}summary.pdf", stocktake_papers.summary_pdf, name="stocktake-pdf"),
    path(f"{_STOCKTAKE}summary.xlsx", stocktake_papers.summary_xlsx, name="stocktake-xlsx"),
    path("assets/screen-locks/", screen_locks.list_groups, name="screen-locks"),
    path("assets/screen-locks/<str:group_id>/", screen_locks.show, name="screen-lock"),
    path("assets/screen-locks/<str:group_id>/hand-in/", screen_locks.hand_in, name="screen-lock-hand-in"),
    path("assets/screen-locks/<str:group_id>/bound/", screen_locks.settle_bound, name="screen-lock-bound"),
    path("assets/labels/", labels.choose, name="labels"),
    path("assets/labels.pdf", labels.labels_pdf, name="labels-pdf"),
]
pages = (
    *book_pages(declared_books(ledgers)),
    Page("assets.stocktakes", _("Stocktakes"), "assets:stocktakes", Group.CLIENT, StocktakeAction.VIEW, order=70),
    Page(
        "assets.screen_locks", _("Screen locks"), "assets:screen-locks", Group.CLIENT, ScreenLockAction.VIEW, order=75
    ),
)
