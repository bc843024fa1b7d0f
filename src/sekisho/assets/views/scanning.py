"""The page on which things are counted: one field for the code, one for the place, the answer at once."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.assets.actions import StocktakeAction
from sekisho.assets.forms.stocktaking import PlaceForm, ReadingForm
from sekisho.assets.models import StockReading, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.rules.stocktaking import Result
from sekisho.assets.services.scanning import scan_code, undo_scan
from sekisho.assets.views.stocktake_words import KINDS
from sekisho.assets.views.stocktakes import context_of
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ui.request import Request

# The camera is for this page alone; every other page goes without.
_CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"


@require_http_methods(["GET", "HEAD", "POST"])
@allow(StocktakeAction.SCAN)
def scan(request: Request, stocktake_id: UUID) -> HttpResponse:
    """Count one thing after the other. A script sends the same form and shows the answer without a new page."""
    row = queries.get_stocktake(stocktake_id)
    if row.ended_at is not None and request.method != "POST":
        return redirect("assets:stocktake", row.pk)
    place = request.GET.get("place", row.place)
    form = ReadingForm(request.POST if request.method == "POST" else None, initial={"place": place})
    status = 422 if form.is_bound else 200
    made: StockReading | None = None
    if form.is_bound and form.is_valid():
        try:
            made = scan_code(actor=request.actor, stocktake_id=row.pk, **form.cleaned_data)
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
    script = request.headers.get("HX-Request") == "true"
    if made is not None and not script:
        return redirect(_again(row, made.place, made))
    form.focus()
    found = made or _asked_for(request, row)
    template = "assets/stocktaking/scanned_part.html" if script else "assets/stocktaking/scan.html"
    status = 200 if made is not None else status
    answer = render(request, template, context_of(request, row, **_shown(row, form, found)), status=status)
    answer.headers["Permissions-Policy"] = _CAMERA
    return answer


def _again(row: Stocktake, place: str, made: StockReading | None = None) -> str:
    query = {"place": place, **({"scan": str(made.pk)} if made else {})}
    return f"{reverse('assets:stocktake-scan', args=[row.pk])}?{urlencode(query)}"


def _asked_for(request: Request, row: Stocktake) -> StockReading | None:
    """Return the reading that the address names, if it is the newest that still stands."""
    newest = queries.last_scans(row, 1)
    return newest[0] if newest and str(newest[0].pk) == request.GET.get("scan") else None


def _shown(row: Stocktake, form: ReadingForm, found: StockReading | None) -> dict[str, Any]:
    tallies = queries.tallies(row)
    return {
        "form": form,
        "found": found,
        "found_kind": KINDS[Result(found.result)].value if found else "",
        "found_label": Result(found.result).label if found else "",
        "places": queries.places(row),
        "tallies": [(KINDS[one.result].value, f"{one.result.label} {one.count}") for one in tallies],
        "met": row.expected - next(one.count for one in tallies if one.result is Result.MISSING),
        "place": form["place"].value() or "",
        "scans": [(one, KINDS[Result(one.result)].value, Result(one.result).label) for one in queries.last_scans(row)],
    }


@require_POST
@allow(StocktakeAction.UNDO)
def undo(request: Request, stocktake_id: UUID, scan_id: UUID) -> HttpResponse:
    """Take a reading back and go on in the same place."""
    row = queries.get_stocktake(stocktake_id)
    form = PlaceForm(request.POST)
    place = form.cleaned_data["place"] if form.is_valid() else ""
    try:
        line = undo_scan(actor=request.actor, stocktake_id=row.pk, scan_id=scan_id)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The reading of “%(thing)s” was taken back.") % {"thing": line})
    return redirect(_again(row, place))
