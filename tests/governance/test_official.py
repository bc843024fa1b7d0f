"""Finding the items of the official text: whole, verbatim, and every damage is reported."""

import os
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.official import (
    Difference,
    NoGuideline,
    Part,
    Report,
    compare,
    differences,
    find_parts,
    page_text,
)
from tests.governance.synthetic import (
    BULLETED,
    CIRCLED,
    IDS,
    ITEMS,
    Item,
    cut_in_the_last_item,
    guideline,
    only_marks,
    with_line,
    without_section,
)

WORDS = "門を開くこと。"
CIRCLED_TO_TWENTY = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def items(text: str) -> dict[str, str]:
    """Return the found items by id."""
    return {part.requirement_id: part.text for part in find_parts(text, BULLETED) if part.requirement_id}


def test_the_whole_text_is_found() -> None:
    """Every item once, in order, with its printed label; what explains is not an item."""
    parts = find_parts(guideline(), BULLETED)
    report = compare(parts, IDS)
    assert report.matched == IDS
    assert report.is_whole
    labels = [part.printed for part in parts if part.requirement_id]
    assert labels == ["①", "②", "①", "③", "③・1", "③・2", "①", "①(1)", "①(1)a", "①(1)b", "①(2)", "②"]


def test_texts_are_verbatim_and_joined_they_are_the_list() -> None:
    """Page breaks and bullets of an explanation stay inside; a footnote is apart; nothing is lost or added."""
    found = items(guideline())
    assert found == {item.id: item.line.split("\n\n¹²")[0] for item in ITEMS}
    for chapter in (1, 2, 3):
        wanted = "\n".join(item.line for item in ITEMS if item.chapter == chapter)
        parts = find_parts(guideline(), BULLETED)
        mine = [part.text for part in parts if _chapter(part, parts) == chapter]
        assert re.sub(r"\n+", "\n", "\n".join(mine)) == re.sub(r"\n+", "\n", wanted)


def _chapter(part: Part, parts: tuple[Part, ...]) -> int:
    """A footnote belongs to the chapter of the item before it."""
    before = [p for p in parts if p.requirement_id and p.first_line <= part.first_line]
    return int((before[-1].requirement_id or "").split("-")[1])


@pytest.mark.parametrize("gone", ITEMS, ids=lambda item: item.id)
def test_each_deleted_item_is_missed(gone: Item) -> None:
    """One by one."""
    report = compare(find_parts(guideline([item for item in ITEMS if item is not gone]), BULLETED), IDS)
    assert not report.is_whole
    assert gone.id in report.missing or gone.id in _renamed_by_loss(gone)
    assert gone.id not in report.matched or gone.id in _renamed_by_loss(gone)


def _renamed_by_loss(gone: Item) -> set[str]:
    """Unnumbered bullets are named by their place, so the last name is missed instead of the deleted one."""
    return {"SO-2-3-a"} if gone.id == "SO-2-3-a" else set()


@pytest.mark.parametrize("twice", ITEMS, ids=lambda item: item.id)
def test_each_doubled_item_is_reported(twice: Item) -> None:
    """One by one; a doubled bullet is an extra one."""
    doubled = [copy for item in ITEMS for copy in ([item, item] if item is twice else [item])]
    report = compare(find_parts(guideline(doubled), BULLETED), IDS)
    assert not report.is_whole
    assert twice.id in report.duplicate or report.extra == ("SO-2-3-c",)


@pytest.mark.parametrize("item", [item for item in ITEMS if item.line.startswith("- ")], ids=lambda item: item.id)
def test_each_renumbered_item_is_reported(item: Item) -> None:
    """Under a number that the edition does not have, the item is extra and its own is missing."""
    mark = next(sign for sign in item.line if sign in CIRCLED + "(")
    changed = item.line.replace("(b)", "(z)") if mark == "(" else item.line.replace(mark, "⑨", 1)
    report = compare(
        find_parts(guideline([Item(i.id, i.chapter, changed) if i is item else i for i in ITEMS]), BULLETED), IDS
    )
    assert item.id in report.missing
    assert report.extra


def test_circled_numbers_are_not_normalised() -> None:
    """1 is not ①: a plain digit is no mark of an item."""
    report = compare(find_parts(guideline().replace("- ②", "- 2"), BULLETED), IDS)
    assert set(report.missing) == {"SO-1-2", "SO-3-2"}


def test_swapped_items_are_out_of_order() -> None:
    """Order is part of the text."""
    swapped = [ITEMS[1], ITEMS[0], *ITEMS[2:]]
    report = compare(find_parts(guideline(swapped), BULLETED), IDS)
    assert report.out_of_order == ("SO-1-1",)
    assert not report.is_whole


