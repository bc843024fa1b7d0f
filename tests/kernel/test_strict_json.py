"""JSON of strangers: what it says, or a refusal with the reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.strict_json import DEEPEST, NotJson, read_json

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(_values)
def test_what_is_json_is_read(value: Any) -> None:
    """With the mark that some editors put at the beginning, too."""
    data = json.dumps(value).encode()
    assert read_json(data) == value
    assert read_json(b"\xef\xbb\xbf" + data) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting"),
        (b"[1] 2", "Extra data"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'[{"a": {"b": 1, "b": 2}}]', "twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"\xff", "decode"),
        (b"[" * 100_000, "deeply"),
        (b"1" * 5000, "digits"),
        (b"[1e999]", "large"),
        (b"-1e999", "large"),
        (b'["\\ud800"]', "half"),
        (b'{"a": [{"x\\udc00": 1}]}', "half"),
    ],
)
def test_what_is_none_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotJson) as caught:
        read_json(data)
    assert reason in str(caught.value)


def test_two_halves_are_one_letter() -> None:
    assert read_json(b'["\\ud83c\\udfe5"]') == ["🏥"]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_it_is_nested_so_deeply_and_no_further(opening: str, closing: str) -> None:
    def nested(levels: int) -> bytes:
        return (opening * levels + "1" + closing * levels).encode()

    read_json(nested(DEEPEST - 1))
    read_json(nested(2), 3)
    for data, deepest in ((nested(DEEPEST), DEEPEST), (nested(3), 3)):
        with pytest.raises(NotJson):
            read_json(data, deepest)
