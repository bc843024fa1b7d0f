"""The way of one thing out of the building and back: where it stands, and what contradicts itself. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sekisho.kernel.text import Text, _

COUNTED_FOR = timedelta(days=365)
_NOT_YET = _("This day has not come yet.")


@dataclass(frozen=True, slots=True)
class Course:
    """The days of one thing taken out; None where that has not happened.

    It may leave from ``out_from`` and is to be back by the end of ``due_on``. ``checked``: somebody named looked at it
    on its return and it was in order, or put in order; ``check_noted``: anything at all is noted about that check.
    """

    out_from: date
    due_on: date
    out_on: date | None = None
    returned_on: date | None = None
    checked: bool = False
    check_noted: bool = False
    lost_on: date | None = None
    loss_reported_on: date | None = None


class Stage(StrEnum):
    """Where something that may be taken out stands."""

    INSIDE = "inside"
    OUT = "out"
    OVERDUE = "overdue"
    UNCHECKED = "unchecked"
    LOST = "lost"
    DONE = "done"


def stage(course: Course, today: date) -> Stage:
    """Return where it stands. What came back after it was lost came back."""
    if course.returned_on is not None:
        return Stage.DONE if course.checked else Stage.UNCHECKED
    if course.lost_on is not None:
        return Stage.DONE if course.loss_reported_on is not None else Stage.LOST
    if course.out_on is None:
        return Stage.INSIDE
    return Stage.OVERDUE if course.due_on < today else Stage.OUT


def counts(course: Course, today: date, *, ended: bool) -> bool:
    """Tell whether it belongs to what was taken out and has to be in order now.

    Whatever left counts until it is done, and for a year from then; closing its entry changes nothing. Where nobody
    noted whether it left, it counts from the day after it was to leave, unless the entry was closed.
    """
    if course.out_on is None and course.lost_on is None:
        return not ended and course.out_from < today
    last = max(day for day in (course.out_on, course.returned_on, course.lost_on, course.loss_reported_on) if day)
    return stage(course, today) is not Stage.DONE or today - last <= COUNTED_FOR


def disorder(course: Course, today: date) -> Mapping[str, Text]:
    """Return what contradicts itself in the days of an entry, by column; empty for nothing."""
    return dict(_disorder(course, today))


def _disorder(course: Course, today: date) -> Iterator[tuple[str, Text]]:
    if course.due_on < course.out_from:
        yield "due_on", _("This is before the day from which it is out.")
    for name in ("out_on", "returned_on", "lost_on", "loss_reported_on"):
        day = getattr(course, name)
        if day is not None and day > today:
            yield name, _NOT_YET
    yield from _out_of_order(course)


def _out_of_order(course: Course) -> Iterator[tuple[str, Text]]:
    if course.returned_on is not None and (course.out_on is None or course.returned_on < course.out_on):
        yield "returned_on", _("Write on which day it left; it cannot come back before.")
    if course.check_noted and course.returned_on is None:
        yield "check_result", _("Write on which day it came back; it is checked then.")
    if course.loss_reported_on is not None and (course.lost_on is None or course.loss_reported_on < course.lost_on):
        yield "loss_reported_on", _("Write on which day it was lost; it cannot be reported before.")
