"""Reading a file into a ledger: what each row would do, before anything is done. Writes nothing."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.utils.translation import gettext

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.search import fold
from sekisho.kernel.text import _
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters
from sekisho.ledgers.errors import FileUnreadable
from sekisho.ledgers.forms.books import entry_form
from sekisho.ledgers.queries.book_values import cell_reader, codes_by_label, heading_places
from sekisho.ledgers.queries.books import entries_by_number, snapshot, targets
from sekisho.ledgers.rules.book_files import read_table

MOST_ROWS = 20_000
_HEADING_WITHIN = 20  # what stands above the headings: a title, a date, notes
_NO_HEADINGS = _("no row holds the headings of this ledger.")
_MANY_ROWS = _("it has too many rows.")


class RowState(StrEnum):
    """What a row of a file would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row: its line in the file, what it would do, the values it holds, and what is wrong, by heading."""

    line: int
    state: RowState
    entry: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    differences: Sequence[tuple[str, str, str]] = ()
    faults: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is prepared once for all rows: fields that clean, labels, targets by name."""

    ledger: Ledger
    places: Mapping[int, str]
    titles: Mapping[str, str]
    fields: Mapping[str, forms.Field]
    codes: Mapping[str, Mapping[str, str]]
    targets: Mapping[str, Mapping[str, list[Any]]]
    cells: Callable[[Any], dict[str, str]]


def plan_rows(ledger: Ledger, data: bytes) -> list[RowPlan]:
    """Return what each row of a CSV would do with ``ledger``. Raises TableUnreadable, FileUnreadable."""
    table = read_table(data)
    if len(table) > MOST_ROWS + _HEADING_WITHIN:
        raise FileUnreadable(reason=_MANY_ROWS)
    first, places = _find_headings(ledger, table)
    reader = _reader(ledger, places)
    rows = [(line, row) for line, row in enumerate(table[first + 1 :], start=first + 2) if any(map(str.strip, row))]
    numbers = [_number(ledger, _cell(reader, row, "number")) for _line, row in rows]
    known = entries_by_number(ledger, [number for number in numbers if number])
    seen: set[int] = set()
    plans = []
    for (line, row), number in zip(rows, numbers, strict=True):
        plans.append(_plan(reader, line, row, number, known, twice=bool(number) and number in seen))
        seen |= {number} if number else set()
    return plans


