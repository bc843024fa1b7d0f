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
