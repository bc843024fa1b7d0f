"""Which requirements a list shows: the conditions as they stand in an address, and whether a row meets them.

Pure: rubbish in an address does not narrow the list, and what is written is read back as the same conditions.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.search import LONGEST_SEARCH, fold, search_words

GROUPS = ("common", "client", "server", "infrastructure", "security")
NOBODY, MYSELF = "nobody", "me"
SETTLED = frozenset({Verdict.CONFORMING, Verdict.NOT_APPLICABLE})
_LONGEST_PERSON = 64
_NUMBER = re.compile(r"(?:so-)?([0-9]{1,2}(?:-[0-9]{1,3})+[a-z]?(?:-[a-z])?)")


class DueCondition(StrEnum):
    """What a list asks of the day by which a requirement is to be done."""

    OVERDUE = "overdue"
    THIS_MONTH = "month"
    NO_DAY = "none"


@dataclass(frozen=True, slots=True)
class RequirementFilter:
    """The conditions of a list of requirements; an empty one does not narrow.

    ``person`` is the id of who looks after it, NOBODY, or MYSELF for the reader, whom the caller knows; ``text`` is
    what was typed to search for.
    """

    group: str = ""
    verdicts: frozenset[Verdict] = frozenset()
    person: str = ""
    due: DueCondition | None = None
    reassess: bool = False
    excepted: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the conditions ask about one row: a parent is not judged and nobody looks after it.

    ``searched`` is the folded text that words are looked for in.
    """

    group: str
    is_leaf: bool
    verdict: Verdict
    person: str
    due_on: date | None
    reassess: bool
    excepted: bool
    searched: str


def read_filter(pairs: Iterable[tuple[str, str]]) -> RequirementFilter:
    """Return the conditions that the names and values of an address stand for. Verdicts may be joined by commas."""
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    group, person, due = (said.get(name, [""])[-1] for name in ("group", "person", "due"))
    verdicts = {word for value in said.get("verdict", ()) for word in value.split(",")}
    return RequirementFilter(
        group=group if group in GROUPS else "",
        verdicts=frozenset(verdict for verdict in Verdict if verdict.value in verdicts),
        person=person if _could_be_a_person(person) else "",
        due=DueCondition(due) if due in set(DueCondition) else None,
        reassess=bool(said.get("reassess", [""])[-1]),
        excepted=bool(said.get("excepted", [""])[-1]),
        text=said.get("q", [""])[-1][:LONGEST_SEARCH],
    )


def _could_be_a_person(word: str) -> bool:
    return len(word) <= _LONGEST_PERSON and word.isascii() and word.replace("-", "").isalnum()


def write_filter(conditions: RequirementFilter) -> list[tuple[str, str]]:
    """Return the names and values that stand for the conditions, in one order; what does not narrow is left out."""
    verdicts = ",".join(verdict.value for verdict in Verdict if verdict in conditions.verdicts)
    said = [
        ("group", conditions.group),
        ("verdict", verdicts),
        ("person", conditions.person),
        ("due", conditions.due.value if conditions.due else ""),
        ("reassess", "1" if conditions.reassess else ""),
        ("excepted", "1" if conditions.excepted else ""),
        ("q", conditions.text),
    ]
    return [(name, value) for name, value in said if value]


def matches(conditions: RequirementFilter, row: Standing, today: date, words: Sequence[str] | None = None) -> bool:
    """Tell whether a row meets all conditions; what is asked of leaves hides parents.

    ``words`` spares folding the text anew for each row.
    """
    if conditions.group and row.group != conditions.group:
        return False
    if not row.is_leaf and _asks_of_leaves(conditions):
        return False
    wanted = searched_words(conditions.text) if words is None else words
    return (
        (not conditions.verdicts or row.verdict in conditions.verdicts)
        and _is_with(conditions.person, row)
        and _is_due(conditions.due, row, today)
        and row.reassess >= conditions.reassess
        and row.excepted >= conditions.excepted
        and all(word in row.searched for word in wanted)
    )


def search_key(names: Iterable[str], printed: str, texts: Iterable[str]) -> str:
    """Return what a row is searched by: the ids of itself and of its parents, its chapter and mark, its texts."""
    numbers = " ".join(f"{fold(name)}." for name in names)
    return f"{numbers} {fold(_with_marks(printed))} {fold(' '.join(texts))}"


def searched_words(text: str) -> list[str]:
    """Return the words to look for in search keys: 14-6 finds the item and what stands below it, ⑥ the printed mark."""
    words = search_words(_with_marks(text))
    return [f"so-{found[1]}." if (found := _NUMBER.fullmatch(word)) else word for word in words]


def _with_marks(text: str) -> str:
    """Fold ⑥ to #6# first: as a plain 6 it would be found in every number that has one."""
    return "".join(_marked(character) for character in text)


def _marked(character: str) -> str:
    kind, _space, number = unicodedata.decomposition(character).partition(" ")
    return f"#{unicodedata.normalize('NFKC', character)}#" if kind == "<circle>" and number else character


def _asks_of_leaves(conditions: RequirementFilter) -> bool:
    flags = conditions.reassess or conditions.excepted
    return bool(conditions.verdicts or conditions.person or conditions.due or flags)


def _is_with(person: str, row: Standing) -> bool:
    return not person or row.person == ("" if person == NOBODY else person)


def _is_due(due: DueCondition | None, row: Standing, today: date) -> bool:
    """What conforms or does not apply is due no more."""
    if due is None:
        return True
    if row.verdict in SETTLED:
        return False
    if due is DueCondition.NO_DAY or row.due_on is None:
        return due is DueCondition.NO_DAY and row.due_on is None
    if due is DueCondition.OVERDUE:
        return row.due_on < today
    return (row.due_on.year, row.due_on.month) == (today.year, today.month)
