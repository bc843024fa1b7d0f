"""Which controls are due: known answers, and what holds for any history."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.schedule import RETRY_AFTER, Due, LastRun, due_controls, standing

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def due(last: dict[str, LastRun], *, requested: Collection[str] = (), running: Collection[str] = ()) -> list[str]:
    """Return what is due of an hourly and a daily control."""
    return due_controls([("a.hourly", HOUR), ("a.daily", DAY)], last, requested, running, NOW)


def ago(length: timedelta, *, finished: bool = True) -> LastRun:
    """Return a run that began so long ago."""
    return LastRun(NOW - length, finished)


def test_what_never_ran_is_due_at_once() -> None:
    """Both, and what is running is not started twice."""
    assert due({}) == ["a.daily", "a.hourly"]
    assert due({}, running={"a.daily"}) == ["a.hourly"]


def test_a_control_is_due_when_its_period_is_over() -> None:
    """To the second."""
    second = timedelta(seconds=1)
    assert due({"a.hourly": ago(HOUR - second), "a.daily": ago(DAY - second)}) == []
    assert due({"a.hourly": ago(HOUR), "a.daily": ago(DAY - second)}) == ["a.hourly"]


def test_the_longest_overdue_comes_first_and_the_asked_for_before_it() -> None:
    """A request does not wait for the period."""
    last = {"a.hourly": ago(3 * HOUR), "a.daily": ago(DAY + HOUR)}
    assert due(last) == ["a.hourly", "a.daily"]
    assert due({"a.hourly": ago(3 * HOUR), "a.daily": ago(HOUR)}, requested={"a.daily"}) == ["a.daily", "a.hourly"]


def test_a_broken_run_is_tried_again_sooner_but_not_at_once() -> None:
    """After a quarter of an hour."""
    fresh = ago(HOUR / 10)
    assert due({"a.daily": ago(RETRY_AFTER / 2, finished=False), "a.hourly": fresh}) == []
    assert due({"a.daily": ago(RETRY_AFTER, finished=False), "a.hourly": fresh}) == ["a.daily"]


def test_a_clock_that_was_set_back_does_not_stop_the_checks() -> None:
    """A run dated tomorrow is looked at again now."""
    assert due({"a.hourly": ago(-DAY), "a.daily": ago(HOUR)}) == ["a.hourly"]


@given(
    st.dictionaries(
        st.sampled_from(["a.hourly", "a.daily"]),
        st.builds(LastRun, st.integers(-100_000, 400_000).map(lambda s: NOW - timedelta(seconds=s)), st.booleans()),
    ),
    st.sets(st.sampled_from(["a.hourly", "a.daily", "a.gone"])),
    st.sets(st.sampled_from(["a.hourly", "a.daily"])),
)
def test_whatever_happened(last: dict[str, LastRun], requested: set[str], running: set[str]) -> None:
    """Nothing twice, nothing that runs or is not declared, and every request that is not running."""
    found = due(last, requested=requested, running=running)
    assert len(found) == len(set(found))
    assert set(found) <= {"a.hourly", "a.daily"} - running
    assert (requested & {"a.hourly", "a.daily"}) - running <= set(found)


def test_how_a_control_stands_to_its_period() -> None:
    """Fresh within it, due when it is over, overdue when a whole one was missed."""
    second = timedelta(seconds=1)
    assert standing(None, HOUR, NOW) == (Due.NEVER, None)
    assert standing(ago(HOUR - second), HOUR, NOW) == (Due.FRESH, NOW + second)
    assert standing(ago(HOUR), HOUR, NOW) == (Due.DUE, NOW)
    assert standing(ago(2 * HOUR - second), HOUR, NOW)[0] is Due.DUE
    assert standing(ago(2 * HOUR), HOUR, NOW) == (Due.OVERDUE, NOW - HOUR)
    assert standing(ago(RETRY_AFTER, finished=False), DAY, NOW) == (Due.DUE, NOW)
    assert standing(ago(-DAY), HOUR, NOW) == (Due.DUE, NOW), "made by a clock that ran ahead"


@given(st.integers(-100_000, 400_000), st.booleans())
def test_what_is_shown_as_due_is_started(seconds: int, finished: bool) -> None:
    """The page and the worker never disagree."""
    last = LastRun(NOW - timedelta(seconds=seconds), finished)
    shown = standing(last, HOUR, NOW)[0] in {Due.DUE, Due.OVERDUE}
    assert shown == ("a.hourly" in due_controls([("a.hourly", HOUR)], {"a.hourly": last}, (), (), NOW))
