"""Finding the items of the guideline in its official text, verbatim and with their printed numbers.

The text is the user's own copy; nothing of it stands in this repository. Items are found by the chapter's heading, the
heading of the list of items, and their printed marks, which are never normalised: ① stays ①. Everything between two
marks belongs to the item before, page breaks included, so the parts joined again are the list as it was.

A list ends with the heading of its chapter's first section and with nothing else: where that is missing, nobody knows
where the last item ends, and the list is reported (``Report.unended``). Every other line that begins like a heading
("7. 2 applies to ...") is part of its item.

A text that was set in pages (a PDF) breaks its lines where the page ends, so a sentence may go on with a line that
begins like an item ("...measures of / ⑥ ..."). See ``find_parts``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

LIST_HEADING = "【遵守事項】"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Digits of a heading may be torn apart ("1 3. 1"): the text comes out of a PDF.
_CHAPTER = re.compile(r"\s*(?P<number>\d(?:\s?\d)?)\s*[.．]\s*(?P<title>[^\d\s.．].*)")
_SECTION = re.compile(
    r"\s*(?P<number>\d(?:\s?\d)?)\s*[.．]\s*(?P<section>\d++)(?!\s*[.．]\s*\d)"  # "3. 1. 1" is further inside
    # Words go on with a sentence ("3. 1に示す"); a title begins with none of these.
    r"(?!\s*(?:[にのを、，]|から|及び|又は|並びに|若しくは|以上|以下|以外|以降))[^。]*"
)
_MARKS = (
    ("number", re.compile(rf"\s*-?\s*(?P<mark>[{_CIRCLED}])\s*\S")),
    ("sub", re.compile(r"\s*-?\s*[(\uff08](?P<mark>\d{1,2})[)\uff09]\s*\S")),
    ("letter", re.compile(r"\s*-?\s*[(\uff08](?P<mark>[a-z])[)\uff09]\s*\S")),
    ("bullet", re.compile(r"\s*-?\s*(?P<mark>[・－])\s*\S")),
)
_MARK = re.compile(rf"\s*-?\s*(?:[{_CIRCLED}]|[(\uff08](?:\d{{1,2}}|[a-z])[)\uff09]|[・－])")
_FOOTNOTE = re.compile(rf"\s*(?P<mark>[{_SUPERSCRIPT}]+)\s*\S")
_DASH = "[-‐‑–—−－]"
_PAGE_NUMBER = re.compile(rf"\s*(?:{_DASH}\s*\d(?:\s?\d){{,2}}\s*{_DASH}|\d{{1,3}})\s*")
# A PDF often names a radical where the ideograph of the same shape is meant. Unicode gives the Kangxi radicals a
# compatibility decomposition, but hardly any of the supplement: these are its own pairs (EquivalentUnifiedIdeograph).
_SUPPLEMENT = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳"
    "⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥"
    "⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
)
_IDEOGRAPHS = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁"
    "冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼"
    "鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_RADICALS = str.maketrans(
    {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    | dict(zip(_SUPPLEMENT, _IDEOGRAPHS, strict=True))
)
FEWEST_LETTERS = 4  # an item with less says nothing
# A hyphen at the end of a line comes as one of these, and swallows the line break; even that before the page number.
_HYPHENS = str.maketrans({"\x02": "-\n", "\ufffe": "-\n"})


class NoGuideline(InvalidInput):
    """The text holds no list of items: it is something else, or only a part of the volume."""

    code = "governance.no_guideline"
    message = _("No list of items (遵守事項) was found in this text.")
    hint = _("Import the system operation volume of the guideline as a PDF or plain text.")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of lines in the order of the text: an item with its id, or a footnote with none.

    ``first_line`` counts from 1; ``text`` is verbatim. ``ended`` tells whether the list it stands in has its end.
    """

    requirement_id: str | None
    printed: str
    text: str
    first_line: int
    ended: bool = True

    @property
    def is_empty(self) -> bool:
        """Tell whether there is hardly a word behind the mark."""
        return sum(sign.isalnum() for sign in _MARK.sub("", self.text, count=1)) < FEWEST_LETTERS


