"""Whose an account is: accounts as systems show them, the staff, and how the two are matched. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _

# Forms of one character that staff lists and systems write differently; a name that matches only so is still a name.
_SAME_CHARACTERS = str.maketrans("髙﨑德濵濱邊邉齋齊斎澤櫻廣國曻栁眞塚吉𠮷", "高崎徳浜浜辺辺斉斉斉沢桜広国昇柳真塚吉吉")


class Certainty(StrEnum):
    """How sure it is whose account this is."""

    LEDGER = "ledger"
    NUMBER = "number"
    LOGIN = "login"
    NAME_AND_KANA = "name_and_kana"
    NAME = "name"
    SEVERAL = "several"
    NOBODY = "nobody"

    @property
    def label(self) -> Text:
        """The certainty in words."""
        return CERTAINTY_LABELS[self]


CERTAINTY_LABELS: dict[Certainty, Text] = {
    Certainty.LEDGER: _("As the ID ledger says"),
    Certainty.NUMBER: _("By the staff number"),
    Certainty.LOGIN: _("The login is the staff number"),
    Certainty.NAME_AND_KANA: _("By name and reading"),
    Certainty.NAME: _("By the name alone"),
    Certainty.SEVERAL: _("Several people have this name"),
    Certainty.NOBODY: _("Nobody was found"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as its system shows it. None says that the system does not tell; ``never_used`` that it never was."""

    login: str
    name: str = ""
    kana: str = ""
    staff_number: str = ""
    active: bool = True
    administrator: bool | None = None
    last_used: date | None = None
    expires: date | None = None
    created: date | None = None
    rights: str = ""

    @property
    def key(self) -> str:
        """The login as it is compared: width and case do not matter."""
        return fold(self.login)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, leavers too; ``until`` is the last day of the employment."""

    id: str
    number: str
    name: str
    kana: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the ID ledger for the system; ``held`` tells that a person, department or vendor answers for it.

    ``moved`` tells that its owner changed department since the rights were approved.
    """

    id: str
    login: str
    owner: str | None
    held: bool
    personal: bool
    administrator: bool
    shared: bool
    expires: date | None
    moved: bool = False


@dataclass(frozen=True)
class StaffIndex:
    """The staff by everything they are found by; a key that several people share leads to several."""

    by_id: Mapping[str, Person]
    by_number: Mapping[str, Sequence[Person]]
    by_name: Mapping[str, Sequence[Person]]
    by_name_and_kana: Mapping[tuple[str, str], Sequence[Person]]


def plain_name(name: str) -> str:
    """Return a name as names are compared: without spaces, in one width, with one form of each character."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_SAME_CHARACTERS)
    return "".join(folded.split())


def plain_kana(kana: str) -> str:
    """Return a reading as readings are compared."""
    return fold(kana).replace(" ", "")


def index_staff(people: Iterable[Person]) -> StaffIndex:
    """Return the staff by id, number, name, and name with reading."""
    by_number: dict[str, list[Person]] = defaultdict(list)
    by_name: dict[str, list[Person]] = defaultdict(list)
    by_both: dict[tuple[str, str], list[Person]] = defaultdict(list)
    by_id = {}
    for person in people:
        by_id[person.id] = person
        name, kana = plain_name(person.name), plain_kana(person.kana)
        by_name[name].append(person)
        if person.number:
            by_number[fold(person.number)].append(person)
        if kana:
            by_both[name, kana].append(person)
    return StaffIndex(by_id, by_number, by_name, by_both)


def match(account: Seen, entry: Known | None, staff: StaffIndex) -> tuple[Person | None, Certainty]:
    """Return whose account this is and how sure that is: the surest ground decides, and a tie names nobody."""
    if entry is not None and entry.owner is not None and entry.owner in staff.by_id:
        return staff.by_id[entry.owner], Certainty.LEDGER
    grounds: list[tuple[Certainty, Sequence[Person]]] = [
        (Certainty.NUMBER, staff.by_number.get(fold(account.staff_number), ()) if account.staff_number else ()),
        (Certainty.LOGIN, staff.by_number.get(account.key, ())),
    ]
    if account.name:
        name = plain_name(account.name)
        both = staff.by_name_and_kana.get((name, plain_kana(account.kana)), ()) if account.kana else ()
        grounds += [(Certainty.NAME_AND_KANA, both), (Certainty.NAME, staff.by_name.get(name, ()))]
    for certainty, found in grounds:
        if len(found) == 1:
            return found[0], certainty
        if found:
            return None, Certainty.SEVERAL
    return None, Certainty.NOBODY
