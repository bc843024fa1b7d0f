"""The cells of a ledger in a file: what people read, and read back the same."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import BooleanField, DateField, Field, ForeignKey, IntegerField, UniqueConstraint
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.book_approval import approval_headings, approval_reader
from sekisho.ledgers.queries.books import Look, every_entry, number_of, target_names
from sekisho.ui.display import LANGUAGES

Value = str | int | date | None


def headings(ledger: Ledger) -> list[str]:
    """Return the headings of a file in the reader's language: the control number first."""
    return [_("Control number"), *(str(column.title) for column in ledger.columns)]


def file_headings(ledger: Ledger) -> list[str]:
    """Return the headings of a file that is taken away: the columns, and how the approval of each entry stands."""
    return [*headings(ledger), *approval_headings(ledger)]


def heading_places(ledger: Ledger) -> dict[str, str]:
    """Return each heading, in every language of the house, with the column it stands over (``number`` the first)."""
    names = ["number", *(column.field for column in ledger.columns)]
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            found |= dict(zip(headings(ledger), names, strict=True))
    return found


def rows(ledger: Ledger, look: Look) -> Iterator[Sequence[Value]]:
    """Yield the cells of every entry that a look asks for, in the order of :func:`file_headings`."""
    read, approval = value_reader(ledger), approval_reader(ledger)
    for entry in every_entry(ledger, look):
        yield number_of(ledger, entry.number), *(value for _name, value in read(entry)), *approval(entry)


def value_reader(ledger: Ledger) -> Callable[[Any], Iterator[tuple[str, Value]]]:
    """Return what yields each column of an entry with its cell; labels are looked up once for all entries."""
    fields = [ledger.model._meta.get_field(column.field) for column in ledger.columns]
    shown = [(field.name, _shower(field)) for field in fields]

    def read(entry: Any) -> Iterator[tuple[str, Value]]:
        return ((name, show(getattr(entry, name))) for name, show in shown)

    return read


def _shower(field: "Field[Any, Any]") -> Callable[[Any], Value]:
    """Return what turns a stored value into its cell: yes or no, a label, a day, a number, else its words."""
    if isinstance(field, BooleanField):
        words = {True: _("Yes"), False: _("No")}
        return lambda value: words[bool(value)]
    if labels := {code: str(label) for code, label in field.flatchoices}:
        return lambda value: str(labels.get(value, value or "")) or None
    if isinstance(field, DateField | IntegerField):
        return lambda value: value
    if isinstance(field, ForeignKey):
        return lambda value: target_names(value)[0] if value else None
    return lambda value: None if value in (None, "") else str(value)


def cell_reader(ledger: Ledger) -> Callable[[Any], dict[str, str]]:
    """Return what gives each column of an entry the text that stands for it in a CSV."""
    read = value_reader(ledger)
    return lambda entry: {name: text_of(value) for name, value in read(entry)}


def text_shower(ledger: Ledger) -> Callable[[str, Any], str]:
    """Return what gives the text that stands for a value of a column in a CSV."""
    fields = [ledger.model._meta.get_field(column.field) for column in ledger.columns]
    shown = {field.name: _shower(field) for field in fields}
    return lambda name, value: text_of(shown[name](value))


def text_of(value: Value) -> str:
    """Return a cell as text: a day as 2026/11/21, nothing as nothing."""
    if isinstance(value, date):
        return f"{value.year:04}/{value.month:02}/{value.day:02}"
    return "" if value is None else str(value)


def codes_by_label(field: "Field[Any, Any]") -> dict[str, str] | None:
    """Return the code of each label that a column shows, in every language; None for a column without labels."""
    if isinstance(field, ForeignKey):
        return None
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            known |= {str(label): str(value) for value, label in field.flatchoices}
            if isinstance(field, BooleanField):
                known |= {_("Yes"): "on", _("No"): ""}
    return known or None


def own_columns(ledger: Ledger) -> set[str]:
    """Return the columns by which an entry is told apart: no two entries in use hold the same there."""
    constraints = [one for one in ledger.model._meta.constraints if isinstance(one, UniqueConstraint)]
    return {name for one in constraints for name in one.fields}


def template_of(ledger: Ledger, entry: BookEntry) -> dict[str, Any]:
    """Return what another entry like this one begins with: neither what tells them apart nor any day.

    That something was checked, bought or lent on a day is true of this one entry.
    """
    fields = [ledger.model._meta.get_field(column.field) for column in ledger.columns]
    shared = [field for field in fields if field.name not in own_columns(ledger) and not isinstance(field, DateField)]
    return {field.name: getattr(entry, field.attname) for field in shared}
