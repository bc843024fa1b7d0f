"""One reading of the present state: read once within it, anew in the next, and each time outside of any."""

from collections.abc import Callable

import pytest

from sekisho.kernel.reading import once, one_reading


@pytest.fixture
def count() -> Callable[[], int]:
    """Return a function that counts how often it is asked."""
    asked: list[int] = []

    def read() -> int:
        asked.append(1)
        return len(asked)

    return read


def test_within_one_reading_it_is_read_once(count: Callable[[], int]) -> None:
    with one_reading():
        assert [once("a", count), once("a", count), once("b", count)] == [1, 1, 2]


def test_the_next_reading_reads_anew(count: Callable[[], int]) -> None:
    for expected in (1, 2):
        with one_reading():
            assert once("a", count) == expected
    with pytest.raises(RuntimeError), one_reading():
        once("a", count)
        raise RuntimeError
    assert [once("a", count), once("a", count)] == [4, 5], "nothing is kept outside, also after a fault"


def test_an_iterator_is_refused_within_a_reading_and_outside() -> None:
    """The second who asked would find it empty, and take that for the truth."""
    for wrong in (lambda: (one for one in "ab"), lambda: iter("ab"), lambda: map(str, "ab")):
        with one_reading(), pytest.raises(TypeError, match="'rows'"):
            once("rows", wrong)
        with pytest.raises(TypeError):
            once("rows", wrong)
    with one_reading():
        assert [once("rows", lambda: list("ab")), once("rows", list)] == [["a", "b"], ["a", "b"]]
