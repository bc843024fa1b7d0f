"""The checklist of inspections: read strictly, linked with the leaves both ways, and recommending never too much."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.queries import editions
from sekisho.governance.queries.editions import checklists, edition
from sekisho.governance.rules.catalogue import EditionInvalid
from sekisho.governance.rules.checklist import (
    Checklist,
    Recommended,
    State,
    build_checklist,
    confirmation_fits,
    list_for,
    recommend,
    state_of,
    target_fits,
)
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.verdicts import Summary, Verdict, summarise

SOURCE = (editions.EDITIONS / editions.CURRENT / "checklist-r7.yaml").read_text(encoding="utf8")
DAY = date(2026, 11, 21)


def built(text: str) -> Checklist:
    document, faults = read_document("checklist-r7.yaml", text)
    assert document is not None, faults
    return build_checklist(document, edition())


def faults_of(text: str) -> list[str]:
    with pytest.raises(EditionInvalid) as refused:
        built(text)
    return [str(fault) for fault in refused.value.faults]


def line_of(words: str, text: str = SOURCE) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_the_list_of_2025_is_whole() -> None:
    """Every number that a leaf names is an item, every item has its leaves, and vendors are asked a part of it."""
    (found,) = checklists()
    items = [item for _section, items in found.asked(for_vendor=False) for item in items]
    assert (found.id, found.fiscal_year, len(items)) == ("r7", 2025, 18)
    named = {printed for leaf in edition().leaves for printed in leaf.checklist_r7}
    assert {item.printed for item in items if item.leaves} == named
    assert [item.printed for item in items if not item.leaves] == ["1①"]
    assert found.leaves["2-11"] == ("SO-17-1", "SO-17-2", "SO-17-3")
    asked = [item.printed for _section, items in found.asked(for_vendor=True) for item in items]
    assert asked == [item.printed for item in items if item.vendor]
    assert 0 < len(asked) < len(items)


def test_an_item_is_found_on_the_form_that_asks_it() -> None:
    """In the words of that form; what a vendor is not asked is not on a vendor's form."""
    (found,) = checklists()
    item = found.find("2-3", for_vendor=True)
    assert item is not None
    assert item.words("ja", for_vendor=True) != item.words("ja", for_vendor=False)
    assert found.find("3-3", for_vendor=True) is None
    assert found.find("3-3", for_vendor=False) is not None
    assert found.find("9-9", for_vendor=False) is None


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("printed: 2⑥", "printed: 2⑭", "printed: 2⑥", "no leaf names 2⑭"),
        ("printed: 2⑥", "printed: 2⑭", None, "SO-8-3 names 2⑥, which is not in the list"),
        ("printed: 2⑥", "printed: 2⑤", "printed: 2⑥", "2⑤ stands in the list twice"),
        ("id: 2-6", "id: 2-5", "id: 2-6", "2-5 stands in the list twice"),
        ("id: 2-6", "id: six", "id: 2-6", "id"),
        ("        leaves: false\n", "", "printed: 1①", "no leaf names 1①"),
        ("printed: 2①\n", "printed: 2①\n        leaves: false\n", "printed: 2①", "2① is said to have no leaf"),
        ("fiscal_year: 2025", "fiscal_year: seven", "fiscal_year: 2025", "fiscal_year"),
        ("fiscal_year: 2025", "fiscal_year: 2025\ncolour: blue", "title: {ja: 令和7", "colour"),
        ("title: {ja: 規程, en: Rules}", "title: {ja: 規程}", "title: {ja: 規程", "title.en"),
    ],
)
def test_each_fault_is_told_with_its_row(old: str, new: str, place: str | None, said: str) -> None:
    """One thing changed in the list that comes with this version."""
    where = f"checklist-r7.yaml:{line_of(place)}: " if place else "checklist-r7.yaml: "
    faults = faults_of(SOURCE.replace(old, new, 1))
    assert any(fault.startswith(where) and said in fault for fault in faults), faults


def test_a_vendors_words_without_a_vendor_are_refused() -> None:
    text = SOURCE.replace("        vendor: true\n        vendor_title", "        vendor_title", 1)
    assert any("vendor_title stands with an item" in fault for fault in faults_of(text))


def test_all_faults_are_told_at_once() -> None:
    text = SOURCE.replace("id: 2-6", "id: six").replace("printed: 3③", "printed: 3④").replace("id: r7", "id: 7")
    said = " ".join(faults_of(text))
    assert all(words in said for words in ("sections.1.items.5.id", "no leaf names 3④", "names 3③", "id: String"))


