"""The page that lays the standard lines of a ledger out for what somebody chooses."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import ForeignKey
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ledgers.forms.books import entry_form
from sekisho.ledgers.services.book_lines import lay_out_lines
from sekisho.ledgers.views.book_context import page_context, route_of
from sekisho.ui.request import Request


def lay_out(request: Request, ledger: Ledger) -> HttpResponse:
    """Ask what the lines are about and what they share, then add them all."""
    posted, status = request.method == "POST", 200
    form = _form(ledger, request.POST if posted else None)
    if posted and form.is_valid():
        try:
            number = lay_out_lines(actor=request.actor, ledger=ledger, shared=form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, _("%(number)s lines were added. Fill them in now.") % {"number": number})
            return redirect(route_of(ledger, "list"))
    elif posted:
        status = 422
    column, values = ledger.standard_lines
    labels = dict(ledger.model._meta.get_field(column).flatchoices)
    lines = [labels[value] for value in values]
    return render(
        request, "ledgers/book_lines.html", page_context(request, ledger, form=form, lines=lines), status=status
    )


def _form(ledger: Ledger, data: Any) -> "forms.ModelForm[Any]":
    """Return the form of an entry with what all lines share: what they point to, and what no entry can be without."""
    form = entry_form(ledger)(data)
    for name in list(form.fields):
        if name == ledger.standard_lines[0] or not _is_shared(ledger, form, name):
            del form.fields[name]
    return form


def _is_shared(ledger: Ledger, form: "forms.ModelForm[Any]", name: str) -> bool:
    if name not in {column.field for column in ledger.columns}:
        return False
    of_model = ledger.model._meta.get_field(name)
    return isinstance(of_model, ForeignKey) or (form.fields[name].required and not of_model.has_default())
