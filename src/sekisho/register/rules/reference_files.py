"""Reading a list that somebody hands in as CSV, row by row, with what is wrong in each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from io import BytesIO

from sekisho.kernel.dates import FACILITY_ZONE, NotADate, parse_date
from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.register.rules.reference import Column, Kind, ListForm, family_reading
from sekisho.register.rules.sources.encodings import Encoding, decide_encoding
from sekisho.register.rules.sources.errors import LogHeadingWrong, LogLineBroken
from sekisho.register.rules.sources.moments import read_moment
from sekisho.register.rules.sources.records import Record, fields, records

MOST_FAULTS = 100
LONGEST = 64
_SHOWN = 20
_MOST_HEADINGS = 20
Value = str | int
Row = tuple[Value, ...]


class ListFault(StrEnum):
    """Why a row cannot be taken."""

    FORM = "form"
    SHORT = "short"
    EMPTY = "empty"
    LONG = "long"
    TIME = "time"
    DAY = "day"
    ORDER = "order"
    FAMILY = "family"


ADVICE: Mapping[ListFault, Text] = {
    ListFault.FORM: _("Quotation marks stand where none may."),
    ListFault.SHORT: _("The row has fewer columns than the heading."),
    ListFault.EMPTY: _("Nothing stands here, but something must."),
    ListFault.LONG: _("The text is too long: is the column right?"),
    ListFault.TIME: _("This is no time. Times are read like 2026/11/21 9:05 or R8.11.21 9:05."),
    ListFault.DAY: _("This is no day. Days are read like 2026/11/21 or R8.11.21."),
    ListFault.ORDER: _("The end is not after the beginning."),
    ListFault.FAMILY: _("Where the family name ends cannot be told: other rows have a space there."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be taken: its line, the heading of the column, why, and the beginning of what stands there."""

    line: int
    column: str
    fault: ListFault
    found: str = ""


@dataclass(slots=True)
class Reading:
    """What a file comes to: the rows without doubles, how many were wrong, and the first of these."""

    encoding: Encoding
    rows: list[Row] = field(default_factory=list)
    wrong: int = 0
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, fault: Fault) -> None:
        """Count a row that cannot be taken."""
        self.wrong += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


def read_list(form: ListForm, headings: Mapping[str, str], delimiter: str, raw: bytes) -> Reading:
    """Read a whole file. ``headings`` names the file's column for each of the list's, empty for one it lacks.

    Raises LogNotText, LogLineBroken, LogHeadingWrong; a file without rows comes to nothing.
    """
    reading = Reading(decide_encoding([raw]))
    found = records(BytesIO(raw))
    first = next(found, None)
    if first is None:
        return reading
    heading = fields(first.raw.decode(reading.encoding.value), delimiter)
    if heading is None:
        raise LogLineBroken(line=first.line)
    places = _places(form, headings, heading)
    taken: dict[Row, Record] = {}
    for record in found:
        row = _row(form, headings, places, len(heading), (record, delimiter, reading))
        if row is not None:
            taken.setdefault(row, record)
    reading.rows = _with_families(form, headings, taken, reading)
    return reading


def _places(form: ListForm, headings: Mapping[str, str], heading: Sequence[str]) -> dict[str, int]:
    known = {fold(name): place for place, name in reversed(list(enumerate(heading)))}
    wanted = {column.name: headings.get(column.name, "").strip() for column in form.columns}
    missing = [
        wanted[column.name] or str(column.title)
        for column in form.columns
        if (column.is_required or wanted[column.name]) and fold(wanted[column.name]) not in known
    ]
    if missing:
        present = ", ".join(name[:40] for name in heading[:_MOST_HEADINGS])
        raise LogHeadingWrong(missing=", ".join(missing), present=present)
    return {name: known[fold(heading)] for name, heading in wanted.items() if heading}


def _row(
    form: ListForm,
    headings: Mapping[str, str],
    places: Mapping[str, int],
    width: int,
    given: tuple[Record, str, Reading],
) -> Row | None:
    record, delimiter, reading = given
    found = fields(record.raw.decode(reading.encoding.value), delimiter)
    if found is None or len(found) < width:
        reading.refuse(Fault(record.line, "", ListFault.FORM if found is None else ListFault.SHORT))
        return None
    values: list[Value] = []
    for column in form.columns:
        text = _seen(found[places[column.name]]) if column.name in places else ""
        value = _value(column, text)
        if isinstance(value, ListFault):
            reading.refuse(Fault(record.line, headings[column.name], value, text[:_SHOWN]))
            return None
        values.append(value)
    if form.columns[-1].kind is Kind.UNTIL and int(values[-1]) <= int(values[-2]):
        reading.refuse(Fault(record.line, headings[form.columns[-1].name], ListFault.ORDER))
        return None
    return tuple(values)


def _value(column: Column, text: str) -> Value | ListFault:
    if not text and column.is_required:
        return ListFault.EMPTY
    if len(text) > LONGEST:
        return ListFault.LONG
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.FAMILY:
            return family_reading(text)
        case Kind.VENDOR:
            return "maintenance" if text else "staff"
        case Kind.FROM | Kind.UNTIL:
            return _moment(text)
    return _day(text) if text else 0


def _moment(text: str) -> Value | ListFault:
    try:
        return _us(read_moment(text))
    except ValueError:
        return ListFault.TIME


def _day(text: str) -> Value | ListFault:
    """Return the end of a day."""
    try:
        day = parse_date(text)
        return _us(datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=FACILITY_ZONE))
    except (NotADate, OverflowError):
        return ListFault.DAY


def _us(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def _with_families(
    form: ListForm, headings: Mapping[str, str], taken: Mapping[Row, Record], reading: Reading
) -> list[Row]:
    """Return the rows with the family name alone. A name without a space among names with one cannot be told apart."""
    if form.columns[-1].kind is not Kind.FAMILY:
        return list(taken)
    spaced = any(" " in str(row[-1]) for row in taken)
    rows: dict[Row, None] = {}
    for row, record in taken.items():
        name = str(row[-1])
        if spaced and " " not in name:
            reading.refuse(Fault(record.line, headings[form.columns[-1].name], ListFault.FAMILY, name[:_SHOWN]))
        else:
            rows[*row[:-1], name.split(maxsplit=1)[0]] = None
    return list(rows)


def _seen(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text).strip()