@dataclass(frozen=True, slots=True)
class Report:
    """How the official text and an edition fit together; every list holds ids in the order of the edition or text.

    ``unended`` names chapters ("SO-3"): their list of items is not followed by the heading of their first section.
    ``empty`` names items that have a mark and hardly a word.
    """

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    duplicate: tuple[str, ...]
    out_of_order: tuple[str, ...] = ()
    unended: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def faults(self) -> dict[str, tuple[str, ...]]:
        """Everything that does not fit, by kind; a kind without any is there too."""
        return {
            "missing": self.missing,
            "extra": self.extra,
            "duplicate": self.duplicate,
            "out_of_order": self.out_of_order,
            "unended": self.unended,
            "empty": self.empty,
        }

    @property
    def is_whole(self) -> bool:
        """Tell whether every row of the edition was found once, in order, with words and an end, and nothing else."""
        return not any(self.faults.values())


def page_text(page: str) -> str:
    """Return the text of one page of a PDF as it is printed, without its page number.

    Only what the extraction did is undone: line ends, hyphens and radicals. ①, ² and ２ stay what they are.
    """
    lines = page.replace("\r\n", "\n").replace("\r", "\n").translate(_HYPHENS).translate(_RADICALS)
    seen = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return without_page_number(seen).strip("\n")


def without_page_number(page: str) -> str:
    """Return a page without its first and its last line that is not blank, where they are only a page number."""
    lines = page.split("\n")
    written = [place for place, line in enumerate(lines) if line.strip()]
    ends = {*written[:1], *written[-1:]}
    return "\n".join(line for place, line in enumerate(lines) if place not in ends or not _PAGE_NUMBER.fullmatch(line))


def find_parts(text: str, bulleted: Container[str], *, paged: bool = False) -> tuple[Part, ...]:
    """Return the items and footnotes of every list of items. Raises NoGuideline.

    ``bulleted`` holds the ids whose unnumbered bullets are items of their own; elsewhere a bullet is part of its item.
    ``paged`` says that lines end where the page ends. Then a line after one without a full stop goes on with the
    sentence if its mark is not the one that comes next in print (⑥ where ⑧ is due).
    """
    parts = tuple(part for found in _lists(text.splitlines()) for part in _split(found, bulleted, paged))
    if not parts:
        raise NoGuideline
    return parts


@dataclass(frozen=True, slots=True)
class _List:
    """The lines below a heading of a list, the first with its number; ``ended`` if it has its end."""

    chapter: int
    first_line: int
    lines: Sequence[str]
    ended: bool


def _lists(lines: Sequence[str]) -> Iterator[_List]:
    """Yield each list of items with its chapter, from below its heading to its end."""
    starts = [place for place, line in enumerate(lines) if LIST_HEADING in unicodedata.normalize("NFC", line)]
    chapter = _last_chapter(lines[: starts[0]], 0) if starts else 0
    for start, stop in pairwise([*starts, len(lines)]):
        below = lines[start + 1 : stop]
        end = _end(below, chapter)
        length = _without_next_chapter(below, chapter) if end is None else end
        yield _List(chapter, start + 2, below[:length], end is not None)
        chapter = _last_chapter(below[length:], chapter)


def _last_chapter(lines: Sequence[str], chapter: int) -> int:
    """Return the chapter that these lines end in; outside a list every heading is one."""
    return next((_number(found) for line in reversed(lines) if (found := _CHAPTER.fullmatch(line))), chapter)


def _end(below: Sequence[str], chapter: int) -> int | None:
    """Return the place of the heading of the chapter's first section; None if there is none.

    Also None where several lines look like it and the first may go on with the sentence before: nobody could tell.
    """
    ends = [place for place, line in enumerate(below) if _is_first_section(line, chapter)]
    if not ends or (len(ends) > 1 and ends[0] and _is_cut(below[ends[0] - 1])):
        return None
    return ends[0]


def _is_first_section(line: str, chapter: int) -> bool:
    found = _SECTION.fullmatch(line)
    return found is not None and _number(found) == chapter and int(found["section"]) == 1


