"""Reading a file into a ledger: what each row would do, before anything is done. Writes nothing."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, ForeignKey
from django.utils.translation import gettext

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.search import fold
from sekisho.kernel.text import _
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters
from sekisho.kernel.xlsx.table import MOST_COLUMNS, Table
from sekisho.kernel.xlsx.workbook import reference
from sekisho.ledgers.errors import FileUnreadable
from sekisho.ledgers.forms.books import entry_form
from sekisho.ledgers.queries.book_approval import approval_words
from sekisho.ledgers.queries.book_values import cell_reader, codes_by_label, heading_places, text_shower
from sekisho.ledgers.queries.books import entries_by_number, plain_value, target_names, targets
from sekisho.ledgers.rules.book_files import read_file
from sekisho.ledgers.rules.book_layout import (
    HEADING_WITHIN,
    LEFT_OUT,
    Choice,
    Layout,
    find_layout,
    heading_key,
    repeats_headings,
)

MOST_ROWS = 20_000
_NO_HEADINGS = _("no row holds any heading.")
_MANY_ROWS = _("it has more than %(most)s rows. Divide it into several files.", most=MOST_ROWS)
_MANY_CELLS = _(
    "it has more cells than are read here (at most %(rows)s rows, %(columns)s columns).",
    rows=MOST_ROWS,
    columns=MOST_COLUMNS,
)
# How sheets say yes and no beside the words of the form; folded.
_YES, _NO = ("○", "◯", "〇", "レ", "✓", "有", "有り", "アリ", "1", "true"), ("×", "無", "無シ", "ナシ", "0", "false")


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
    """What is prepared once for all rows: fields that clean, labels, targets by name, what was read so far."""

    ledger: Ledger
    table: Table
    places: Mapping[int, str]
    titles: Mapping[str, str]
    fields: Mapping[str, forms.Field]
    required: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    targets: Mapping[str, Mapping[str, list[Any]]]
    days: frozenset[str]
    cells: Callable[[Any], dict[str, str]]
    text: Callable[[str, Any], str]
    read: dict[tuple[str, str], Any] = field(default_factory=dict)


def read_layout(ledger: Ledger, data: bytes, choice: Choice) -> tuple[Table, Layout, int]:
    """Return the rows of a file, where its headings stand, and which sheet of a workbook that is.

    While no sheet is chosen, the first that has a heading of the ledger; a cover has none.
    Raises TableUnreadable, WorkbookRefused, FileUnreadable.
    """
    names = {"number", LEFT_OUT, *(column.field for column in ledger.columns)}
    chosen = {key: name for key, name in choice.columns.items() if name in names}
    approval = dict.fromkeys(map(heading_key, approval_words(ledger)), LEFT_OUT)
    known = approval | {heading_key(title): name for title, name in heading_places(ledger).items()} | chosen
    sheet = max(choice.sheet, 0)
    table = _sized(read_file(data, sheet))
    layout = find_layout(table.rows, known, choice.line)
    for other in range(1, len(table.sheets) if choice.sheet < 0 else 0):
        if layout is not None and layout.places:
            break
        tried = _sized(read_file(data, other))
        found = find_layout(tried.rows, known)
        if found is not None and (layout is None or found.places):
            table, layout, sheet = tried, found, other
    if layout is None:
        raise FileUnreadable(reason=_NO_HEADINGS)
    return table, layout, sheet


def ignored_headings(ledger: Ledger, layout: Layout) -> list[str]:
    """Return the headings of a file under which the approval stands: it is given in the platform alone."""
    keys = set(map(heading_key, approval_words(ledger)))
    left = ((place, text) for place, text in layout.headings.items() if place not in layout.places)
    return [text for _place, text in left if heading_key(text) in keys]


def _sized(table: Table) -> Table:
    if len(table.rows) > MOST_ROWS + HEADING_WITHIN:
        raise FileUnreadable(reason=_MANY_ROWS)
    if any(len(row) > MOST_COLUMNS for row in table.rows):
        raise FileUnreadable(reason=_MANY_CELLS)
    return table


def plan_rows(ledger: Ledger, data: bytes, choice: Choice | None = None) -> list[RowPlan]:
    """Return what each row of a file would do with ``ledger``.

    Raises TableUnreadable, WorkbookRefused, FileUnreadable (also while it is open what a heading means).
    """
    table, layout, _sheet = read_layout(ledger, data, choice or Choice())
    strange = layout.twice or [layout.headings[place] for place in layout.undecided]
    if strange or not layout.places:
        text = ", ".join(strange or layout.headings.values())
        if layout.twice:
            raise FileUnreadable(reason=_("these headings mean one column: %(headings)s", headings=text[:200]))
        raise FileUnreadable(reason=_("these headings are not of this ledger: %(headings)s", headings=text[:200]))
    return _plan_all(_reader(ledger, table, layout), layout)


def _plan_all(reader: _Reader, layout: Layout) -> list[RowPlan]:
    below = enumerate(reader.table.rows[layout.line :], start=layout.line + 1)
    rows = [(line, row) for line, row in below if _says(row, layout) and not repeats_headings(row, layout)]
    place = next((place for place, name in layout.places.items() if name == "number"), -1)
    numbers = [_number(reader.ledger, row[place] if 0 <= place < len(row) else "") for _line, row in rows]
    known = entries_by_number(reader.ledger, [number for number in numbers if number])
    seen: set[int] = set()
    plans = []
    for (line, row), number in zip(rows, numbers, strict=True):
        plans.append(_plan(reader, line, row, number, known, twice=bool(number) and number in seen))
        seen |= {number} if number else set()
    return plans


def _says(row: Sequence[str], layout: Layout) -> bool:
    return any(place < len(row) and row[place].strip() for place in layout.places)


def _reader(ledger: Ledger, table: Table, layout: Layout) -> _Reader:
    of_model = {column.field: ledger.model._meta.get_field(column.field) for column in ledger.columns}
    fields = entry_form(ledger).base_fields
    codes = {name: _folded(one, known) for name, one in of_model.items() if (known := codes_by_label(one)) is not None}
    needed = [name for name, one in of_model.items() if fields[name].required and not one.has_default()]
    return _Reader(
        ledger,
        table,
        layout.places,
        {column.field: str(column.title) for column in ledger.columns},
        fields,
        {name: str(fields[name].error_messages["required"]) for name in needed},
        codes,
        {name: _by_name(ledger, name) for name, one in of_model.items() if isinstance(one, ForeignKey)},
        frozenset(name for name, one in of_model.items() if isinstance(one, DateField)),
        cell_reader(ledger),
        text_shower(ledger),
    )


def _folded(of_model: Any, known: Mapping[str, str]) -> dict[str, str]:
    more = dict.fromkeys(_YES, "on") | dict.fromkeys(_NO, "") if isinstance(of_model, BooleanField) else {}
    return more | {fold(label): code for label, code in known.items()}


def _by_name(ledger: Ledger, name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for target in targets(ledger, name):
        for key in {fold(written) for written in target_names(target)}:
            found.setdefault(key, []).append(target)
    return found


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
    values, faults = _values(reader, line, row, present)
    if not faults and entry is None:
        faults = list(_missing(reader, values))
    if faults:
        return RowPlan(line, RowState.WRONG, entry, values, faults=faults)
    if entry is None:
        shown = [(reader.titles[name], "", reader.text(name, value)) for name, value in values.items()]
        return RowPlan(line, RowState.NEW, None, values, shown)
    return _compared(reader, line, entry, values, present)


def _values(
    reader: _Reader, line: int, row: Sequence[str], present: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the value of every cell that says something new, and the reasons why cells were not understood."""
    values: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for place, name in reader.places.items():
        text = row[place].strip() if place < len(row) else ""
        if name == "number" or (name in present and text == present[name].strip()):
            continue
        try:
            values[name] = _read(reader, name, text, calculated=(line, place + 1) in reader.table.calculated)
        except ValidationError as error:
            where = f"{reader.titles[name]} ({reference((line, place + 1))})"
            faults += [(where, str(message)) for message in error.messages]
    return values, faults


