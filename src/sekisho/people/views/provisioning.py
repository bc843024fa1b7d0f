"""Staff, accounts and rights for other systems: what there is, and the files to take away."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import ProvisioningAction
from sekisho.people.queries.provisioning import Row, count_of
from sekisho.people.rules.provisioning import TITLES, Listing, Value, plain
from sekisho.people.services.provisioning import hand_out
from sekisho.people.views.tables_out import TableOut, send_table
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell

_CSV, _XLSX = "csv", "xlsx"


@require_safe
@allow(ProvisioningAction.HAND_OUT)
def show(request: Request) -> HttpResponse:
    """Show which lists there are, how long they are, and where programs ask."""
    context = {
        "page_title": _("Staff for other systems"),
        "lists": [(one.value, one.label, count_of(one), ", ".join(one.columns)) for one in Listing],
        "scim": f"{settings.ORIGIN}{reverse('people:scim-users').removesuffix('/Users')}",
        "action": ProvisioningAction.FETCH,
    }
    return render(request, "people/provisioning.html", context)


@require_POST
@allow(ProvisioningAction.HAND_OUT)
def download(request: Request, listing: str, ending: str) -> HttpResponse:
    """Return a list as a file; that it was taken is recorded. Raises NotFound."""
    if listing not in set(Listing) or ending not in {_CSV, _XLSX}:
        raise NotFound
    wanted, as_csv = Listing(listing), ending == _CSV
    rows = hand_out(actor=request.actor, listing=wanted, as_csv=as_csv)
    # A program reads the CSV: its headings and values are the same in every language.
    head = wanted.columns if as_csv else [str(title) for title in TITLES[wanted].values()]
    stem = f"{wanted.value}-for-systems"
    table = TableOut(str(wanted.label), stem, head, [_plain(row) if as_csv else _cells(row) for row in rows])
    return send_table(request, table, as_csv=as_csv)


def _plain(row: Row) -> list[Cell]:
    return [plain(value) for value in row]


def _cells(row: Row) -> list[Cell]:
    return [_cell(value) for value in row]


def _cell(value: Value) -> Cell:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value