def test_headings_torn_apart_are_read() -> None:
    """ "1 3." is chapter 13, as the text comes out of a PDF."""
    text = guideline(headings={1: "1. 番の心得", 2: "2. 改めの作法", 3: "1 3. 夜の番"})
    assert "SO-13-1-1b" in items(text)
    assert "SO-3-1" not in items(text)


@pytest.mark.parametrize("text", ["", "何もない", "1. 目次\n2. 目次", "【遵守事項】", "\x00" * 100])
def test_something_else_is_refused(text: str) -> None:
    """A text without items is no guideline."""
    with pytest.raises(NoGuideline) as refused:
        find_parts(text, BULLETED)
    assert refused.value.code == "governance.no_guideline"


@given(st.text(alphabet="①②(1)a・－-. \n【遵守事項】1３。", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    """Items or a clear refusal."""
    try:
        parts = find_parts(text, BULLETED)
    except NoGuideline:
        return
    assert [part.first_line for part in parts] == sorted(part.first_line for part in parts)


def test_differences_name_what_changed() -> None:
    """White space is no change; a new, a changed and a removed item are."""
    before = {"a": "一 二", "b": "三", "c": "四"}
    after = {"a": "一\n二", "b": "参", "d": "五"}
    found = [
        (difference.requirement_id, difference.before, difference.after) for difference in differences(before, after)
    ]
    assert found == [("b", "三", "参"), ("d", None, "五"), ("c", "四", None)]


@pytest.mark.skipif("SEKISHO_OFFICIAL_TEXT" not in os.environ, reason="needs the official text")
def test_the_official_text_is_matched_whole() -> None:
    """Run with SEKISHO_OFFICIAL_TEXT pointing to the user's own copy."""
    from sekisho.governance.queries.editions import edition

    rows = edition().rows
    bulleted = {row.parent or "" for row in edition().leaves if row.kind == "bullet"}
    parts = find_parts(Path(os.environ["SEKISHO_OFFICIAL_TEXT"]).read_text(encoding="utf8"), bulleted)
    report = compare(parts, [row.id for row in rows])
    assert (len(report.matched), report.is_whole) == (130, True)


# Lists without an end, lines like headings, items without words


def reported(text: str, *, paged: bool = False) -> Report:
    """Compare a text with the synthetic edition."""
    return compare(find_parts(text, BULLETED, paged=paged), IDS)


@pytest.mark.parametrize("paged", [False, True])
def test_a_text_cut_in_its_last_item_is_not_whole(paged: bool) -> None:
    """Every item is there, and nobody knows how the last one goes on."""
    report = reported(cut_in_the_last_item(), paged=paged)
    assert report.matched == IDS
    assert report.unended == ("SO-3",)
    assert not report.is_whole


def test_wherever_a_text_is_cut_before_its_last_list_ends_it_is_not_whole() -> None:
    """Letter by letter; behind the heading only explanations follow."""
    text = guideline()
    first, end = text.index("【遵守事項】\n\n- ①") + len("【遵守事項】\n\n- ① 門"), text.rindex("3. 1")
    assert [length for length in range(first, end + len("3. ")) if reported(text[:length]).is_whole] == []
    assert reported(text[: end + len("3. 1 く")]).is_whole


@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize("chapter", [1, 2, 3])
def test_a_list_whose_end_has_no_heading_is_reported(chapter: int, paged: bool) -> None:
    """It would swallow what explains it; the other lists are found as they are."""
    text = without_section(chapter).replace("- ① この番号は説明の中にあり、項目ではない。", "くわしい話である。")
    report = reported(text, paged=paged)
    assert report.unended == (f"SO-{chapter}",)
    assert report.matched == IDS
    assert not report.is_whole


def test_no_list_of_a_guideline_without_sections_has_an_end() -> None:
    """A section of another chapter, a later one or one further inside is none."""
    for other in ("", "4. 1 話", "1. 2 話", "2. 2 話", "3. 1. 1 話", "3.1.1 話", "3. 11 話", "3. 12. 1 話"):
        text = re.sub(r"(?m)^\d\. 1 くわしい話$", other, guideline())
        assert reported(text).unended == ("SO-1", "SO-2", "SO-3"), other


@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        *(
            "3. 2に示す要件を",
            "3. 1に示す要件を",
            "3．1 及び第",
            "3.1、3.2 の要件を",
            "4. に示す要件を",
            "2. 1 の要件を",
        ),
        *("7. 次の要件を", "1. 番の心得を", "3. 1. 1 の", "3. 1 に示すこと。また、", "1.3 以上を", "2. 改めの作法"),
    ],
)
def test_a_line_like_a_heading_does_not_cut_an_item(line: str, paged: bool) -> None:
    """In plain text as in pages: only the heading that is due ends a list."""
    found = {part.requirement_id: part.text for part in find_parts(with_line(line), BULLETED, paged=paged)}
    assert found["SO-3-1"] == f"- ① 夜の番について、\n{line}\n満たし、次のとおりとすること。"
    assert reported(with_line(line), paged=paged).is_whole


