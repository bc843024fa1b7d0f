"""Finding the items of the official text: whole, verbatim, and every damage is reported."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.official import NoGuideline, Part, compare, differences, find_parts
from tests.governance.synthetic import BULLETED, CIRCLED, IDS, ITEMS, Item, guideline


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
    with pytest.raises(NoGuideline):
        find_parts(text, BULLETED)


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
    bulleted = {row.parent for row in edition().leaves if row.kind == "bullet"}
    parts = find_parts(Path(os.environ["SEKISHO_OFFICIAL_TEXT"]).read_text(encoding="utf8"), bulleted)
    report = compare(parts, [row.id for row in rows])
    assert (len(report.matched), report.is_whole) == (130, True)
