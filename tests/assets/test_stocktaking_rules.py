"""The rules of counting: codes, places, results, and what may be done about a difference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.assets.rules.stocktaking import (
    COUNTED,
    DIFFERENCES,
    SETTLEMENTS,
    Result,
    Settlement,
    code_key,
    fits,
    is_same_place,
    keys_of,
    was_seen,
)
from sekisho.kernel import registry


def test_codes_are_compared_as_they_are_meant() -> None:
    """A scanner types with the input method on, people with other hyphens, widths and cases."""
    for written in ("EQ-00012", "eq-00012", "ＥＱ－０００１２", "EQ−00012", " EQ ー 00012 "):
        assert code_key(written) == "eq-00012"
    assert keys_of(("EQ-00012", "", "ＳＮ 1", "sn1")) == "\neq-00012\nsn1\n"


@given(st.text(alphabet="ＥEeQｑ0１2-－ー ", max_size=20))
def test_the_form_of_a_code_is_its_own_form(text: str) -> None:
    assert code_key(code_key(text)) == code_key(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2階 診察室1", "２階・診察室１", True),
        ("2階 診察室1", "2階", True),
        ("2階診察室1", "2階 診察室1", True),
        ("診察室1", "診察室10", False),
        ("2階 診察室1", "3階 診察室1", False),
        ("", "2階", False),
        ("、。", "、。", False),
    ],
)
def test_places_agree_word_by_word(one: str, other: str, *, same: bool) -> None:
    assert is_same_place(one, other) is same
    assert is_same_place(other, one) is same


def test_every_difference_can_be_settled_and_nothing_else() -> None:
    assert set(SETTLEMENTS) == set(DIFFERENCES)
    assert {one for ways in SETTLEMENTS.values() for one in ways} == set(Settlement)
    assert not any(fits(Result.MATCH, one) for one in Settlement)
    assert was_seen(Result.MATCH, None)
    assert not was_seen(Result.MISSING, Settlement.LOST)
    assert not was_seen(Result.MISSING, Settlement.AWAY)
    assert not was_seen(Result.VOID, Settlement.FOUND_LATER)
    assert not was_seen(Result.ELSEWHERE, None)


def test_each_book_that_is_counted_has_what_counting_needs() -> None:
    """A column misspelt in a declaration shows here and not in the middle of a stocktake."""
    books: dict[str, Any] = {ledger.id: ledger for ledger in registry.current().ledgers}
    for rule in COUNTED:
        columns = {column.field for column in books[rule.ledger].columns}
        named = {*rule.marks, rule.place, *filter(None, (rule.printed, rule.state))}
        assert named | {"department", "system"} <= columns
        assert bool(rule.state) == bool(rule.gone) == bool(rule.lost)