def _without_next_chapter(below: Sequence[str], chapter: int) -> int:
    """Return how many lines of a list without an end stand before the next chapter, if that begins among them."""
    for place in reversed(range(len(below))):
        found = _CHAPTER.fullmatch(below[place])
        if found and _number(found) == chapter + 1 and "。" not in below[place]:
            return place
    return len(below)


def _number(heading: re.Match[str]) -> int:
    return int(re.sub(r"\s", "", heading["number"]))


def _is_cut(line: str) -> bool:
    """Tell whether a line of a page may go on in the next one."""
    return bool(line.strip()) and not line.rstrip().endswith("。")


def _split(found: _List, bulleted: Container[str], paged: bool) -> Iterator[Part]:
    """Cut a list of items at its marks. Lines before the first mark (blank ones) are left out."""
    where = _Position(found.chapter, bulleted)
    name: str | None = None
    printed, first, before, collected = "", 0, "", list[str]()
    for number, line in enumerate(found.lines, start=found.first_line):
        mark = where.read(line, goes_on=paged and _is_cut(before))
        before = line
        if mark is not None:
            if first:
                yield Part(name, printed, _trimmed(collected), first, found.ended)
            (name, printed), first, collected = mark, number, []
        if first:
            collected.append(line)
    if first:
        yield Part(name, printed, _trimmed(collected), first, found.ended)


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


class _Position:
    """Where we are in a list: turns the mark at the beginning of a line into the id of the item that it begins."""

    def __init__(self, chapter: int, bulleted: Container[str]) -> None:
        self.chapter = chapter
        self.bulleted = bulleted
        self.number = self.sub = self.letter = ""
        self.bullets = 0

    def read(self, line: str, *, goes_on: bool = False) -> tuple[str | None, str] | None:
        """Return (id, printed label) when the line begins an item, (None, mark) for a footnote, else None.

        ``goes_on``: the line may belong to the sentence before; then a mark out of its turn begins nothing.
        """
        if footnote := _FOOTNOTE.match(line):
            return None, footnote["mark"]
        for kind, pattern in _MARKS:
            if found := pattern.match(line):
                mark = found["mark"]
                return None if goes_on and not self._is_next(kind, mark) else self._named(kind, mark)
        return None

    def _is_next(self, kind: str, mark: str) -> bool:
        """Tell whether a mark is the one that comes next in print; the first of a list may be any."""
        match kind:
            case "number":
                return not self.number or _CIRCLED.index(mark) == _CIRCLED.index(self.number) + 1
            case "sub":
                return int(mark) == int(self.sub or "0") + 1
            case "letter":
                return mark == (chr(ord(self.letter) + 1) if self.letter else "a")
        return True

    def _named(self, kind: str, mark: str) -> tuple[str, str] | None:
        match kind:
            case "number":
                self.number, self.sub, self.letter, self.bullets = mark, "", "", 0
                return self._id(""), mark
            case "sub" if self.number:
                self.sub, self.letter, self.bullets = str(int(mark)), "", 0
                return self._id(f"-{self.sub}"), f"{self.number}({self.sub})"
            case "letter" if self.sub:
                self.letter = mark
                return self._id(f"-{self.sub}{mark}"), f"{self.number}({self.sub}){mark}"
            case "bullet" if self.number and not self.sub and self._id("") in self.bulleted:
                self.bullets += 1
                return self._id(f"-{chr(ord('a') + self.bullets - 1)}"), f"{self.number}・{self.bullets}"
        return None

    def _id(self, rest: str) -> str:
        return f"SO-{self.chapter}-{_CIRCLED.index(self.number) + 1}{rest}"


def compare(parts: Iterable[Part], ids: Sequence[str]) -> Report:
    """Return how the found items fit the ids of an edition."""
    items = [(part.requirement_id, part) for part in parts if part.requirement_id is not None]
    found = [name for name, _part in items]
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
        unended=tuple(dict.fromkeys(_chapter_of(name) for name, part in items if not part.ended)),
        empty=tuple(dict.fromkeys(name for name, part in items if part.is_empty)),
    )


def _chapter_of(name: str) -> str:
    """Return the id of an item's chapter: SO-3 of SO-3-1-2a."""
    volume, chapter, *_inside = name.split("-")
    return f"{volume}-{chapter}"


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