def _read(reader: _Reader, name: str, text: str, *, calculated: bool) -> Any:
    """Return what a cell means; the same words in the same column are read once. Raises ValidationError."""
    if calculated:
        raise ValidationError(gettext("A formula or an error stands here. Paste its value instead."))
    key = (name, text)
    if key not in reader.read:
        reader.read[key] = _clean(reader, name, text)
    return reader.read[key]


def _clean(reader: _Reader, name: str, text: str) -> Any:
    """Return what a cell means. Raises ValidationError."""
    if not text.isprintable() and has_control_characters(text):
        raise ValidationError(str(CONTROL_CHARACTERS))
    if name in reader.targets:
        return _target(reader, name, text)
    if name in reader.codes:
        code = reader.codes[name].get(fold(text), "" if not text else None)
        if code is None:
            raise ValidationError(_not_offered(reader.fields[name], text))
        return reader.fields[name].clean(code)
    if name in reader.days and (day := reader.table.day(text)) is not None:
        return day
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


def _not_offered(offered: forms.Field, text: str) -> str:
    """Return what to say of words that are no choice, with those that are."""
    words = gettext("“%(text)s” is none of the choices.") % {"text": text[:100]}
    labels = [str(label) for value, label in getattr(offered, "choices", ()) if value]
    return f"{words} {gettext('It can be: %(labels)s.') % {'labels': gettext(', ').join(labels)}}" if labels else words


def _missing(reader: _Reader, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name the columns that a new entry must have and the file does not bring."""
    return ((reader.titles[name], words) for name, words in reader.required.items() if name not in values)


def _compared(reader: _Reader, line: int, entry: Any, values: Mapping[str, Any], present: Mapping[str, str]) -> RowPlan:
    changed = {name: value for name, value in values.items() if plain_value(getattr(entry, name)) != plain_value(value)}
    if not changed:
        return RowPlan(line, RowState.UNCHANGED, entry)
    if entry.ended_at is not None:
        fault = (gettext("Control number"), gettext("This entry is not in use."))
        return RowPlan(line, RowState.WRONG, entry, faults=[fault])
    differences = [(reader.titles[name], present[name], reader.text(name, value)) for name, value in changed.items()]
    return RowPlan(line, RowState.CHANGED, entry, changed, differences)