def test_two_lines_that_could_end_a_list_end_none() -> None:
    """Unless the first one follows a full stop: a sentence does not go on with it."""
    doubtful = chapter("① 番を置き、", "1. 1 話", "を聞くこと。", "1. 1 話", "おわり。")
    assert compare(find_parts(doubtful, frozenset()), ["SO-1-1"]).unended == ("SO-1",)
    clear = chapter("① 番を置くこと。", "1. 1 話", "次を見よ。", "1. 1 話")
    (part,) = find_parts(clear, frozenset())
    assert (part.text, part.ended) == ("① 番を置くこと。", True)
    at_once = chapter("1. 1 話", "① 番を置くこと。", "1. 1 話", "2. 次", "【遵守事項】", "① 門", "2. 1 話")
    assert names(at_once) == ["SO-2-1"]


def test_a_list_without_an_end_stops_at_the_last_line_that_can_be_the_next_chapter() -> None:
    """So that the next one is named rightly and both are reported for what they are."""
    lines = (
        "① 番を",
        "2. 次",
        "と呼ぶこと。",
        "2. 次。",
        "2. 次の番",
        "3. 別",
        "【遵守事項】",
        "① 門を開くこと。",
        "2. 1 話",
    )
    first, second = find_parts(chapter(*lines), frozenset())
    assert (first.text, first.ended) == ("① 番を\n2. 次\nと呼ぶこと。\n2. 次。", False)
    assert (second.requirement_id, second.ended) == ("SO-3-1", False)


def test_items_reduced_to_their_marks_are_not_whole() -> None:
    """Each one is named."""
    report = reported(only_marks())
    assert report.matched == IDS
    assert report.empty == IDS
    assert not report.is_whole


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        *(("- ① 門を開く", False), ("① 門を開", True), ("① 門を\n開く", False), ("(1) 門を開く", False)),
        *(("（2） 門を開", True), (" - (a) 門 を 開", True), ("・ 門を開く", False), ("－ 門。、・…！", True)),
        *(("① ①②③", True), ("① (1) 門", True), ("① VPN1", False)),
    ],
)
def test_what_is_an_item_without_words(text: str, empty: bool) -> None:
    """Fewer than four letters behind the mark; points and space are none."""
    assert Part("SO-1-1", "①", text, 1).is_empty is empty
    assert compare([Part("SO-1-1", "①", text, 1)], ["SO-1-1"]).is_whole is not empty


def test_a_footnote_may_be_short() -> None:
    """It is no item."""
    assert compare([Part("a", "①", WORDS, 1), Part(None, "¹", "¹ 注", 2)], ["a"]).is_whole


def test_a_form_feed_is_a_line_end() -> None:
    """As programs put it between two pages."""
    text = guideline().replace("\n\n頁を", "\f頁を").replace("\n3. 1 く", "\f3. 1 く")
    assert reported(text).is_whole
    assert items(text)["SO-1-2"] == "- ② 番人の名を帳面に記すこと。\n頁をまたいで続く文である。"


def chapter(*lines: str) -> str:
    """Return a text of one chapter with these lines in its list of items."""
    return "\n".join(["1. 番の心得", "【遵守事項】", *lines])


