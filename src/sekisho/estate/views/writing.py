"""Pages that change a ledger: adding and changing an entry, closing and reopening it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import UniqueConstraint
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.estate import queries, services
from sekisho.estate.actions import EstateAction
from sekisho.estate.errors import Closed, EntryInvalid
from sekisho.estate.forms import CloseForm, ReopenForm, entry_form
from sekisho.estate.ledgers import BY_SLUG
from sekisho.estate.models import Entry
from sekisho.estate.views.context import facts_of, page_context, slug_of
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, SekishoError
from sekisho.ui.forms import offer_again
from sekisho.ui.parts import Change
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(EstateAction.ADD)
def add_entry(request: Request, slug: str) -> HttpResponse:
    """Take in a new entry."""
    ledger = BY_SLUG[slug]
    form = entry_form(ledger)(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            entry = services.add_entry(actor=request.actor, ledger=ledger, values=form.cleaned_data)
        except EntryInvalid as error:
            _show_faults(form, ledger, error)
        else:
            messages.success(request, _("“%(name)s” was added.") % {"name": entry})
            return redirect(f"estate:{slug}-entry", entry.pk)
    return render(request, "estate/form.html", page_context(request, ledger, form=form), status=_status(form))


@require_http_methods(_METHODS)
@allow(EstateAction.CHANGE)
def change_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Change an entry; a change made by someone else meanwhile is shown, not overwritten."""
    ledger = BY_SLUG[slug]
    entry = queries.get_entry(ledger, entry_id)
    if entry.closed_at is not None:
        return _refused(request, ledger, entry, Closed(name=str(entry)))
    form = entry_form(ledger)(request.POST if request.method == "POST" else None, instance=entry)
    if request.method == "POST" and form.is_valid():
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
            return redirect(f"estate:{slug}-entry", entry_id)
    # Read anew: the form has filled the entry with what was typed, the headings name what is stored.
    context = page_context(request, ledger, form=form, entry=queries.get_entry(ledger, entry_id))
    return render(request, "estate/form.html", context, status=_status(form))


def _show_conflict(
    request: Request, ledger: Ledger, form: "forms.ModelForm[Any]", entry_id: UUID, error: Conflict
) -> HttpResponse:
    """Set what is stored now against what was typed; sending the form again then stores it over that."""
    stored = queries.get_entry(ledger, entry_id)
    if stored.closed_at is not None:
        return _refused(request, ledger, stored, error)
    offer_again(form, stored.version)
    changes = _differences(ledger, stored, form.cleaned_data)
    context = page_context(request, ledger, form=form, entry=stored, conflict=error.text, changes=changes)
    return render(request, "estate/form.html", context, status=error.status)


def _differences(ledger: Ledger, stored: Entry, values: Mapping[str, Any]) -> list[Change]:
    typed = ledger.model(**{column.field: values[column.field] for column in ledger.columns if column.field in values})
    pairs = zip(facts_of(ledger, stored), facts_of(ledger, typed), strict=True)
    changes = [Change(title, _or_none(now), _or_none(mine)) for (title, now), (_title, mine) in pairs]
    return [change for change in changes if change.state != "same"]


def _or_none(value: Any) -> Any:
    return None if value == "" else value


@require_http_methods(_METHODS)
@allow(EstateAction.CLOSE)
def close_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Ask for the reason, then close the entry."""
    return _closing(request, BY_SLUG[slug], entry_id, EstateAction.CLOSE)


@require_http_methods(_METHODS)
@allow(EstateAction.REOPEN)
def reopen_entry(request: Request, slug: str, entry_id: UUID) -> HttpResponse:
    """Ask for a reason if there is one, then open the closed entry again."""
    return _closing(request, BY_SLUG[slug], entry_id, EstateAction.REOPEN)


def _closing(request: Request, ledger: Ledger, entry_id: UUID, action: EstateAction) -> HttpResponse:
    closing = action is EstateAction.CLOSE
    entry = queries.get_entry(ledger, entry_id)
    if closing == (entry.closed_at is not None):
        return _refused(request, ledger, entry, Conflict())
    form = (CloseForm if closing else ReopenForm)(
        request.POST if request.method == "POST" else None, initial={"version": entry.version}
    )
    service = services.close_entry if closing else services.reopen_entry
    status = _status(form)
    if request.method == "POST" and form.is_valid():
        try:
            service(actor=request.actor, ledger=ledger, entry_id=entry_id, **form.cleaned_data)
        except (Conflict, EntryInvalid) as error:
            form.add_error(None, str(error))
            entry, status = queries.get_entry(ledger, entry_id), error.status
            offer_again(form, entry.version)
        else:
            messages.success(request, _closed_or_reopened(entry, closing=closing))
            return redirect(f"estate:{slug_of(ledger)}-entry", entry_id)
    context = page_context(request, ledger, form=form, entry=entry, facts=facts_of(ledger, entry))
    return render(request, "estate/close.html" if closing else "estate/reopen.html", context, status=status)


def _closed_or_reopened(entry: Entry, *, closing: bool) -> str:
    closed, reopened = _("“%(name)s” was closed. It can be reopened."), _("“%(name)s” was reopened.")
    return (closed if closing else reopened) % {"name": entry}


def _refused(request: Request, ledger: Ledger, entry: Entry, error: SekishoError) -> HttpResponse:
    """Send the reader to the entry as it is now, and say why nothing was done."""
    messages.error(request, str(error))
    return redirect(f"estate:{slug_of(ledger)}-entry", entry.pk)


def _show_faults(form: "forms.ModelForm[Any]", ledger: Ledger, error: EntryInvalid) -> None:
    for field, faults in error.faults.items():
        form.add_error(field if field in form.fields else _named_by(form, ledger), faults)


def _named_by(form: "forms.ModelForm[Any]", ledger: Ledger) -> str | None:
    """Return the field that names an entry of the ledger: where a fault of the whole row, a name taken, is shown."""
    constraints = [item for item in ledger.model._meta.constraints if isinstance(item, UniqueConstraint)]
    return next((item.fields[0] for item in constraints if item.fields[0] in form.fields), None)


def _status(form: forms.BaseForm) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200
