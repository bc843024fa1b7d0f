"""The page of all ledgers, and the table of who may do what with one."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel.access import GRANTABLE, allow
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.queries.book_conditions import Attention
from sekisho.ledgers.queries.book_index import Standing, by_group, open_books, standing_of
from sekisho.ledgers.queries.books import action_of
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_SHOWN = (Attention.EXPIRED, Attention.STALE, Attention.UNAPPROVED)


@require_safe
@allow(LedgersAction.LOOK)
def list_books(request: Request) -> HttpResponse:
    """Show every ledger that the reader may look at, by group."""
    groups = [
        {"title": group.label, "rows": [_row(standing_of(ledger)) for ledger in ledgers]}
        for group, ledgers in by_group(open_books(request.actor))
    ]
    context = {"page_title": _("Ledgers"), "groups": groups, "columns": _columns()}
    return render(request, "ledgers/book_index.html", context)


def _columns() -> list[TableColumn]:
    return [
        TableColumn(_("Ledger"), is_row_heading=True),
        TableColumn(_("Entries in use"), Align.NUMBER),
        TableColumn(_("Run out"), Align.NUMBER),
        TableColumn(_("Not confirmed in time"), Align.NUMBER),
        TableColumn(_("Not approved"), Align.NUMBER),
        TableColumn(_("Last confirmed"), Align.CODE),
    ]


def _row(standing: Standing) -> Cells:
    url = reverse(route_of(standing.ledger, "list"))
    lacking = [_lacking(url, what, standing) for what in _SHOWN]
    return [Link(standing.ledger.title, url), standing.entries, *lacking, standing.confirmed_at]


def _lacking(url: str, what: Attention, standing: Standing) -> object:
    """Return how many entries lack something, as a link to just those; nothing where it cannot be lacking."""
    if what is Attention.UNAPPROVED and not standing.ledger.workflow:
        return None
    number = standing.lacking[what]
    if not number:
        return 0
    return Link(f"{number:,}", f"{url}?{urlencode({'attention': what.value})}")


def show_rights(request: Request, ledger: Ledger) -> HttpResponse:
    """Show who may do what with a ledger, from its own actions."""
    columns = [TableColumn(_("Role"), is_row_heading=True), *(TableColumn(title) for title in _verbs().values())]
    rows: list[list[object]] = []
    for role in GRANTABLE:
        marks: list[object] = [_mark(role in action_of(ledger, verb).roles) for verb in _verbs()]
        own = _("%(role)s (keeps this ledger)") if role is ledger.owner_role else "%(role)s"
        rows.append([own % {"role": role.label}, *marks])
    context: dict[str, Any] = {"columns": columns, "rows": rows}
    return render(request, "ledgers/book_rights.html", page_context(request, ledger, **context))


def _mark(may: bool) -> object:
    if may:
        return Badge(Kind.OK, _("Permitted"))
    return format_html(
        '<span class="absent"><span aria-hidden="true">―</span><span class="visually-hidden">{}</span></span>',
        _("Not permitted"),
    )


def _verbs() -> dict[Verb, str]:
    return {
        Verb.VIEW: _("Look"),
        Verb.ADD: _("Add"),
        Verb.CHANGE: _("Correct"),
        Verb.CONFIRM: _("Confirm"),
        Verb.CLOSE: _("Close this entry"),
        Verb.REOPEN: _("Reopen"),
        Verb.STRIKE: _("Strike out"),
        Verb.IMPORT: _("Read a file"),
        Verb.ATTACH: _("Attach files"),
        Verb.DETACH: _("Withdraw files"),
    }
