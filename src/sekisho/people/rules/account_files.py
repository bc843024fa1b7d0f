"""How the list of accounts that a system exports is read: the headings saved per system, every row or none. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import NotADate, in_facility, parse_date
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import has_control_characters
from sekisho.ledgers.rules.book_files import read_table
from sekisho.people.rules.owners import Seen
from sekisho.register.rules.sources.moments import read_moment

MOST_ROWS = 100_000
LONGEST_CELL = 200
COLUMNS = (
    "login",
    "name",
    "kana",
    "staff_number",
    "state",
    "administrator",
    "last_used",
    "expires",
    "created",
    "rights",
)
_DAYS = ("last_used", "expires", "created")
_HEADING_WITHIN = 20  # what stands above the headings: a title, a date, notes
_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_YES = frozenset(
    map(fold, ("1", "true", "yes", "y", "○", "◯", "有", "あり", "はい", "管理者", "admin", "administrator"))
)
_NO = frozenset(map(fold, ("", "0", "false", "no", "n", "×", "✕", "-", "無", "なし", "いいえ", "一般", "user")))
_ON = frozenset(map(fold, ("", "1", "true", "有効", "使用中", "利用中", "在職", "active", "enabled", "○", "◯")))
_OFF = frozenset(
    map(
        fold,
        ("0", "false", "無効", "停止", "使用停止", "ロック", "退職", "削除", "inactive", "disabled", "locked", "×"),
    )
)


class AccountFileWrong(InvalidInput):
    """The file is no list of accounts of this system, or far too long."""

    code = "people.account_file_wrong"
    message = _("This file cannot be read as the list of accounts: %(reason)s")
    hint = _("Compare its first line with the headings that are saved for the system.")


class RowFault(StrEnum):
    """Why a row cannot be taken."""

    NO_LOGIN = "no_login"
    TOO_LONG = "too_long"
    CONTROL = "control"
    NO_DATE = "no_date"
    UNKNOWN_WORD = "unknown_word"

    @property
    def label(self) -> Text:
        """The fault in words."""
        return ROW_FAULTS[self]


ROW_FAULTS: dict[RowFault, Text] = {
    RowFault.NO_LOGIN: _("The row names no login."),
    RowFault.TOO_LONG: _("A cell is longer than 200 characters."),
    RowFault.CONTROL: _("A cell holds control characters."),
    RowFault.NO_DATE: _("This is no date."),
    RowFault.UNKNOWN_WORD: _("This word is not known. Add it to the words of the system, or correct the file."),
}


@dataclass(frozen=True, slots=True)
class AccountColumns:
    """The heading of each column; an empty one is not in the file.

    ``off_words`` are the system's own words for an account that does not work, ``administrator_words`` for one with
    administrator rights. With own words given, every other word means the opposite.
    """

    login: str
    name: str = ""
    kana: str = ""
    staff_number: str = ""
    state: str = ""
    administrator: str = ""
    last_used: str = ""
    expires: str = ""
    created: str = ""
    rights: str = ""
    off_words: tuple[str, ...] = ()
    administrator_words: tuple[str, ...] = ()

    @property
    def told(self) -> frozenset[str]:
        """The names of the columns that the system exports."""
        return frozenset(name for name in COLUMNS if getattr(self, name))

    def document(self) -> dict[str, Any]:
        """Return the columns as they are stored."""
        words = {name: list(getattr(self, name)) for name in ("off_words", "administrator_words")}
        return {**asdict(self), **words}


def read_columns(document: Mapping[str, Any]) -> AccountColumns:
    """Return stored columns. Raises TypeError for what is none."""
    words = {name: tuple(document.get(name, ())) for name in ("off_words", "administrator_words")}
    return AccountColumns(**{**document, **words})


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that was not understood: its line in the file, its column's heading, what stands there, and why."""

    line: int
    heading: str
    found: str
    fault: RowFault


@dataclass(frozen=True, slots=True)
class AccountFile:
    """What a file comes to."""

    accounts: tuple[Seen, ...]
    wrong: tuple[WrongCell, ...] = field(default=())


class _Unreadable(ValueError):
    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault)
        self.fault = fault