def _find_headings(ledger: Ledger, table: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    known = {fold(title): name for title, name in heading_places(ledger).items()}
    found = [
        {place: known[fold(cell)] for place, cell in enumerate(row) if fold(cell) in known}
        for row in table[:_HEADING_WITHIN]
    ]
    if not any(found):
        raise FileUnreadable(reason=_NO_HEADINGS)
    first = max(range(len(found)), key=lambda index: len(found[index]))
    strange = [cell for place, cell in enumerate(table[first]) if cell.strip() and place not in found[first]]
    if strange or len(set(found[first].values())) < len(found[first]):
        text = ", ".join(strange) or gettext("a heading stands there twice")
        raise FileUnreadable(reason=_("these headings are not of this ledger: %(headings)s", headings=text[:200]))
    return first, found[first]


def _reader(ledger: Ledger, places: Mapping[int, str]) -> _Reader:
    of_model = {column.field: ledger.model._meta.get_field(column.field) for column in ledger.columns}
    codes = {name: known for name, one in of_model.items() if (known := codes_by_label(one)) is not None}
    by_name: dict[str, dict[str, list[Any]]] = {}
    for name in (name for name, one in of_model.items() if isinstance(one, ForeignKey)):
        by_name[name] = {}
        for target in targets(ledger, name):
            by_name[name].setdefault(fold(str(target)), []).append(target)
    return _Reader(
        ledger,
        places,
        {column.field: str(column.title) for column in ledger.columns},
        entry_form(ledger).base_fields,
        {name: {fold(label): code for label, code in known.items()} for name, known in codes.items()},
        by_name,
        cell_reader(ledger),
    )


def _cell(reader: _Reader, row: Sequence[str], name: str) -> str:
    return next((row[place].strip() for place, one in reader.places.items() if one == name and place < len(row)), "")


def _number(ledger: Ledger, text: str) -> int | None:
    """Return the number of a row, None for a new one, -1 for what is no number of this ledger."""
    plain = unicodedata.normalize("NFKC", text).strip().upper().removeprefix(f"{ledger.prefix}-")
    if not plain:
        return None
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else -1


def _plan(
    reader: _Reader, line: int, row: Sequence[str], number: int | None, known: Mapping[int, Any], *, twice: bool
) -> RowPlan:
    entry = known.get(number) if number else None
    if number is not None and (entry is None or twice):
        reason = gettext("This number stands there twice.") if twice else gettext("No entry has this number.")
        return RowPlan(line, RowState.WRONG, faults=[(gettext("Control number"), reason)])
    present = reader.cells(entry) if entry else {}
    values, faults = _values(reader, row, present)
    if not faults and entry is None:
        faults = list(_missing(reader, values))
    if faults:
        return RowPlan(line, RowState.WRONG, entry, values, faults=faults)
    if entry is None:
        shown = reader.cells(reader.ledger.model(**values))
        return RowPlan(line, RowState.NEW, None, values, [(reader.titles[name], "", shown[name]) for name in values])
    return _compared(reader, line, entry, values, present)


def _values(
    reader: _Reader, row: Sequence[str], present: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the value of every cell that says something new, and the reasons why cells were not understood."""
    values: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for place, name in reader.places.items():
        text = row[place].strip() if place < len(row) else ""
        if name == "number" or (name in present and text == present[name].strip()):
            continue
        try:
            values[name] = _clean(reader, name, text)
        except ValidationError as error:
            faults += [(reader.titles[name], str(message)) for message in error.messages]
    return values, faults


def _clean(reader: _Reader, name: str, text: str) -> Any:
    """Return what a cell means. Raises ValidationError."""
    if has_control_characters(text):
        raise ValidationError(str(CONTROL_CHARACTERS))
    if name in reader.targets:
        return _target(reader, name, text)
    if name in reader.codes:
        code = reader.codes[name].get(fold(text), "" if not text else None)
        if code is None:
            raise ValidationError(gettext("“%(text)s” is none of the choices.") % {"text": text[:100]})
        return reader.fields[name].clean(code)
    return reader.fields[name].clean(text)


def _target(reader: _Reader, name: str, text: str) -> Any:
    if not text:
        return reader.fields[name].clean(None)
    found = reader.targets[name].get(fold(text), [])
    if len(found) != 1:
        words = (
            gettext("There is no open entry “%(text)s”.")
            if not found
            else gettext("More than one entry is called “%(text)s”.")
        )
        raise ValidationError(words % {"text": text[:100]})
    return found[0]


def _missing(reader: _Reader, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name the columns that a new entry must have and the file does not bring."""
    for name, title in reader.titles.items():
        usual = reader.ledger.model._meta.get_field(name).has_default()
        if reader.fields[name].required and not usual and name not in values:
            yield title, str(reader.fields[name].error_messages["required"])


def _compared(reader: _Reader, line: int, entry: Any, values: Mapping[str, Any], present: Mapping[str, str]) -> RowPlan:
    if not values:
        return RowPlan(line, RowState.UNCHANGED, entry)
    before = snapshot(reader.ledger, entry)
    after = snapshot(reader.ledger, reader.ledger.model(**values))
    changed = {name: value for name, value in values.items() if before[name] != after[name]}
    if not changed:
        return RowPlan(line, RowState.UNCHANGED, entry)
    if entry.ended_at is not None:
        return RowPlan(
            line, RowState.WRONG, entry, faults=[(gettext("Control number"), gettext("This entry is not in use."))]
        )
    shown = reader.cells(reader.ledger.model(**changed))
    differences = [(reader.titles[name], present[name], shown[name]) for name in changed]
    return RowPlan(line, RowState.CHANGED, entry, changed, differences)
