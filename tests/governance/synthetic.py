"""A guideline of our own in the shape of the official one: same headings, marks and page breaks, other words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"
BULLETED = {"SO-2-3"}
# Chapter 1: ①②; chapter 2: ① and ③ (no ②, as in the real chapter 4), ③ with two bullets; chapter 3: (1) and letters.
IDS = (
    "SO-1-1",
    "SO-1-2",
    "SO-2-1",
    "SO-2-3",
    "SO-2-3-a",
    "SO-2-3-b",
    "SO-3-1",
    "SO-3-1-1",
    "SO-3-1-1a",
    "SO-3-1-1b",
    "SO-3-1-2",
    "SO-3-2",
)


@dataclass(frozen=True)
class Item:
    """One printed item: its chapter, the line's mark, and its text."""

    id: str
    chapter: int
    line: str


ITEMS = (
    Item("SO-1-1", 1, "- ① 門の前に番人を置くこと。"),
    Item("SO-1-2", 1, "- ② 番人の名を帳面に記すこと。\n\n頁をまたいで続く文である。"),
    Item("SO-2-1", 2, "- ① 手形を持たない者を通さないこと。\n - ・ これは①の説明であり、項目ではない。"),
    Item("SO-2-3", 2, "- ③ 次の荷を改めること。"),
    Item("SO-2-3-a", 2, " - ・ 鉄砲を改めること。"),
    Item("SO-2-3-b", 2, " - － 書状を改めること。"),
    Item("SO-3-1", 3, "- ① 夜の番について次のとおりとすること。"),
    Item("SO-3-1-1", 3, " - (1) 灯をともすこと。"),
    Item("SO-3-1-1a", 3, " - (a) 油を切らさないこと。"),
    Item("SO-3-1-1b", 3, "- (b) 灯を二つ置くこと。"),
    Item("SO-3-1-2", 3, " - （2） 鐘を鳴らすこと。"),
    Item("SO-3-2", 3, "- ② 朝に門を開くこと。\n\n¹² 開門の刻は別に定める。"),
)
HEADINGS = {1: "1. 番の心得", 2: "2. 改めの作法", 3: "1 3. 夜の番"}


def guideline(items: Sequence[Item] = ITEMS, headings: dict[int, str] | None = None) -> str:
    """Return the whole text: a table of contents, then each chapter with its list and an explanatory section."""
    headings = headings or {1: "1. 番の心得", 2: "2. 改めの作法", 3: "3. 夜の番"}
    lines = ["関所の手引き", "", "目次", *(f"{heading}.....\t- {number} -" for number, heading in headings.items())]
    lines += ["3. 1 ともしび.....\t- 9 -", ""]
    for chapter, heading in headings.items():
        lines += [heading, "", "【遵守事項】", ""]
        lines += [item.line for item in items if item.chapter == chapter]
        lines += ["", f"{chapter}. 1 くわしい話", "", "- ① この番号は説明の中にあり、項目ではない。", ""]
    return "\n".join(lines)


def cut_in_the_last_item() -> str:
    """Return the guideline up to the middle of its last sentence."""
    whole = guideline()
    return whole[: whole.index("くこと。\n\n¹²")]


def without_section(chapter: int) -> str:
    """Return the guideline without the heading that ends the list of a chapter."""
    return guideline().replace(f"{chapter}. 1 くわしい話\n", "")


def with_line(line: str) -> str:
    """Return the guideline with a line inside the first item of its chapter 3, between two halves of a sentence."""
    return guideline().replace("夜の番について次のとおり", f"夜の番について、\n{line}\n満たし、次のとおり")


def only_marks() -> str:
    """Return the guideline with every item reduced to its mark and a letter."""
    return guideline([replace(item, line=re.sub(r"^( ?- *\S+ ).*", r"\1門", item.line, flags=re.S)) for item in ITEMS])
