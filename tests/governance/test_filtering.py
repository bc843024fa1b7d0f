"""The conditions of the list as pure rules: read, written, met."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.exceptions import ENDING_SOON, ExceptionState, exception_state
from sekisho.governance.rules.filtering import (
    GROUPS,
    NOBODY,
    DueCondition,
    RequirementFilter,
    Standing,
    matches,
    read_filter,
    search_key,
    searched_words,
    write_filter,
)
from sekisho.governance.rules.verdicts import Verdict

TODAY = date(2026, 11, 21)
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))
FILTERS = st.builds(
    RequirementFilter,
    group=st.sampled_from(["", *GROUPS]),
    verdicts=st.frozensets(st.sampled_from(Verdict)),
    person=st.one_of(st.just(""), st.just(NOBODY), st.uuids().map(str)),
    due=st.one_of(st.none(), st.sampled_from(DueCondition)),
    reassess=st.booleans(),
    excepted=st.booleans(),
    text=st.text(max_size=200),
)
ROWS = st.builds(
    Standing,
    group=st.sampled_from(GROUPS),
    is_leaf=st.booleans(),
    verdict=st.sampled_from(Verdict),
    person=st.sampled_from(["", "a-1", "b-2"]),
    due_on=st.one_of(st.none(), DAYS),
    reassess=st.booleans(),
    excepted=st.booleans(),
    searched=st.just("so-14-6-1. so-14-6. 14#6#(1) パスワード"),
)


def row(**changed: object) -> Standing:
    """Return a leaf that meets nothing in particular."""
    given_ = {
        "group": "security", "is_leaf": True, "verdict": Verdict.PARTIAL, "person": "", "due_on": None,
        "reassess": False, "excepted": False, "searched": "",
    }  # fmt: skip
    return Standing(**{**given_, **changed})  # type: ignore[arg-type]


@given(FILTERS)
def test_what_is_written_is_read_back(conditions: RequirementFilter) -> None:
    """An address keeps every condition, so that paging, printing and sending a link lose none."""
    assert read_filter(write_filter(conditions)) == conditions


@given(st.lists(st.tuples(st.sampled_from(["group", "verdict", "person", "due", "page", "q", "x"]), st.text())))
def test_rubbish_does_not_narrow(pairs: list[tuple[str, str]]) -> None:
    """Whatever stands in an address is read, and what is read is known."""
    conditions = read_filter(pairs)
    assert conditions.group in {"", *GROUPS}
    assert conditions.due is None or conditions.due in set(DueCondition)
    assert read_filter(write_filter(conditions)) == conditions


@given(FILTERS, ROWS)
def test_a_further_condition_never_shows_more(conditions: RequirementFilter, found: Standing) -> None:
    """Whoever meets all meets each one alone."""
    if not matches(conditions, found, TODAY):
        return
    for name, value in write_filter(conditions):
        assert matches(read_filter([(name, value)]), found, TODAY), name


@given(ROWS)
def test_no_condition_shows_everything(found: Standing) -> None:
    assert matches(RequirementFilter(), found, TODAY)


@given(ROWS, st.frozensets(st.sampled_from(Verdict), min_size=1))
def test_several_verdicts_show_what_each_shows(found: Standing, verdicts: frozenset[Verdict]) -> None:
    each = [matches(RequirementFilter(verdicts=frozenset({verdict})), found, TODAY) for verdict in verdicts]
    assert matches(RequirementFilter(verdicts=verdicts), found, TODAY) == any(each)


def test_verdicts_come_joined_or_one_by_one() -> None:
    wanted = frozenset({Verdict.PARTIAL, Verdict.EXPIRED})
    assert read_filter([("verdict", "partial,expired,nonsense")]).verdicts == wanted
    assert read_filter([("verdict", "partial"), ("verdict", "expired")]).verdicts == wanted


@pytest.mark.parametrize(
    ("due_on", "overdue", "this_month"),
    [
        (TODAY - timedelta(days=1), True, True),
        (TODAY, False, True),
        (date(2026, 11, 30), False, True),
        (date(2026, 12, 1), False, False),
        (date(2025, 11, 21), True, False),
        (None, False, False),
    ],
)
def test_when_something_is_due(due_on: date | None, overdue: bool, this_month: bool) -> None:
    found = row(due_on=due_on)
    assert matches(RequirementFilter(due=DueCondition.OVERDUE), found, TODAY) is overdue
    assert matches(RequirementFilter(due=DueCondition.THIS_MONTH), found, TODAY) is this_month
    assert matches(RequirementFilter(due=DueCondition.NO_DAY), found, TODAY) is (due_on is None)
    for settled in (Verdict.CONFORMING, Verdict.NOT_APPLICABLE):
        done = row(due_on=due_on, verdict=settled)
        assert not any(matches(RequirementFilter(due=due), done, TODAY) for due in DueCondition)


def test_nobody_is_a_person_too() -> None:
    assert matches(RequirementFilter(person=NOBODY), row(), TODAY)
    assert not matches(RequirementFilter(person=NOBODY), row(person="a-1"), TODAY)
    assert matches(RequirementFilter(person="a-1"), row(person="a-1"), TODAY)
    assert not matches(RequirementFilter(person="a-1"), row(is_leaf=False, person="a-1"), TODAY)


KEY = search_key(["SO-14-6-4", "SO-14-6"], "14⑥(4)", ["ﾊﾟｽﾜｰﾄﾞの再発行"])


@pytest.mark.parametrize(
    "text",
    [
        "14-6-4",
        "SO-14-6-4",
        "ＳＯ－１４－６－４",
        "14-6",
        "⑥",
        "14⑥",
        "14⑥(4)",
        "ぱすわーど",
        "パスワード 14-6",
        "so-14",
    ],
)
def test_a_number_or_words_find_an_item(text: str) -> None:
    assert all(word in KEY for word in searched_words(text))


@pytest.mark.parametrize("text", ["4-6", "14-6-1", "14-6-40", "④", "6-4", "13⑥", "14-6-4a", "二要素"])
def test_another_number_does_not_find_it(text: str) -> None:
    assert not all(word in KEY for word in searched_words(text))


@given(st.text(max_size=100))
def test_any_text_can_be_searched_for(text: str) -> None:
    assert all(isinstance(word, str) and word for word in searched_words(text))


@given(DAYS, DAYS)
def test_an_exception_holds_through_its_last_day_and_never_comes_back(valid_until: date, today: date) -> None:
    state = exception_state(valid_until, today)
    assert (state is ExceptionState.ENDED) == (today > valid_until)
    assert (state is ExceptionState.IN_FORCE) == (today < valid_until - ENDING_SOON)
    later = exception_state(valid_until, today + timedelta(days=1))
    order = list(ExceptionState)
    assert order.index(later) >= order.index(state)
