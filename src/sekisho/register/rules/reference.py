"""The lists that rules of the review need and that people hand in as CSV: what each is for. Pure.

Of patients only what a rule compares is kept: a number, the reading of a family name, a day. Names, birthdays and
addresses that a file may hold beside are never looked at.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sekisho.kernel.text import Text, _

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 500_000


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    FAMILY = "family"
    FROM = "from"
    UNTIL = "until"
    DAY = "day"
    END = "end"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its name in the review's table, how it is called, and what stands in it."""

    name: str
    title: Text
    kind: Kind = Kind.TEXT

    @property
    def is_required(self) -> bool:
        """Tell whether each row must have something here."""
        return self.kind not in {Kind.END, Kind.VENDOR}


@dataclass(frozen=True, slots=True)
class ListForm:
    """A list: the review's table that it fills, what it is for, its columns, and how many days it stays fresh."""

    table: str
    title: Text
    purpose: Text
    columns: tuple[Column, ...]
    fresh_days: int


_PERSON = Column("actor", _("Person's number, as the logs have it"))
_PATIENT = Column("patient", _("Patient's number"))
_FROM = Column("from_us", _("Begins (day and time)"), Kind.FROM)
_UNTIL = Column("until_us", _("Ends (day and time)"), Kind.UNTIL)
LISTS: Mapping[str, ListForm] = {
    one.table: one
    for one in (
        ListForm(
            "roster",
            _("Rosters"),
            _("Who is on duty when. Work at night by those on duty is then not raised."),
            (_PERSON, _FROM, _UNTIL),
            35,
        ),
        ListForm(
            "care",
            _("Care relations"),
            _("Who treats which patient. What they open of their own patients is then not raised."),
            (_PERSON, _PATIENT),
            35,
        ),
        ListForm(
            "watched_patients",
            _("Patients under special watch"),
            _("Patients whose records curious people may open. Everybody who does is raised."),
            (_PATIENT,),
            400,
        ),
        ListForm(
            "patient_kana",
            _("Readings of patients' family names"),
            _("Finds who opens the record of a relative. Only the reading of the family name is kept."),
            (_PATIENT, Column("family", _("Reading of the name"), Kind.FAMILY)),
            100,
        ),
        ListForm(
            "staff_kana",
            _("Readings of the staff's family names"),
            _("For people whose number in the logs is no account of Sekisho; the staff of Sekisho are known already."),
            (_PERSON, Column("family", _("Reading of the name"), Kind.FAMILY)),
            400,
        ),
        ListForm(
            "patient_ends",
            _("Patients who died or have long not come"),
            _("Finds who opens records that nobody has to open any more."),
            (_PATIENT, Column("ended_us", _("Day of death or of the last visit"), Kind.DAY)),
            100,
        ),
        ListForm(
            "staff_patients",
            _("Members of staff who are patients"),
            _("Finds who opens the record of a colleague."),
            (_PERSON, _PATIENT),
            400,
        ),
        ListForm(
            "accounts",
            _("Accounts of the systems with their end"),
            _("Finds the use of accounts of leavers, and of vendors. The accounts of Sekisho are known already."),
            (
                _PERSON,
                Column("kind", _("Mark of a vendor's account (anything, else empty)"), Kind.VENDOR),
                Column("ended_us", _("Last day, empty where there is none"), Kind.END),
            ),
            100,
        ),
        ListForm(
            "vendor_windows",
            _("Planned work of vendors"),
            _("When vendors announced to work. Work at other times is raised."),
            (_PERSON, _FROM, _UNTIL),
            100,
        ),
    )
}


def is_fresh(form: ListForm, as_of: date, today: date) -> bool:
    """Tell whether a list that was right on ``as_of`` may still be asked today."""
    return 0 <= (today - as_of).days <= form.fresh_days


def family_reading(kana: str) -> str:
    """Return the reading of a name in one form: full-width katakana, with plain spaces."""
    return unicodedata.normalize("NFKC", kana).translate(_HIRAGANA)