def names(text: str, bulleted: frozenset[str] = frozenset(), *, paged: bool = False) -> list[str | None]:
    """Return the ids of what was found, in order; None for a footnote."""
    return [part.requirement_id for part in find_parts(text, bulleted, paged=paged)]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("① あ", "② い"), ["SO-1-1", "SO-1-2"]),
        (("① あ", "③ い"), ["SO-1-1"]),
        (("② あ", "① い"), ["SO-1-2"]),
        (("① あ", "① い"), ["SO-1-1"]),
        (("前書き", "③ あ", "④ い"), ["SO-1-3", "SO-1-4"]),
        (("① あ", "(1) い", "(2) う", "(2) え", "(4) お", "(3) か"), ["SO-1-1", "SO-1-1-1", "SO-1-1-2", "SO-1-1-3"]),
        (("① あ", "(2) い"), ["SO-1-1"]),
        (("① あ", "(0) い"), ["SO-1-1"]),
        (("① あ", "（01） い", "(2) う"), ["SO-1-1", "SO-1-1-1", "SO-1-1-2"]),
        (("① あ。", "(9) い", "(10) う"), ["SO-1-1", "SO-1-1-9", "SO-1-1-10"]),
        (("① あ", "(1) い", "(a) う", "(b) え", "(d) お"), ["SO-1-1", "SO-1-1-1", "SO-1-1-1a", "SO-1-1-1b"]),
        (("① あ", "(1) い", "(b) う"), ["SO-1-1", "SO-1-1-1"]),
        (("① あ", "(a) い"), ["SO-1-1"]),
        (("① あ", "(1) い", "② う", "(1) え"), ["SO-1-1", "SO-1-1-1", "SO-1-2", "SO-1-2-1"]),
        (("① あ", "(1) い", "② う", "(2) え"), ["SO-1-1", "SO-1-1-1", "SO-1-2"]),
        (
            ("① あ", "(1) い", "(a) う", "(2) え", "(a) お"),
            ["SO-1-1", "SO-1-1-1", "SO-1-1-1a", "SO-1-1-2", "SO-1-1-2a"],
        ),
        (("① あ", "¹ 注", "② い"), ["SO-1-1", None, "SO-1-2"]),
        (("① あ", "", "① い"), ["SO-1-1", "SO-1-1"]),
        (("① あ。　", "① い"), ["SO-1-1", "SO-1-1"]),
    ],
)
def test_in_pages_a_mark_out_of_its_turn_goes_on_with_the_sentence(lines: tuple[str, ...], found: list[str]) -> None:
    """Unless the line before ended with a full stop or was blank; the first number of a list may be any."""
    assert names(chapter(*lines), paged=True) == found


@pytest.mark.parametrize("marks", [("①", "③"), ("②", "①"), ("①", "①")])
def test_in_plain_text_every_mark_begins_an_item(marks: tuple[str, str]) -> None:
    """Lines end where sentences end, so what stands there twice or out of order is found and reported."""
    text = chapter(*(f"{mark} あ" for mark in marks))
    assert [part.printed for part in find_parts(text, frozenset())] == list(marks), "a text is plain unless it is said"


def test_bullets_are_items_only_where_the_edition_says_so() -> None:
    """Counted anew for each item, and never below a number in brackets."""
    lines = ("① あ。", "・ い。", "－ う。", "② え。", "・ お。", "③ か。", "・ き。", "(1) く。", "・ け。")
    assert names(chapter(*lines), frozenset({"SO-1-1", "SO-1-3"})) == [
        *("SO-1-1", "SO-1-1-a", "SO-1-1-b", "SO-1-2", "SO-1-3", "SO-1-3-a", "SO-1-3-1")
    ]
    assert names(chapter(*lines)) == ["SO-1-1", "SO-1-2", "SO-1-3", "SO-1-3-1"]
    assert names(chapter("・ あ。", "(1) い。", "(a) う。", "① え。", "(a) お。"), frozenset({"SO-1-1"})) == ["SO-1-1"]
    assert names(chapter("① あ", "・ い", "・ う"), frozenset({"SO-1-1"}), paged=True) == [
        *("SO-1-1", "SO-1-1-a", "SO-1-1-b")
    ]


def test_each_part_says_where_it_stands_and_keeps_its_words() -> None:
    """Lines count from 1; blank lines around it go, and nothing else: no letter and no space."""
    parts = find_parts(chapter("前書き", "① あ X", "", "X い X", "", "² 注。 ", "", "  (1) う。"), frozenset())
    assert parts == (
        Part("SO-1-1", "①", "① あ X\n\nX い X", 4, ended=False),
        Part(None, "²", "² 注。 ", 8, ended=False),
        Part("SO-1-1-1", "①(1)", "  (1) う。", 10, ended=False),
    )


def test_a_page_keeps_its_words_and_the_space_around_them() -> None:
    """Only blank lines at its ends go, and its number."""
    assert page_text("\n\n 　あ X\t\n\n") == " 　あ X\t"
    assert page_text("X\n12") == "X"
    assert page_text("\n- 12 -\n") == ""


