"""Reading what a program says of an entry: the same fields as the form, so the same rules. Writes nothing."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.text import _
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.forms.books import entry_form

_YES_OR_NO = _("Yes or no is written true or false, and only there.")
Plain = bool | int | str | None


def read_values(ledger: Ledger, given: Mapping[str, Plain]) -> dict[str, Any]:
    """Return the value of each column that was given. Raises EntryInvalid, every fault with its column."""
    fields = entry_form(ledger)().fields
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, value in given.items():
        yes_or_no = isinstance(ledger.model._meta.get_field(name), BooleanField)
        if isinstance(value, bool) is not yes_or_no:
            faults[name] = [f"{name}: {_YES_OR_NO}"]
            continue
        try:
            values[name] = fields[name].clean(value)
        except ValidationError as error:
            faults[name] = [f"{name}: {text}" for text in error.messages]
    if faults:
        raise EntryInvalid(faults)
    return values
