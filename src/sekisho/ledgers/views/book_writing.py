"""Pages that change a ledger: adding and correcting an entry, confirming, closing, reopening and striking it out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import UniqueConstraint
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import EntryEnded, EntryInvalid
from sekisho.ledgers.forms.books import ConfirmForm, EndForm, entry_form
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.book_values import template_of
from sekisho.ledgers.queries.books import get_entry
from sekisho.ledgers.services import books as services
from sekisho.ledgers.views.book_context import facts_of, page_context, route_of
from sekisho.ui.forms import offer_again
from sekisho.ui.parts import Change
from sekisho.ui.request import Request

_FORM = "ledgers/book_form.html"


def add_entry(request: Request, ledger: Ledger) -> HttpResponse:
    """Take in a new entry."""
    posted = request.method == "POST"
    form = entry_form(ledger)(request.POST if posted else None, initial=_begun(request, ledger))
    if posted and form.is_valid():
        try:
            entry = services.add_entry(actor=request.actor, ledger=ledger, values=form.cleaned_data)
        except EntryInvalid as error:
            _show_faults(form, ledger, error)
        else:
            messages.success(request, _("“%(name)s” was added.") % {"name": entry})
            if request.POST.get("then") == "next":
                return redirect(f"{reverse(route_of(ledger, 'new'))}?then=next")
            return redirect(route_of(ledger, "entry"), entry.pk)
    goes_on = "next" in {request.GET.get("then"), request.POST.get("then")}
    return render(request, _FORM, page_context(request, ledger, form=form, goes_on=goes_on), status=_status(form))


def _begun(request: Request, ledger: Ledger) -> dict[str, Any]:
    """Return what a new entry begins with: what the address says, or what it shares with the entry it is to be like."""
    asked = request.GET.dict()
    try:
        like = UUID(asked.pop("like", ""))
    except ValueError:
        return asked
    return template_of(ledger, get_entry(ledger, like))


def change_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Correct an entry; a change made by someone else meanwhile is shown, not overwritten."""
    entry = get_entry(ledger, entry_id)
    if entry.ended_at is not None:
        return _refused(request, ledger, entry)
    posted = request.method == "POST"
    form = entry_form(ledger)(request.POST if posted else None, instance=entry)
    if posted and form.is_valid():
        version, values = form.cleaned_data["version"], form.cleaned_data
        try:
            changed = services.change_entry(
                actor=request.actor, ledger=ledger, entry_id=entry_id, version=version, values=values
            )
        except EntryInvalid as error:
            _show_faults(form, ledger, error)
        except Conflict as error:
            return _show_conflict(request, ledger, form, entry_id, error)
        else:
            messages.success(request, _("“%(name)s” was changed.") % {"name": changed})
            return redirect(route_of(ledger, "entry"), entry_id)
    # Read anew: the form has filled the entry with what was typed, the headings name what is stored.
    context = page_context(request, ledger, form=form, entry=get_entry(ledger, entry_id))
    return render(request, _FORM, context, status=_status(form))


def _show_conflict(
    request: Request, ledger: Ledger, form: "forms.ModelForm[Any]", entry_id: UUID, error: Conflict
) -> HttpResponse:
    """Set what is stored now against what was typed; sending the form again then stores it over that."""
    stored = get_entry(ledger, entry_id)
    if stored.ended_at is not None:
        return _refused(request, ledger, stored)
    offer_again(form, stored.version)
    changes = _differences(ledger, stored, form.cleaned_data)
    context = page_context(request, ledger, form=form, entry=stored, conflict=error.text, changes=changes)
    return render(request, _FORM, context, status=error.status)


def _differences(ledger: Ledger, stored: BookEntry, values: Mapping[str, Any]) -> list[Change]:
    typed = ledger.model(**{column.field: values[column.field] for column in ledger.columns if column.field in values})
    pairs = zip(facts_of(ledger, stored), facts_of(ledger, typed), strict=True)
    changes = [Change(title, _or_none(now), _or_none(mine)) for (title, now), (_title, mine) in pairs]
    return [change for change in changes if change.state != "same"]


def _or_none(value: Any) -> Any:
    return None if value == "" else value


def confirm_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Note that the entry holds as it stands."""
    form = ConfirmForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        entry = services.confirm_entry(actor=request.actor, ledger=ledger, entry_id=entry_id, version=version)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” was confirmed.") % {"name": entry})
    return redirect(route_of(ledger, "entry"), entry_id)


def close_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Ask for the reason, then close the entry."""
    return _ending(request, ledger, entry_id, Verb.CLOSE)


def strike_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Ask for the reason, then strike the entry out."""
    return _ending(request, ledger, entry_id, Verb.STRIKE)


def reopen_entry(request: Request, ledger: Ledger, entry_id: UUID) -> HttpResponse:
    """Ask for the reason, then take the closed entry into use again."""
    return _ending(request, ledger, entry_id, Verb.REOPEN)


_SERVICES = {
    Verb.CLOSE: services.close_entry,
    Verb.STRIKE: services.strike_entry,
    Verb.REOPEN: services.reopen_entry,
}


def _ending(request: Request, ledger: Ledger, entry_id: UUID, verb: Verb) -> HttpResponse:
    entry = get_entry(ledger, entry_id)
    if not _is_open_to(entry, verb):
        return _refused(request, ledger, entry)
    posted = request.method == "POST"
    form = EndForm(request.POST if posted else None, initial={"version": entry.version})
    status = _status(form)
    if posted and form.is_valid():
        try:
            _SERVICES[verb](actor=request.actor, ledger=ledger, entry_id=entry_id, **form.cleaned_data)
        except (Conflict, EntryInvalid) as error:
            form.add_error(None, str(error))
            entry, status = get_entry(ledger, entry_id), error.status
            offer_again(form, entry.version)
        else:
            messages.success(request, _done(verb) % {"name": entry})
            return redirect(route_of(ledger, "entry"), entry_id)
    facts = facts_of(ledger, entry)
    context = page_context(request, ledger, form=form, entry=entry, facts=facts, verb=verb.value)
    return render(request, "ledgers/book_end.html", context, status=status)


def _is_open_to(entry: BookEntry, verb: Verb) -> bool:
    if verb is Verb.STRIKE:
        return entry.struck_at is None
    return entry.struck_at is None and (entry.closed_at is not None) == (verb is Verb.REOPEN)


def _done(verb: Verb) -> str:
    return {
        Verb.CLOSE: _("“%(name)s” was closed. It can be reopened."),
        Verb.STRIKE: _("“%(name)s” was struck out. It stays readable."),
        Verb.REOPEN: _("“%(name)s” was reopened."),
    }[verb]


def _refused(request: Request, ledger: Ledger, entry: BookEntry) -> HttpResponse:
    """Send the reader to the entry as it is now, and say why nothing was done."""
    messages.error(request, str(EntryEnded(name=str(entry)) if entry.ended_at else Conflict()))
    return redirect(route_of(ledger, "entry"), entry.pk)


def _show_faults(form: "forms.ModelForm[Any]", ledger: Ledger, error: EntryInvalid) -> None:
    for field, faults in error.faults.items():
        form.add_error(field if field in form.fields else _named_by(form, ledger), faults)


def _named_by(form: "forms.ModelForm[Any]", ledger: Ledger) -> str | None:
    """Return the field that names an entry of the ledger: where a fault of the whole row, a name taken, is shown."""
    constraints = [item for item in ledger.model._meta.constraints if isinstance(item, UniqueConstraint)]
    return next((item.fields[0] for item in constraints if item.fields and item.fields[0] in form.fields), None)


def _status(form: forms.BaseForm) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200
