"""Reading one record of a CSV log: what it says, or what is wrong with it, column by column."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.encodings import Encoding
from sekisho.register.rules.sources.mapping import ColumnMapping
from sekisho.register.rules.sources.moments import read_moment
from sekisho.register.rules.sources.records import LONGEST_RECORD, Record, fields
from sekisho.register.rules.sources.verbs import outcome_of

LONGEST = {"person": 64, "person_name": 100, "patient": 64, "action": 200, "terminal": 100, "outcome": 100}
_SHOWN = 60
_SAFE = 8 * 1024
_ESCAPED = tuple(bytes([code]) for code in (*range(32), *b'"\\'))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class RowFault(StrEnum):
    """Why a row cannot be taken."""

    FORM = "form"
    SHORT = "short"
    TIME = "time"
    FUTURE = "future"
    EMPTY = "empty"
    LONG = "long"
    OUTCOME = "outcome"


ADVICE: dict[RowFault, tuple[Text, Text]] = {
    RowFault.FORM: (
        _("Quotation marks stand where none may"),
        _("Correct the row in the system and export it anew, not in Excel."),
    ),
    RowFault.SHORT: (
        _("The row has fewer columns than the heading"),
        _("Was the file cut short, or is another separator set in the source?"),
    ),
    RowFault.TIME: (
        _("This is no time"),
        _(
            "Times are read like 2026/11/21 9:05, R8.11.21 09:05:30 or 20261121090530. "
            "Look whether the column is right."
        ),
    ),
    RowFault.FUTURE: (
        _("The time lies in the future"),
        _("Compare the clock of the system with standard time, then export it anew."),
    ),
    RowFault.EMPTY: (
        _("Nothing stands here, but something must"),
        _("Look whether the column is right. Without person, time and action a row shows nothing."),
    ),
    RowFault.LONG: (
        _("The text is too long for this column"),
        _("Look whether the column and the separator are right."),
    ),
    RowFault.OUTCOME: (
        _("It is not known whether this word means success or failure"),
        _("Enter the word in the source, under the words for success or those for failure."),
    ),
}


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be taken: its line in the file, the heading of the column, why, and what stands there."""

    line: int
    column: str
    fault: RowFault
    found: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What a row says. ``action`` and ``outcome_words`` are the system's own words."""

    record: Record
    occurred_at: datetime
    person: str
    person_name: str
    patient: str | None
    action: str
    terminal: str | None
    outcome: EventOutcome
    outcome_words: str


class RowReader:
    """Reads the rows of one file. ``latest`` is the last moment that is not the future."""

    def __init__(
        self, mapping: ColumnMapping, places: Mapping[str, int], encoding: Encoding, latest: datetime, width: int
    ) -> None:
        self._mapping = mapping
        self._places = places
        self._encoding = encoding
        self._latest = latest
        self._width = width
        self._success = frozenset(map(fold, mapping.success))
        self._failure = frozenset(map(fold, mapping.failure))

    def read(self, record: Record) -> ReadRow | WrongRow:
        """Return what a record says, or the first thing that is wrong with it."""
        if _is_too_long(record.raw):
            return WrongRow(record.line, "", RowFault.LONG)
        found = fields(record.raw.decode(self._encoding.value), self._mapping.delimiter)
        if found is None:
            return WrongRow(record.line, "", RowFault.FORM)
        if len(found) < self._width:
            return WrongRow(record.line, "", RowFault.SHORT, str(len(found)))
        values = {column: _seen(found[place]) for column, place in self._places.items()}
        return self._unfit(record, values) or self._taken(record, values)

    def _wrong(self, record: Record, column: str, fault: RowFault, found: str) -> WrongRow:
        return WrongRow(record.line, getattr(self._mapping, column), fault, found[:_SHOWN])

    def _unfit(self, record: Record, values: Mapping[str, str]) -> WrongRow | None:
        for column in ("time", "person", "action"):
            if not values[column]:
                return self._wrong(record, column, RowFault.EMPTY, "")
        for column, longest in LONGEST.items():
            if len(values.get(column, "")) > longest:
                return self._wrong(record, column, RowFault.LONG, values[column])
        return None

    def _taken(self, record: Record, values: Mapping[str, str]) -> ReadRow | WrongRow:
        written = f"{values['time']} {values.get('clock', '')}".strip()
        try:
            moment = read_moment(written)
        except ValueError:
            return self._wrong(record, "time", RowFault.TIME, written)
        if moment > self._latest:
            return self._wrong(record, "time", RowFault.FUTURE, written)
        words = values.get("outcome", "")
        outcome = outcome_of(words, self._success, self._failure)
        if outcome is None:
            return self._wrong(record, "outcome", RowFault.OUTCOME, words)
        return ReadRow(
            record,
            moment,
            values["person"],
            values.get("person_name", ""),
            values.get("patient") or None,
            values["action"],
            values.get("terminal") or None,
            outcome,
            words,
        )


def _is_too_long(raw: bytes) -> bool:
    """Tell whether an entry could not hold the bytes: some of them become six signs in JSON."""
    if len(raw) <= _SAFE:
        return False
    return len(raw) + 5 * sum(raw.count(code) for code in _ESCAPED) > 2 * LONGEST_RECORD


def _seen(text: str) -> str:
    """Return what somebody would see of a field; the record keeps it as it came."""
    if text.isprintable():
        return text.strip()
    return "".join(" " if unicodedata.category(one) in _HIDDEN else one for one in text).strip()
