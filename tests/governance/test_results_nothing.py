"""Others' results in which nothing applied: a fault and never a pass, whatever word a table has for it."""

import pytest

from sekisho.governance.rules.results import xccdf
from sekisho.governance.rules.results.shape import Results, Row
from sekisho.kernel.declarations import Outcome


@pytest.mark.parametrize("looked", [True, False])
def test_rows_that_do_not_apply_are_nothing(looked: bool) -> None:
    """Also where a format's table should count the word as a look."""
    rows = tuple(Row(str(number), "", "n/a", "", Outcome.NOT_APPLICABLE, looked=looked) for number in range(3))
    assert Results("xccdf", "t", "", "", None, rows, xccdf.WORDS).is_empty
    one_more = (*rows, Row("9", "", "pass", "", Outcome.PASS))
    assert not Results("xccdf", "t", "", "", None, one_more, xccdf.WORDS).is_empty
