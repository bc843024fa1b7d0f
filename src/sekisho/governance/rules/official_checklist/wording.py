"""How Japanese forms write numbers, answers and days. Full-width and half-width are the same (NFKC)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate

from sekisho.kernel.dates import NotADate, parse_date


class Strength(StrEnum):
    """How surely a mark is the number of an item: a bare number may be that of a section."""

    COMPOUND = "compound"
    STRONG = "strong"
    WEAK = "weak"


_CIRCLED = {chr(0x2460 + place): place + 1 for place in range(20)} | {
    chr(0x3251 + place): place + 21 for place in range(15)
}
_CIRCLED_SIGNS = "".join(_CIRCLED)
_DIGITS = r"[0-9]{1,2}"
_SEPARATE = r"[-.．－ー−–・の]"
# Marks of items, strongest first: with their section (1-2, 2⑥, 2(6)), circled or in brackets, a bare number.
_COMPOUND = re.compile(
    rf"(?P<section>{_DIGITS})\s*(?:{_SEPARATE}\s*(?P<plain>{_DIGITS})(?![0-9.])|{_SEPARATE}?\s*(?:(?P<circled>[{_CIRCLED_SIGNS}])"
    rf"|[(（](?P<bracketed>{_DIGITS})[)）]))\s*"
)
_STRONG = re.compile(rf"(?:(?P<circled>[{_CIRCLED_SIGNS}])|[(（](?P<bracketed>{_DIGITS})[)）])\s*")
_WEAK = re.compile(rf"(?P<plain>{_DIGITS})(?:[.．、:：)）]\s*|\s+|$|(?=[^0-9]))")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_ROMAN_FORM = re.compile(r"(?P<roman>[IVX]{1,4})(?:[.．、:：]\s*|\s+|$)")
_FORMS = (
    (_COMPOUND, Strength.COMPOUND),
    (_STRONG, Strength.STRONG),
    (_WEAK, Strength.WEAK),
    (_ROMAN_FORM, Strength.WEAK),
)
_YEAR = re.compile(
    r"令和\s*(?P<era>元|[0-9]{1,2})\s*年度|(?P<western>20[0-9]{2})\s*年度|(?<![A-Z0-9])R\s*(?P<letter>[0-9]{1,2})\s*年度"
)
_FIRST_REIWA = 2018
_YES, _NO = "はい", "いいえ"
_TICKS = frozenset("○◯〇●◎レ✓✔☑☒■✅✗×xvV1")
_EMPTY_BOXES = frozenset("□☐-－―ー・/／ ")
_BLANK_DAY = re.compile(r"[()（）/／年月日令和西暦R.．・:：_＿\s-]*")
_MONTH_DAY = re.compile(r"(?P<month>[0-9]{1,2})\s*[/月.]\s*(?P<day>[0-9]{1,2})日?")
_APRIL = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """The number before an item or a heading; ``section`` is 0 where the mark does not name it."""

    strength: Strength
    section: int
    number: int
    rest: str


def folded(text: str) -> str:
    """Return a text for comparing: one width, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def mark_of(text: str) -> Mark | None:
    """Return the number with which a text begins and the rest of it as it stands, None where it begins with none.

    Circled numbers are looked at before widths are folded: folding would turn ① into 1.
    """
    text = text.strip()
    signs = [sign if sign in _CIRCLED else unicodedata.normalize("NFKC", sign) for sign in text]
    said = "".join(signs)
    for form, strength in _FORMS:
        if found := form.match(said):
            rest = text[_original_place(signs, found.end()) :].strip()
            section = int(found["section"]) if strength is Strength.COMPOUND else 0
            return Mark(strength, section, _number(found), rest)
    return None


def _original_place(signs: list[str], place: int) -> int:
    """Return how many signs of the text as it stands make ``place`` signs of the folded one."""
    lengths = accumulate(len(sign) for sign in signs)
    return next((number for number, length in enumerate(lengths, start=1) if length >= place), 0) if place else 0


def _number(found: re.Match[str]) -> int:
    groups = found.groupdict()
    if circled := groups.get("circled"):
        return _CIRCLED[circled]
    if roman := groups.get("roman"):
        return _ROMAN.get(roman, 0)
    return int(groups.get("bracketed") or groups.get("plain") or 0)


def years_in(text: str) -> set[int]:
    """Return the fiscal years that a text names: 令和8年度, R8年度, 2026年度, in any width."""
    found = set()
    for said in _YEAR.finditer(unicodedata.normalize("NFKC", text)):
        era = said["era"] or said["letter"]
        found.add(int(said["western"]) if said["western"] else _FIRST_REIWA + (1 if era == "元" else int(era)))
    return found


def is_question(text: str) -> bool:
    """Tell whether a cell offers both answers to choose from."""
    said = folded(text)
    return _YES in said and _NO in said


class NotUnderstood(ValueError):
    """A cell holds something that is no answer and no day."""


def ticked(text: str, own: str) -> bool:
    """Tell whether a cell of a column "はい" (``own``) or "いいえ" is ticked. Raises NotUnderstood."""
    said = folded(text)
    if not said.strip("".join(_EMPTY_BOXES)):
        return False
    bare = said.strip("()")
    if bare == own or (len(bare) == 1 and bare in _TICKS):
        return True
    boxed = bare.removesuffix(own)
    if boxed in _EMPTY_BOXES:
        return False
    if len(boxed) == 1 and boxed in _TICKS:
        return True
    raise NotUnderstood(text)


def chosen(text: str) -> str:
    """Return "yes", "no" or "" for what a cell for both answers says. Raises NotUnderstood."""
    said = folded(text)
    if is_question(said):
        return _marked(said)
    without = said.replace(_YES, "").replace(_NO, "")
    if _NO in said:
        return "no"
    if _YES in said:
        return "yes"
    if _BLANK_DAY.fullmatch(without) or not without.strip("".join(_EMPTY_BOXES)):
        return ""
    if without in {"○", "◯", "〇"}:
        return "yes"
    if without in {"×", "✗"}:
        return "no"
    raise NotUnderstood(text)


def _marked(said: str) -> str:
    """Return which of both answers has a tick before it, or empty where neither has."""
    found = [bool(re.search(rf"[{''.join(sorted(_TICKS))}]\)?{word}", said)) for word in (_YES, _NO)]
    if all(found):
        raise NotUnderstood(said)
    return "yes" if found[0] else "no" if found[1] else ""


def without_answer(text: str) -> str:
    """Return what a cell says beside はい and いいえ, without brackets: its day."""
    said = unicodedata.normalize("NFKC", text).replace(_NO, "").replace(_YES, "")
    return said.strip("".join(_TICKS - {"1"}) + "".join(_EMPTY_BOXES) + "()[]【】、, ")


def day_in(text: str, fiscal_year: int) -> date | None:
    """Return the day that a text says, None for a blank to be filled in; 11/20 is the one of the fiscal year.

    Raises NotUnderstood.
    """
    said = unicodedata.normalize("NFKC", text).strip().strip("()（）").strip()
    if _BLANK_DAY.fullmatch(said):
        return None
    try:
        return parse_date(said)
    except NotADate:
        found = _MONTH_DAY.fullmatch(said)
    if found is None:
        raise NotUnderstood(text)
    month = int(found["month"])
    try:
        return date(fiscal_year if month >= _APRIL else fiscal_year + 1, month, int(found["day"]))
    except ValueError as error:
        raise NotUnderstood(text) from error
