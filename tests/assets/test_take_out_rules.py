"""Where something taken out or disposed of stands: pure rules, tried with every order of days."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sekisho.assets.rules import disposals, take_out
from sekisho.assets.rules.disposals import Ending
from sekisho.assets.rules.take_out import COUNTED_FOR, Course, Stage, stage

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(2025, 1, 1), date(2027, 6, 30))
MAYBE = st.none() | DAYS
COURSES = st.builds(
    Course,
    out_from=DAYS,
    due_on=DAYS,
    out_on=MAYBE,
    returned_on=MAYBE,
    checked=st.booleans(),
    check_noted=st.booleans(),
    lost_on=MAYBE,
    loss_reported_on=MAYBE,
)
ENDINGS = st.builds(
    Ending,
    planned_on=DAYS,
    done_on=MAYBE,
    checked=st.booleans(),
    check_noted=st.booleans(),
    witnessed=st.booleans(),
    certified=st.booleans(),
    certified_on=MAYBE,
    reported_on=MAYBE,
)


@given(course=COURSES)
def test_what_left_is_done_only_after_a_check_or_a_report(course: Course) -> None:
    done = stage(course, TODAY) is Stage.DONE
    assert not done or (course.returned_on and course.checked) or (course.lost_on and course.loss_reported_on)
    if stage(course, TODAY) is Stage.OVERDUE:
        assert course.out_on
        assert course.due_on < TODAY
        assert not course.returned_on


@given(course=COURSES)
def test_what_left_and_is_not_done_counts_however_old_and_closed_it_is(course: Course) -> None:
    if course.out_on and stage(course, TODAY) is not Stage.DONE:
        assert take_out.counts(course, TODAY, ended=True)
    if course.out_on and TODAY - course.out_on <= COUNTED_FOR:
        assert take_out.counts(course, TODAY, ended=True), "nor does what was done lately vanish from the population"


def test_what_nobody_noted_counts_from_the_day_after_it_was_to_leave() -> None:
    planned = Course(out_from=TODAY, due_on=TODAY + timedelta(days=3))
    assert not take_out.counts(planned, TODAY, ended=False)
    assert take_out.counts(planned, TODAY + timedelta(days=1), ended=False)
    assert not take_out.counts(planned, TODAY + timedelta(days=1), ended=True), "it was called off"


def test_something_is_overdue_from_the_day_after() -> None:
    out = Course(out_from=TODAY, due_on=TODAY, out_on=TODAY)
    assert [stage(out, TODAY + timedelta(days=ahead)) for ahead in (0, 1)] == [Stage.OUT, Stage.OVERDUE]
    back = replace(out, returned_on=TODAY + timedelta(days=1))
    assert stage(back, TODAY + timedelta(days=1)) is Stage.UNCHECKED


@given(course=COURSES)
def test_days_that_contradict_themselves_are_refused(course: Course) -> None:
    found = take_out.disorder(course, TODAY)
    if course.returned_on and (course.out_on is None or course.returned_on < course.out_on):
        assert "returned_on" in found
    if course.check_noted and not course.returned_on:
        assert "check_result" in found
    assert ("out_on" in found) == (course.out_on is not None and course.out_on > TODAY)
    assert ("due_on" in found) == (course.due_on < course.out_from)


@given(ending=ENDINGS)
def test_a_disposal_is_finished_with_check_certificate_and_report_and_counts_until_then(ending: Ending) -> None:
    if ending.done_on and not (ending.checked and ending.witnessed and ending.certified and ending.reported_on):
        assert disposals.counts(ending, TODAY, ended=True)
    if ending.done_on is None:
        assert not disposals.counts(ending, TODAY, ended=True)
        assert disposals.counts(ending, TODAY, ended=False) == (ending.planned_on < TODAY)
    found = disposals.disorder(ending, TODAY)
    assert "reported_on" in found or not (ending.reported_on and not ending.done_on)
    assert "residual" in found or not (ending.check_noted and not ending.done_on)
