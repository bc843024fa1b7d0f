"""RFC 8785 by its own vectors, and the errors for what has no canonical form."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.canonical import NotCanonical, canonical_json

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rfc8785.json").read_text(encoding="utf8"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", VECTORS["documents"], ids=lambda vector: vector["section"])
def test_the_documents_of_the_rfc(vector: dict[str, str]) -> None:
    """The example of section 3.2.2 and the sorting example of section 3.2.3."""
    assert canonical_json(json.loads(vector["input"])).hex() == vector["hex"].replace(" ", "")


@pytest.mark.parametrize(("bits", "text"), VECTORS["numbers"])
def test_the_numbers_of_appendix_b(bits: str, text: str) -> None:
    """IEEE 754 bits to ECMAScript text."""
    import struct

    number = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert canonical_json(number).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {1: 2}, {"a": object()}])
def test_what_has_no_form_is_refused(value: object) -> None:
    """Never written in some other way."""
    with pytest.raises(NotCanonical):
        canonical_json(value)  # type: ignore[arg-type]


@given(JSON)
def test_it_is_json_and_stable(value: object) -> None:
    """Reading it gives the value back; writing that again gives the same bytes."""
    written = canonical_json(value)  # type: ignore[arg-type]
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written