@pytest.mark.parametrize("text", ["- id: r7", "7", "sections: [x]", "sections: [{items: [7]}]", "{}"])
def test_a_list_of_another_shape_is_refused(text: str) -> None:
    """Never a traceback."""
    assert faults_of(text)


def test_the_newest_list_of_the_year_or_before_is_asked() -> None:
    (found,) = checklists()
    assert list_for([found], 2024) is None
    assert list_for([found], 2025) is found
    assert list_for([found], 2030) is found
    assert list_for([], 2030) is None


VERDICTS = st.dictionaries(st.sampled_from(list(Verdict)), st.integers(1, 5), max_size=4).map(summarise)
LEAVES = st.dictionaries(st.sampled_from([f"SO-1-{number}" for number in range(1, 8)]), VERDICTS, max_size=7)


@given(LEAVES)
def test_yes_is_recommended_only_where_every_leaf_that_applies_conforms(summaries: dict[str, Summary]) -> None:
    found = recommend(list(summaries), summaries)
    applying = [one for one in summaries.values() if one.verdict is not Verdict.NOT_APPLICABLE]
    assert found.applying == len(applying)
    assert found.conforming == sum(one.verdict is Verdict.CONFORMING for one in applying)
    assert len(found.failing) == found.applying - found.conforming
    assert (found.answer is Recommended.YES) == (bool(applying) and found.conforming == found.applying)
    assert (found.answer is Recommended.PERSON) == (not applying)


@given(LEAVES, VERDICTS)
def test_one_more_leaf_that_does_not_conform_never_makes_it_a_yes(summaries: dict[str, Summary], more: Summary) -> None:
    """Unknown, out of date and never judged among them."""
    found = recommend([*summaries, "SO-9-9"], {**summaries, "SO-9-9": more})
    if more.verdict not in {Verdict.CONFORMING, Verdict.NOT_APPLICABLE}:
        assert found.answer is Recommended.NO
        assert found.failing[-1].leaf == "SO-9-9"


def test_a_leaf_without_a_summary_was_not_judged_and_does_not_conform() -> None:
    found = recommend(["SO-1-1"], {})
    assert (found.answer, found.conforming, found.applying) == (Recommended.NO, 0, 1)
    assert found.failing[0].verdict is Verdict.NOT_ASSESSED
    assert found.as_json() == {"answer": "no", "n": 0, "N": 1, "failing": [["SO-1-1", "not_assessed", 0, 0]]}


def test_without_a_leaf_a_person_must_judge() -> None:
    assert recommend([], {}).answer is Recommended.PERSON
    away = summarise({Verdict.NOT_APPLICABLE: 2})
    assert recommend(["SO-1-1"], {"SO-1-1": away}).answer is Recommended.PERSON


@pytest.mark.parametrize(
    ("answer", "target", "state"),
    [
        ("", None, State.OPEN),
        ("yes", None, State.YES),
        ("no", DAY, State.NO),
        ("no", DAY + timedelta(days=1), State.NO),
        ("no", DAY - timedelta(days=1), State.OVERDUE),
    ],
)
def test_a_no_is_overdue_from_the_day_after_its_target(answer: str, target: date | None, state: State) -> None:
    assert state_of(answer, target, DAY) is state


DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(DAYS | st.none(), st.booleans())
def test_days_of_confirmation(day: date | None, is_yes: bool) -> None:
    """Yes needs one; none is in the future or before the year."""
    first = date(2026, 4, 1)
    fits = confirmation_fits(day, first, DAY, is_yes=is_yes)
    assert fits == ((not is_yes) if day is None else first <= day <= DAY)


@given(DAYS | st.none())
def test_target_days(day: date | None) -> None:
    """No needs one that is not past; yes has none."""
    assert target_fits(day, DAY, is_yes=True) == (day is None)
    assert target_fits(day, DAY, is_yes=False) == (day is not None and day >= DAY)


def test_the_number_of_items_is_in_no_code() -> None:
    """Another year has another number: a list with one item fewer, and leaves that do not name it, is as good."""
    shorter = re.sub(r"  - id: \"1\"\n.*?(?=  - id: \"2\")", "", SOURCE, flags=re.DOTALL)
    assert [section.id for section in built(shorter).sections] == ["2", "3", "4"]
