"""Addresses of applications and approvals."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.views import applying, book_index, deciding, delegating, drafts, reading

app_name = "ledgers"
_ONE = "applications/<uuid:application_id>/"
urlpatterns = [
    path("ledgers/", book_index.list_books, name="books"),
    path("applications/", reading.list_applications, name="list"),
    path(_ONE, reading.show_application, name="application"),
    path(f"{_ONE}files/<int:number>/<int:place>/", reading.download_file, name="file"),
    path(f"{_ONE}approve/", deciding.approve, name="approve"),
    path(f"{_ONE}send-back/", deciding.send_back, name="send-back"),
    path(f"{_ONE}withdraw/", deciding.withdraw, name="withdraw"),
    path(f"{_ONE}revoke/", deciding.revoke, name="revoke"),
    path(f"{_ONE}comment/", deciding.comment, name="comment"),
    path(f"{_ONE}entry/", applying.amend_entry, name="amend-entry"),
    path("applications/entries/<str:ledger_id>/<uuid:entry_id>/", applying.apply_for_entry, name="apply"),
    path("applications/drafts/", drafts.list_drafts, name="drafts"),
    path("applications/drafts/<uuid:draft_id>/discard/", drafts.drop_draft, name="drop-draft"),
    path("applications/delegations/", delegating.list_delegations, name="delegations"),
    path("applications/delegations/new/", delegating.delegate, name="delegate"),
    path("applications/delegations/<uuid:delegation_id>/end/", delegating.end_delegation, name="end-delegation"),
]
pages = (
    Page("ledgers.list", _("Applications and approvals"), "ledgers:list", Group.WORK, LedgersAction.VIEW, order=20),
    Page("ledgers.books", _("Ledgers"), "ledgers:books", Group.WORK, LedgersAction.LOOK, order=25),
)
