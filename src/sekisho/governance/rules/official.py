"""Finding the items of the guideline in its official text, verbatim and with their printed numbers.

The text is the user's own copy; nothing of it stands in this repository. Items are found by the chapter's heading, the
heading of the list of items, and their printed marks, which are never normalised: ① stays ①. Everything between two
marks belongs to the item before, page breaks included, so the parts joined again are the list as it was.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

LIST_HEADING = "【遵守事項】"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Digits of a heading may be torn apart ("1 3. 1"): the text comes out of a PDF.
_CHAPTER = re.compile(r"\s*(?P<number>\d(?:\s?\d)?)\s*\.\s+(?P<title>[^\d\s.].*)")
_SECTION = re.compile(r"\s*\d(?:\s?\d)?\s*\.\s*\d.*")
_MARKS = (
    ("number", re.compile(rf"\s*-?\s*(?P<mark>[{_CIRCLED}])\s*\S")),
    ("sub", re.compile(r"\s*-?\s*[(\uff08](?P<mark>\d{1,2})[)\uff09]\s*\S")),
    ("letter", re.compile(r"\s*-?\s*[(\uff08](?P<mark>[a-z])[)\uff09]\s*\S")),
    ("bullet", re.compile(r"\s*-?\s*(?P<mark>[・－])\s*\S")),
)
_FOOTNOTE = re.compile(rf"\s*(?P<mark>[{_SUPERSCRIPT}]+)\s*\S")


class NoGuideline(InvalidInput):
    """The text holds no list of items: it is something else, or only a part of the volume."""

    code = "governance.no_guideline"
    message = _("No list of items (遵守事項) was found in this text.")
    hint = _("Import the system operation volume of the guideline as plain text.")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of lines in the order of the text: an item with its id, or a footnote with none.

    ``first_line`` counts from 1; ``text`` is verbatim.
    """

    requirement_id: str | None
    printed: str
    text: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Report:
    """How the official text and an edition fit together; every list holds ids in the order of the edition or text."""

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    duplicate: tuple[str, ...]
    out_of_order: tuple[str, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Tell whether every row of the edition was found once, in order, and nothing else."""
        return not (self.missing or self.extra or self.duplicate or self.out_of_order)


def find_parts(text: str, bulleted: Container[str]) -> tuple[Part, ...]:
    """Return the items and footnotes of every list of items. Raises NoGuideline.

    ``bulleted`` holds the ids whose unnumbered bullets are items of their own; elsewhere a bullet is part of its item.
    """
    parts = tuple(part for chapter, lines in _lists(text) for part in _split(chapter, lines, bulleted))
    if not parts:
        raise NoGuideline
    return parts


def _lists(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield each list of items with its chapter: numbered lines from below its heading to the next section."""
    chapter, inside = 0, False
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _CHAPTER.fullmatch(line)
        if inside and (heading or _SECTION.fullmatch(line)):
            yield chapter, lines
            lines, inside = [], False
        if heading:
            chapter = int(heading["number"].replace(" ", ""))
        elif LIST_HEADING in unicodedata.normalize("NFC", line):
            if inside:
                yield chapter, lines
            lines, inside = [], True
        elif inside:
            lines.append((number, line))
    if inside:
        yield chapter, lines


def _split(chapter: int, lines: Sequence[tuple[int, str]], bulleted: Container[str]) -> Iterator[Part]:
    """Cut a list of items at its marks. Lines before the first mark (blank ones) are left out."""
    where = _Position(chapter, bulleted)
    name: str | None = None
    printed, first, collected = "", 0, list[str]()
    for number, line in lines:
        mark = where.read(line)
        if mark is not None:
            if first:
                yield Part(name, printed, _trimmed(collected), first)
            (name, printed), first, collected = mark, number, []
        if first:
            collected.append(line)
    if first:
        yield Part(name, printed, _trimmed(collected), first)


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


class _Position:
    """Where we are in a list: turns the mark at the beginning of a line into the id of the item that it begins."""

    def __init__(self, chapter: int, bulleted: Container[str]) -> None:
        self.chapter = chapter
        self.bulleted = bulleted
        self.number = self.sub = ""
        self.bullets = 0

    def read(self, line: str) -> tuple[str | None, str] | None:
        """Return (id, printed label) when the line begins an item, (None, mark) for a footnote, else None."""
        if footnote := _FOOTNOTE.match(line):
            return None, footnote["mark"]
        for kind, pattern in _MARKS:
            if found := pattern.match(line):
                return self._named(kind, found["mark"])
        return None

    def _named(self, kind: str, mark: str) -> tuple[str, str] | None:
        match kind:
            case "number":
                self.number, self.sub, self.bullets = mark, "", 0
                return self._id(""), mark
            case "sub" if self.number:
                self.sub, self.bullets = str(int(mark)), 0
                return self._id(f"-{self.sub}"), f"{self.number}({self.sub})"
            case "letter" if self.sub:
                return self._id(f"-{self.sub}{mark}"), f"{self.number}({self.sub}){mark}"
            case "bullet" if self.number and not self.sub and self._id("") in self.bulleted:
                self.bullets += 1
                return self._id(f"-{chr(ord('a') + self.bullets - 1)}"), f"{self.number}・{self.bullets}"
        return None

    def _id(self, rest: str) -> str:
        return f"SO-{self.chapter}-{_CIRCLED.index(self.number) + 1}{rest}"


def compare(parts: Iterable[Part], ids: Sequence[str]) -> Report:
    """Return how the found items fit the ids of an edition."""
    found = [part.requirement_id for part in parts if part.requirement_id is not None]
    counts, known = Counter(found), set(ids)
    once = list(dict.fromkeys(found))
    places = {name: place for place, name in enumerate(ids)}
    present = [name for name in once if name in known]
    return Report(
        matched=tuple(name for name in ids if counts[name] == 1),
        missing=tuple(name for name in ids if name not in counts),
        extra=tuple(name for name in once if name not in known),
        duplicate=tuple(name for name in once if counts[name] > 1),
        out_of_order=tuple(later for earlier, later in pairwise(present) if places[later] < places[earlier]),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One item whose text differs between two official texts; None where one of them has no such item."""

    requirement_id: str
    before: str | None
    after: str | None


def differences(before: dict[str, str], after: dict[str, str]) -> list[Difference]:
    """Return the items that differ in more than white space, in the order of the newer text, removed ones last."""
    names = [*after, *(name for name in before if name not in after)]
    return [
        Difference(name, before.get(name), after.get(name))
        for name in names
        if _squeezed(before.get(name)) != _squeezed(after.get(name))
    ]


def _squeezed(text: str | None) -> str | None:
    """White space comes and goes with page breaks; it is no change of the text."""
    return None if text is None else re.sub(r"\s+", "", text)