def test_a_list_ends_at_the_next_heading_or_at_the_next_list() -> None:
    """What stands between the lists is no item; what stands before the first chapter belongs to none."""
    before = "① 目次。\n【遵守事項】\n① あ。\n1. 番\n① い。\n【遵守事項】\n① う。\n1. 1 話\n② え。"
    after = "2. 次\n【遵守事項】\n① お。\n【遵守事項】\n② か。"
    parts = find_parts(f"{before}\n{after}", frozenset())
    assert [(part.requirement_id, part.text, part.first_line) for part in parts] == [
        ("SO-0-1", "① あ。", 3),
        ("SO-1-1", "① う。", 7),
        ("SO-2-1", "① お。", 12),
        ("SO-2-2", "② か。", 14),
    ]


def test_a_report_names_each_kind_of_damage_in_its_order() -> None:
    """Matched and missing in the order of the edition, the others in that of the text."""
    found = ["c", "x", "a", "c", "y", "x", None, "d"]
    report = compare([Part(name, "", WORDS, 1) for name in found], ["a", "b", "c", "d", "e"])
    assert report.matched == ("a", "d")
    assert report.missing == ("b", "e")
    assert report.extra == ("x", "y")
    assert report.duplicate == ("c", "x")
    assert report.out_of_order == ("a",)
    whole = compare([Part("a", "", WORDS, 1)], ["a"])
    assert whole.is_whole
    kinds = [kind.name for kind in fields(Report) if kind.name != "matched"]
    assert list(whole.faults) == kinds == ["missing", "extra", "duplicate", "out_of_order", "unended", "empty"]
    for name in kinds:
        damaged = replace(whole, **{name: ("a",)})
        assert not damaged.is_whole
        assert damaged.faults[name] == ("a",)


def test_white_space_that_comes_or_goes_is_no_difference() -> None:
    """Nor a page break in the middle of a word; an empty text is not a missing one."""
    assert differences({"a": "一二", "b": ""}, {"a": " 一\n\n二　", "b": " "}) == []
    assert differences({}, {"a": ""}) == [Difference("a", None, "")]
    assert differences({"a": ""}, {}) == [Difference("a", "", None)]


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        *(("2. 次", True), ("1. 1 話", True), ("1. 01 話", True)),
        *(("7. 次", False), ("1. 番", False), ("2. 次。", False), ("1. 2 話", False), ("2. 1 話", False)),
    ],
)
def test_in_pages_only_the_heading_that_is_due_ends_a_sentence(line: str, ends: bool) -> None:
    """The first section of the chapter or the next chapter; a version or a number of a law goes on."""
    (first, *_) = find_parts(chapter("① あ", line), frozenset(), paged=True)
    assert first.text == ("① あ" if ends else f"① あ\n{line}")


def test_outside_a_list_every_heading_is_one() -> None:
    """Also in pages, after words without a full stop; a section begins no chapter."""
    text = "まえがき\n5. 番\n話\n7. 2 別\n【遵守事項】\n① あ。"
    for paged in (True, False):
        assert names(text, paged=paged) == ["SO-5-1"]


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        *(("1. 番", 1), ("13. 番", 13), ("1 3. 番", 13), ("1 8 . 番", 18), (" 2．番", 2)),
        *(("1 2 3. 番", None), ("123. 番", None), ("番 1. 番", None), ("1. ", None), ("1。番", None)),
    ],
)
def test_what_is_the_heading_of_a_chapter(heading: str, number: int | None) -> None:
    """One or two digits, a stop and words; anything else changes no chapter."""
    (name,) = names(f"9. 前\n{heading}\n【遵守事項】\n① あ。")
    assert name == f"SO-{9 if number is None else number}-1"


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        *(("① あ", True), ("①あ", True), ("- ① あ", True), (" -① あ", True), ("⑳ あ", True)),
        *(("① ", False), ("あ①", False), ("-- ① あ", False), ("1 あ", False), ("(①) あ", False), ("㉑ あ", False)),
    ],
)
def test_what_is_the_mark_of_an_item(line: str, begins: bool) -> None:
    """A circled number at the beginning of a line, with words behind it."""
    assert names(chapter("② い。", line))[1:] == (
        [f"SO-1-{CIRCLED_TO_TWENTY.index(line.strip(' -')[0]) + 1}"] if begins else []
    )


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        *(("(1) あ", True), ("（1） あ", True), ("- (1)あ", True), ("(1） あ", True), ("(12) あ", True)),
        *(("(123) あ", False), ("1) あ", False), ("(1 あ", False), ("(1)", False), ("あ(1) い", False)),
        *(("() あ", False), ("[1] あ", False)),
    ],
)
def test_what_is_the_mark_below_an_item(line: str, begins: bool) -> None:
    """A number of one or two digits in brackets of any width, with words behind it."""
    assert len(names(chapter("① い。", line))) == 1 + begins
