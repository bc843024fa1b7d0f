"""The pure rules of the watching: quiet hours, buckets, what counts of two asks, what holds of a system."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.network.rules.availability import (
    FAILS,
    Bucket,
    Fault,
    Heard,
    Judgement,
    Standing,
    Watched,
    better,
    bucket_from,
    fold,
    is_quiet,
    judge,
    minute_of,
    moment_of,
    ways_for,
)

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # 09:30 in Tokyo
FINE = Standing("emr:443", watched=True, state=Watched.UP, asked_at=NOW)
DOWN = replace(FINE, state=Watched.DOWN, down_since=NOW - timedelta(minutes=31))
_times = st.lists(st.one_of(st.none(), st.floats(0, 5000).map(lambda one: round(one, 1))), min_size=1, max_size=5)


@given(_times, st.integers(0, 60_000_000))
def test_a_bucket_is_read_as_it_was_written(values: list[float | None], minute: int) -> None:
    """Failures too, also where there is nothing else; and nothing is lost by folding."""
    bucket = Bucket(minute, tuple(values))
    assert bucket_from(minute, bucket.text(), len(values)) == bucket
    one = fold(values)
    assert one.asked == len(values) and one.failed == values.count(None)
    if one.median is not None:
        assert one.lowest is not None and one.highest is not None and one.lowest <= one.median <= one.highest
    assert minute_of(moment_of(minute), 1) == minute


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [
        (time(9), time(10), True),
        (time(22), time(6), False),
        (time(21), time(9, 31), True),
        (time(9, 30), time(9, 30), False),
        (None, time(10), False),
        (time(9), time(9, 30), False),
    ],
)
def test_daily_hours_are_those_of_the_facility(begin: time | None, end: time | None, quiet: bool) -> None:
    """They may pass midnight, and their end is excluded."""
    assert is_quiet(NOW, (begin, end), ()) is quiet
    assert is_quiet(NOW, (begin, end), [(NOW, NOW + timedelta(minutes=1))])
    assert is_quiet(NOW, (begin, end), [(NOW - timedelta(minutes=1), NOW)]) is quiet


def test_of_two_asks_the_better_counts() -> None:
    """An answer before none, the faster of two; that this server is at fault hides no failure seen before."""
    fast, late, shut = Heard(1.0), Heard(9.0), Heard(fault=Fault.REFUSED)
    here = Heard(fault=Fault.HERE)
    assert better(late, fast) == better(fast, late) == better(shut, fast) == better(fast, shut) == fast
    assert better(shut, here) == shut and better(here, shut) == shut
    assert ways_for("dicom") == ("tcp",) and ways_for("https")[0] == "tls" and ways_for("http")[0] == "tcp"


@pytest.mark.parametrize(
    ("endpoints", "told", "expected"),
    [
        ([FINE], True, Judgement.HOLDS),
        ([FINE, replace(FINE, state=Watched.SLOW)], True, Judgement.HOLDS),
        ([FINE, DOWN], True, Judgement.DOWN),
        ([FINE, replace(DOWN, quiet=True)], True, Judgement.HOLDS),
        ([FINE, replace(DOWN, down_since=NOW)], True, Judgement.HOLDS),
        ([FINE], False, Judgement.NOBODY_TOLD),
        ([FINE, Standing("b:1", watched=False)], True, Judgement.NOT_WATCHED),
        ([FINE, Standing("b:1", watched=False, excused=True)], True, Judgement.HOLDS),
        ([Standing("b:1", watched=False, excused=True)], True, Judgement.NO_ENDPOINT),
        ([], True, Judgement.NO_ENDPOINT),
        ([FINE, replace(FINE, asked_at=NOW - timedelta(minutes=11))], True, Judgement.NOT_ASKED),
        ([FINE, replace(FINE, asked_at=NOW + timedelta(days=1))], True, Judgement.NOT_ASKED),
        ([FINE, replace(FINE, state=Watched.UNKNOWN)], True, Judgement.CANNOT_TELL),
    ],
)
def test_what_holds_of_a_system(endpoints: list[Standing], told: bool, expected: Judgement) -> None:
    """What fails comes first, what cannot be told next; adding an endpoint that fails never helps."""
    assert judge(endpoints, NOW, somebody_told=told) is expected
    assert judge([*endpoints, DOWN], NOW, somebody_told=told) in FAILS
