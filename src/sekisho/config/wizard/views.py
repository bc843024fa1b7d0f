"""The questions of the first steps whose answers go into the ledgers of the estate: one page, one question."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.config.processes.worker import run_soon
from sekisho.config.wizard import forms
from sekisho.config.wizard.entering import Entered, enter_lines, enter_systems, open_entries
from sekisho.config.wizard.offers import LINES, same_line, same_system, usual_systems
from sekisho.config.wizard.pages import wizard_page
from sekisho.config.wizard.progress import (
    Place,
    leave_out,
    left_out,
    note_entered,
    progress,
    put_off,
    systems_without_a_line,
)
from sekisho.estate.actions import EstateAction
from sekisho.estate.errors import EntryInvalid
from sekisho.estate.ledgers import FACILITY, LINKS, SYSTEMS, VENDORS
from sekisho.estate.queries import facility
from sekisho.estate.services import add_entry, change_entry
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_JUDGE = "governance.judge"


@require_safe
@allow(EstateAction.ADD)
def start(request: Request) -> HttpResponse:
    """Go on where the first steps were left."""
    return redirect(progress(request).next.url)


@require_POST
@allow(EstateAction.ADD)
def later(request: Request, place: str) -> HttpResponse:
    """Put a step off and go on to the one after it."""
    if place not in set(Place) - {Place.READY}:
        raise NotFound
    put_off(request, Place(place))
    return redirect(Place(place).after.url)


@require_http_methods(_METHODS)
@allow(EstateAction.ADD)
def ask_facility(request: Request) -> HttpResponse:
    """Ask which facility this is."""
    form = forms.facility_form(forms.FACILITY_FIELDS, _typed(request), facility())
    if _is_stored(request, form):
        return _judged_soon(request, Place.FACILITY.after.url)
    return wizard_page(request, Place.FACILITY, {"form": form}, _status([form]))


@require_http_methods(_METHODS)
@allow(EstateAction.ADD)
def ask_contract(request: Request) -> HttpResponse:
    """Ask whose duty the security updates are; the answer is followed by what it means, on the same page."""
    present = facility()
    if present is None:
        return wizard_page(request, Place.CONTRACT, {"form": None})
    form = forms.contract_form(_typed(request), present)
    if _is_stored(request, form, fallback=forms.CONTRACT_FIELDS[-1]):
        return _judged_soon(request, f"{Place.CONTRACT.url}#what-follows")
    stored = facility() or present
    context = {
        "form": form,
        "duty": stored.update_duty,
        "clause": stored.update_duty_clause,
        "vendors": [vendor.name for vendor in open_entries(VENDORS)],
    }
    return wizard_page(request, Place.CONTRACT, context, _status([form]))


def _judged_soon(request: Request, address: str) -> HttpResponse:
    """Go on to ``address``; what was entered is judged meanwhile, so that the result is there with the last answer."""
    note_entered(request)
    run_soon(_JUDGE)
    return redirect(address)


def _typed(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _status(shown: Iterable[Any]) -> int:
    return 422 if any(form.is_bound and form.errors for form in shown) else 200


def _is_stored(request: Request, form: "ModelForm[Any]", fallback: str | None = None) -> bool:
    """Store what was typed about the facility; False when nothing was, and then the form says why."""
    if not form.is_valid():
        return False
    try:
        _store(request, form)
    except EntryInvalid as error:
        for field, texts in error.faults.items():
            form.add_error(field if field in form.fields else fallback, texts)
    except Conflict as error:
        form.add_error(None, str(error))
        if stored := facility():
            offer_again(form, stored.version)
    return not form.errors


def _store(request: Request, form: "ModelForm[Any]") -> None:
    present, values = facility(), form.cleaned_data
    if present is None:
        add_entry(actor=request.actor, ledger=FACILITY, values=values)
    elif form.has_changed():
        version = values["version"]
        change_entry(actor=request.actor, ledger=FACILITY, entry_id=present.pk, version=version, values=values)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on offer: with the entry that is registered already, or else with the row to tick."""

    offer: Any
    entry: Any | None
    row: forms.Row | None


