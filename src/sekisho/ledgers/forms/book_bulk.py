"""The form that sets one column of several entries, or confirms them as they stand."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import BooleanField
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.declarations import Column, Ledger
from sekisho.ledgers.forms.books import entry_form
from sekisho.ledgers.queries.book_values import own_columns
from sekisho.ledgers.services.book_bulk import MOST_AT_ONCE, Chosen

CONFIRM = "-confirm"  # no column is called so


class BulkForm(forms.Form):
    """What is done with the chosen entries: ``do`` names a column, whose new ``value`` it asks for, or confirms."""

    do = forms.CharField(widget=forms.HiddenInput)
    chosen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, ledger: Ledger, do: str, data: Any = None, *, chosen: str = "") -> None:
        super().__init__(data, initial={"do": do, "chosen": chosen})
        if do != CONFIRM:
            self.fields["value"] = _value_field(ledger, do)

    def clean_chosen(self) -> list[Chosen]:
        """Return the entries that were chosen, each in the version that was looked at."""
        try:
            return read_chosen(self.cleaned_data["chosen"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def put_away(self) -> "BulkForm":
        """Return the form with its value hidden: it has been looked at, and is only sent once more."""
        for field in self.fields.values():
            field.widget = field.hidden_widget()
        return self


def bulk_columns(ledger: Ledger) -> list[Column]:
    """Return the columns that several entries can have in common: not those by which an entry is told apart."""
    own = own_columns(ledger)
    return [column for column in ledger.columns if column.field not in own]


def can_be_done(ledger: Ledger, do: str) -> bool:
    """Tell whether ``do`` is something that can be done with several entries of a ledger."""
    return do == CONFIRM or do in {column.field for column in bulk_columns(ledger)}


def write_chosen(entries: Iterable[Any]) -> str:
    """Return entries and their versions as the form carries them."""
    return " ".join(f"{entry.pk}:{entry.version}" for entry in entries)


def read_chosen(text: str) -> list[Chosen]:
    """Return the entries that the form carries, each once. Raises ValueError for rubbish, none, or too many."""
    found: dict[UUID, int] = {}
    for word in text.split()[: MOST_AT_ONCE + 1]:
        entry_id, _sign, version = word.partition(":")
        found[UUID(entry_id)] = int(version)
    if not 1 <= len(found) <= MOST_AT_ONCE:
        raise ValueError(len(found))
    return [Chosen(entry_id, version) for entry_id, version in found.items()]


def _value_field(ledger: Ledger, name: str) -> forms.Field:
    title = next(column.title for column in ledger.columns if column.field == name)
    if isinstance(ledger.model._meta.get_field(name), BooleanField):
        # A tick box that is left open would say "no" for all of them without anybody having said so.
        choices: Any = [("", _("Choose")), ("yes", _("Yes")), ("no", _("No"))]
        return forms.TypedChoiceField(label=cast("Any", title), choices=choices, coerce=lambda text: text == "yes")
    field: forms.Field = entry_form(ledger)().fields[name]
    return field
