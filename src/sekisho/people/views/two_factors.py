"""The two-factor map: where every system stands, layer by layer, and how many days are left."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.queries.books import action_of
from sekisho.people.ledgers.two_factors import TWO_FACTORS
from sekisho.people.queries.people import today
from sekisho.people.queries.two_factors import MapRow, counts, two_factor_map
from sekisho.people.rules.two_factors import REFERENCE_DATE, Judgement, MapLayer, Standing
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_PAGE = 50
_KINDS = {
    Standing.OUT: Kind.NEUTRAL,
    Standing.LEAVING: Kind.INFO,
    Standing.HELD: Kind.OK,
    Standing.SUBSTITUTE: Kind.OK,
    Standing.DEFERRED: Kind.WARN,
    Standing.LACKING: Kind.NG,
    Standing.UNKNOWN: Kind.UNKNOWN,
}


@require_safe
@allow(action_of(TWO_FACTORS, Verb.VIEW))
def show_map(request: Request) -> HttpResponse:
    """Show every system with the standing of its layers."""
    rows = two_factor_map()
    held, inside = counts(rows)
    pages = max(1, -(-len(rows) // _PAGE))
    page = min(page_number(request.GET), pages)
    titles = (
        _("Clients (application)"),
        _("Servers (operating system)"),
        "VPN",
        _("Whole system"),
        _("Next renewal on"),
    )
    context = {
        "page_title": _("Two-factor map"),
        "columns": [
            TableColumn(_("System"), is_row_heading=True),
            *(TableColumn(title) for title in titles),
            TableColumn(_("What is lacking"), Align.WIDE),
        ],
        "rows": [_line(row) for row in rows[(page - 1) * _PAGE : page * _PAGE]],
        "page": PagePosition(page, pages, len(rows)),
        "held": held,
        "inside": inside,
        "days_left": (REFERENCE_DATE - today()).days,
        "reference_date": REFERENCE_DATE,
    }
    return render(request, "people/two_factors.html", context)


def _line(row: MapRow) -> list[object]:
    name = Link(row.system.label, f"{reverse('people:two_factors')}?system={row.system.id}")
    layers = [_badge(row.layers[layer]) for layer in MapLayer]
    lacks = [str(text) for found in row.layers.values() if found.standing is Standing.LACKING for text in found.said]
    return [name, *layers, _badge(row.whole), row.renewal_on, " ".join(lacks)]


def _badge(found: Judgement) -> Badge:
    return Badge(_KINDS[found.standing], found.standing.label)