def read_accounts(data: bytes, columns: AccountColumns) -> AccountFile:
    """Return the accounts of a CSV in UTF-8 or CP932, and every cell that is wrong.

    Raises TableUnreadable for what is no text, AccountFileWrong where a heading is missing or nothing follows it.
    """
    table = read_table(data)
    if len(table) > MOST_ROWS + _HEADING_WITHIN:
        raise AccountFileWrong(reason=_("it has more than %(most)s rows.", most=MOST_ROWS))
    first, places = _find_headings(table, columns)
    accounts: list[Seen] = []
    wrong: list[WrongCell] = []
    for line, row in enumerate(table[first + 1 :], start=first + 2):
        if any(map(str.strip, row)):
            values, faults = _read_row(line, row, places, columns)
            wrong += faults
            accounts += [] if faults else [Seen(**values)]
    if not accounts and not wrong:
        raise AccountFileWrong(reason=_("it holds no account."))
    return AccountFile(tuple(accounts), tuple(wrong))


def _find_headings(table: Sequence[Sequence[str]], columns: AccountColumns) -> tuple[int, dict[str, int]]:
    wanted = {name: fold(getattr(columns, name)) for name in sorted(columns.told)}
    missing = list(wanted)
    for index, row in enumerate(table[:_HEADING_WITHIN]):
        places = {fold(cell): place for place, cell in reversed(list(enumerate(row)))}
        absent = [name for name, heading in wanted.items() if heading not in places]
        if not absent:
            return index, {name: places[heading] for name, heading in wanted.items()}
        missing = min(missing, absent, key=len)
    names = ", ".join(str(getattr(columns, name)) for name in missing)
    raise AccountFileWrong(reason=_("these headings are missing: %(names)s", names=names[:LONGEST_CELL]))


def _read_row(
    line: int, row: Sequence[str], places: Mapping[str, int], columns: AccountColumns
) -> tuple[dict[str, Any], list[WrongCell]]:
    values: dict[str, Any] = {}
    faults: list[WrongCell] = []
    for name, place in places.items():
        text = row[place].strip() if place < len(row) else ""
        try:
            values["active" if name == "state" else name] = _read_cell(name, text, columns)
        except _Unreadable as error:
            faults.append(WrongCell(line, getattr(columns, name), text[:LONGEST_CELL], error.fault))
    return values, faults


def _read_cell(name: str, text: str, columns: AccountColumns) -> Any:
    if len(text) > LONGEST_CELL:
        raise _Unreadable(RowFault.TOO_LONG)
    if has_control_characters(text):
        raise _Unreadable(RowFault.CONTROL)
    match name:
        case "login" if not text:
            raise _Unreadable(RowFault.NO_LOGIN)
        case "last_used" | "expires" | "created":
            return _day(text)
        case "state":
            return not _means(text, columns.off_words, _OFF, _ON)
        case "administrator":
            return _means(text, columns.administrator_words, _YES, _NO)
    return text


def _means(text: str, own: Sequence[str], usual: frozenset[str], opposite: frozenset[str]) -> bool:
    """Tell whether a word means yes: by the system's own words if there are any, else by the usual ones."""
    word = fold(text)
    if own:
        return word in set(map(fold, own))
    if word in usual or word in opposite:
        return word in usual
    raise _Unreadable(RowFault.UNKNOWN_WORD)


def _day(text: str) -> date | None:
    if not text:
        return None
    digits = text if _EIGHT_DIGITS.fullmatch(text) is None else f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return parse_date(digits)
    except NotADate:
        return _day_of_moment(text)


def _day_of_moment(text: str) -> date:
    try:
        return in_facility(read_moment(text)).date()
    except ValueError as error:
        raise _Unreadable(RowFault.NO_DATE) from error


def account_document(account: Seen) -> dict[str, Json]:
    """Return an account as it is kept: only what the system told of it."""
    full = asdict(account)
    kept = {name: value for name, value in full.items() if value not in ("", None)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in kept.items()}


def accounts_in(documents: Sequence[Mapping[str, Any]]) -> Iterator[Seen]:
    """Yield the accounts that were kept."""
    for document in documents:
        days = {
            name: date.fromisoformat(document[name]) for name in ("last_used", "expires", "created") if name in document
        }
        yield Seen(**{**document, **days})