def _items(
    offers: Iterable[Any],
    same: Callable[[Any, Sequence[Any]], Any],
    row: Callable[..., forms.Row],
    entries: Any,
    data: Any,
) -> list[Item]:
    found = [(offer, same(offer, entries)) for offer in offers]
    return [Item(offer, entry, None if entry else row(offer, data)) for offer, entry in found]


@require_http_methods(_METHODS)
@allow(EstateAction.ADD)
def ask_systems(request: Request) -> HttpResponse:
    """Ask which of the usual systems there are."""
    here, registered = facility(), list(open_entries(SYSTEMS))
    groups = [
        _items(offers, same_system, forms.SystemRow, registered, _typed(request))
        for offers in usual_systems(here.kind if here else "")
    ]
    items = [item for group in groups for item in group]
    rows = [item.row for item in items if isinstance(item.row, forms.SystemRow)]
    chosen, problem = [row for row in rows if row.is_chosen], ""
    if request.method == "POST" and forms.are_valid(rows):
        if not chosen and not any(item.entry for item in items):
            problem = _("Nothing is ticked. Tick what there is, or put the question off with “Later”.")
        elif entered := _entered(
            rows, lambda: enter_systems(actor=request.actor, picks=[row.pick() for row in chosen])
        ):
            _tell(request, entered, _repeated(request, items))
            return _judged_soon(request, Place.SYSTEMS.after.url)
    context = {
        "usual": groups[0],
        "others": groups[1],
        "others_open": any(item.row and item.row.is_chosen for item in groups[1]),
        "vendors": [vendor.name for vendor in open_entries(VENDORS)],
        "faulty": [row for row in rows if row.is_bound and row.errors],
        "problem": problem,
    }
    return wizard_page(request, Place.SYSTEMS, context, 422 if problem else _status(rows))


@require_http_methods(_METHODS)
@allow(EstateAction.ADD)
def ask_lines(request: Request) -> HttpResponse:
    """Ask which of the usual lines there are; one whose kind is not known is left out, and that is said."""
    items = _items(LINES, same_line, forms.LineRow, list(open_entries(LINKS)), _typed(request))
    rows = [item.row for item in items if isinstance(item.row, forms.LineRow)]
    problem = ""
    if request.method == "POST" and forms.are_valid(rows):
        unknown = [row for row in rows if row.is_left_out]
        picks = [row.pick() for row in rows if row.is_chosen and row not in unknown]
        if not picks and not unknown and not any(item.entry for item in items):
            problem = _("Nothing is ticked. Tick what there is, or put the question off with “Later”.")
        elif entered := _entered(rows, lambda: enter_lines(actor=request.actor, picks=picks)):
            if unknown:
                leave_out(request, [row.offer.key for row in unknown])
                put_off(request, Place.LINES)  # otherwise the same question would come back at once
            _tell(request, entered, _repeated(request, items))
            return _judged_soon(request, Place.LINES.after.url)
    context = {
        "usual": items,
        "left_out": left_out(request),
        "unlined": systems_without_a_line(),
        "faulty": [row for row in rows if row.is_bound and row.errors],
        "problem": problem,
    }
    return wizard_page(request, Place.LINES, context, 422 if problem else _status(rows))


def _entered(rows: Sequence[forms.Row], enter: Callable[[], Entered]) -> Entered | None:
    """Return what was entered; None when something was refused, and then its row says why."""
    try:
        return enter()
    except EntryInvalid as error:
        forms.show_row_faults(rows, error)
        return None


def _repeated(request: Request, items: Iterable[Item]) -> list[str]:
    """Return what was ticked in an old page although it is registered by now."""
    return [str(item.entry) for item in items if item.entry and f"{item.offer.key}-chosen" in request.POST]


def _tell(request: Request, entered: Entered, repeated: Sequence[str]) -> None:
    if entered.added:
        messages.success(request, _("Added: %(names)s") % {"names": _(", ").join(entered.added)})
    if known := [*entered.known, *repeated]:
        messages.info(request, _("Registered already, left as it is: %(names)s") % {"names": _(", ").join(known)})
