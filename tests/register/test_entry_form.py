"""The fast way of writing entries writes what the slow one does; what others may have touched is read with care."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.canonical import NotCanonical, canonical_json
from sekisho.register.rules import encode_entry, is_document
from tests.register.test_inbox import document

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=6))
def test_both_ways_write_the_same_bytes(value: dict[str, Any]) -> None:
    try:
        expected: bytes | None = canonical_json(value)
    except NotCanonical:
        expected = None
    if expected is None:
        with pytest.raises(NotCanonical):
            encode_entry(value)
    else:
        assert encode_entry(value) == expected


def test_half_a_letter_is_not_written() -> None:
    with pytest.raises(NotCanonical):
        encode_entry({"a": "\ud800"})


WHOLE = document(id="00000000-0000-7000-8000-000000000001", source="gate-1", source_seq=1)
WHOLE["recorded_at"] = WHOLE["occurred_at"]


def test_a_whole_document_is_one() -> None:
    assert is_document(WHOLE)
    assert is_document({**WHOLE, "subject": {"kind": "system", "id": "1", "label": "x\0y"}, "patient": "P-1"})


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"}, {"id": "{00000000-0000-7000-8000-000000000001}"}, {"id": None}, {"action": "a" * 65},
        {"action": "a\0"}, {"occurred_at": "yesterday"}, {"recorded_at": 5}, {"actor": None}, {"actor": {"id": "x"}},
        {"actor": {"id": "x" * 65, "name": ""}}, {"subject": "x"}, {"subject": {"kind": "a"}}, {"patient": 4},
        {"patient": "\0"}, {"source_seq": 0}, {"source_seq": True}, {"source_seq": "1"}, {"outcome": ["success"]},
    ],
)  # fmt: skip
def test_what_lacks_a_field_or_has_a_strange_one_is_none(change: dict[str, Any]) -> None:
    assert not is_document({**WHOLE, **change})


@given(VALUES)
def test_anything_else_is_none(value: object) -> None:
    assert not is_document(value)
