"""The keys of all staff: SSH keys and passkeys on one list, as a page and as a file."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow
from sekisho.people.actions import SshKeyAction
from sekisho.people.queries.staff_keys import StaffKey, staff_keys
from sekisho.people.views.tables_out import TableOut, send_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell

_PAGE = 50


@require_safe
@allow(SshKeyAction.VIEW)
def list_keys(request: Request) -> HttpResponse:
    """Show every key in use of people who work here."""
    rows = staff_keys()
    pages = max(1, -(-len(rows) // _PAGE))
    page = min(page_number(request.GET), pages)
    person, *titles = _titles()
    context = {
        "page_title": _("Keys of the staff"),
        "columns": [TableColumn(person, Align.NAME, is_row_heading=True), *(TableColumn(title) for title in titles)],
        "rows": [_line(row) for row in rows[(page - 1) * _PAGE : page * _PAGE]],
        "page": PagePosition(page, pages, len(rows)),
        "any": bool(rows),
    }
    return render(request, "people/staff_keys.html", context)


def _titles() -> Sequence[str]:
    return (
        _("Person"),
        _("Department"),
        _("Kind"),
        _("Name of the key"),
        _("Kind of SSH key, or AAGUID"),
        _("Where it is kept"),
        _("Added"),
        _("Last used"),
        _("Fingerprint"),
    )


def _kind(row: StaffKey) -> str:
    return _("SSH") if row.is_ssh else _("Passkey or security key")


def _model(row: StaffKey) -> str:
    return f"{row.model} ({row.bits})" if row.bits else row.model


def kept_badge(row: StaffKey) -> Badge:
    """Return whether a key can leave its device, as far as the platform can see that."""
    if row.held:
        return Badge(Kind.NG, _("held back: may have been copied"))
    if row.bound is None:
        return Badge(Kind.UNKNOWN, _("a file: copies cannot be seen"))
    if row.bound:
        return Badge(Kind.OK, _("one device"))
    return Badge(Kind.INFO, _("copied between devices") if row.copied else _("can be copied between devices"))


def _used(row: StaffKey) -> object:
    """Return the last use; of SSH keys other systems know it, and nothing stands for it here."""
    return Badge(Kind.UNKNOWN, _("not seen here")) if row.is_ssh else row.used_at


def _line(row: StaffKey) -> list[object]:
    name = Link(row.person, reverse("people:person", args=[row.staff_id]))
    kept = kept_badge(row)
    moments = (row.added_at, _used(row))
    return [name, row.department, _kind(row), row.name, _model(row), kept, *moments, row.fingerprint]


@require_safe
@allow(SshKeyAction.VIEW)
def workbook(request: Request) -> HttpResponse:
    """Return the list as an Excel workbook."""
    return send_table(request, _table(), as_csv=False)


@require_safe
@allow(SshKeyAction.VIEW)
def csv_file(request: Request) -> HttpResponse:
    """Return the list as CSV."""
    return send_table(request, _table(), as_csv=True)


def _table() -> TableOut:
    return TableOut(_("Keys of the staff"), "staff-keys", _titles(), [_cells(row) for row in staff_keys()])


def _cells(row: StaffKey) -> Sequence[Cell]:
    kept = str(kept_badge(row).text)
    used = _("not seen here") if row.is_ssh else row.used_at
    first = (row.person, row.department, _kind(row), row.name, _model(row), kept)
    return (*first, row.added_at, used, row.fingerprint)
