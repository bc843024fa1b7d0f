"""Several counts over days as lines in one drawing; days without figures are shaded and no line is drawn over them.

Pure and generic, like :mod:`sekisho.ui.charts`. Each line is told apart by its pattern and by its name at its end, not
by colour alone; the numbers stand in a table below.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.ui.charts import BOTTOM, HEIGHT, LEFT, TOP, Place, Tick, scale_of, x_ticks, y_ticks
from sekisho.ui.parts import Words

WIDTH, RIGHT = 760, 590  # the names of the lines stand right of the plot
LABEL_ROOM = 20  # between two names, in the units of the drawing
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, its pattern (``chart-<style>`` of the style sheet), its value on each day that has one."""

    name: Words
    style: str
    values: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class TrendFrame:
    """What is drawn: the days from ``first`` to ``last``, a dashed line at each of ``marks``."""

    first: date
    last: date
    marks: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class TrendLabels:
    """The words of the drawing; ``id`` makes the ids of its parts unique on the page."""

    id: str
    title: Words
    description: Words
    unit: Words
    mark: Words
    gap: Words


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line ready to be drawn: its paths, its days without neighbours, its last value and where its name stands."""

    name: Words
    style: str
    paths: Sequence[str]
    dots: Sequence[tuple[float, float]]
    last: int
    name_y: float


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One row of the table: a day with its values, or the days from ``day`` to ``until`` without figures."""

    day: date
    until: date | None
    values: Sequence[int]
    remark: Words = ""


@dataclass(frozen=True, slots=True)
class TrendChart:
    """A chart ready for ``ui/components/trend_chart.html``; ``gaps`` are (left, width) of what is shaded."""

    labels: TrendLabels
    lines: Sequence[DrawnLine]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    marks: Sequence[float]
    gaps: Sequence[tuple[float, float]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM
    plot_height: int = HEIGHT - TOP - BOTTOM


def trend_chart(series: Sequence[Series], frame: TrendFrame, labels: TrendLabels) -> TrendChart:
    """Return the drawing of ``series``, all of which have their values on the same days. One without any is left out.

    A line that is 0 on every day is left out too: it would only hide the others; the table has it.
    """
    inside = [Series(one.name, one.style, _within(one.values, frame)) for one in series]
    drawn = [one for one in inside if any(one.values.values())]
    days = {day for one in inside for day in one.values}
    step, low, high = scale_of([value for one in drawn for value in one.values.values()])
    place = Place(_midnight(frame.first), _midnight(frame.last), low, high, RIGHT)
    return TrendChart(
        labels=labels,
        lines=_with_names([_line(one, place) for one in drawn]),
        x_ticks=list(x_ticks(place)),
        y_ticks=[tick for tick in y_ticks(place, step, 0) if step >= 1 or tick.label == "0"],
        marks=[place.x(_midnight(day)) for day in frame.marks if frame.first <= day <= frame.last],
        gaps=[_shade(gap, place, frame) for gap in gaps(days, frame.first, frame.last)],
    )


def gaps(days: Collection[date], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of every stretch between ``first`` and ``last`` that has no figures."""
    known = sorted(day for day in days if first <= day <= last)
    for before, after in pairwise([first - _DAY, *known, last + _DAY]):
        if after - before > _DAY:
            yield before + _DAY, after - _DAY


def _within(values: Mapping[date, int], frame: TrendFrame) -> dict[date, int]:
    return {day: values[day] for day in sorted(values) if frame.first <= day <= frame.last}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), FACILITY_ZONE)


def _shade(gap: tuple[date, date], place: Place, frame: TrendFrame) -> tuple[float, float]:
    """Return (left, width) from the last day with figures to the next one that has some."""
    left = place.x(_midnight(max(frame.first, gap[0] - _DAY)))
    right = place.x(_midnight(min(frame.last, gap[1] + _DAY)))
    return left, round(right - left, 1)


def _line(one: Series, place: Place) -> DrawnLine:
    parts = list(_unbroken(one.values))
    last = max(one.values)
    return DrawnLine(
        name=one.name,
        style=one.style,
        paths=[_path(part, one.values, place) for part in parts if len(part) > 1],
        dots=[(place.x(_midnight(part[0])), place.y(one.values[part[0]])) for part in parts if len(part) == 1],
        last=one.values[last],
        name_y=place.y(one.values[last]),
    )


def _unbroken(days: Iterable[date]) -> Iterator[Sequence[date]]:
    part: list[date] = []
    for day in sorted(days):
        if part and day - part[-1] > _DAY:
            yield part
            part = []
        part.append(day)
    if part:
        yield part


def _path(part: Sequence[date], values: Mapping[date, int], place: Place) -> str:
    """Return the path over ``part``; days on which nothing changed need no point of their own."""
    inner = (
        day
        for before, day, after in zip(part, part[1:], part[2:], strict=False)
        if not values[before] == values[day] == values[after]
    )
    points = [f"{place.x(_midnight(day))} {place.y(values[day])}" for day in (part[0], *inner, part[-1])]
    return "M" + "L".join(points)


def _with_names(lines: Sequence[DrawnLine]) -> list[DrawnLine]:
    """Move the names apart where two would lie upon each other, and keep all of them inside the drawing."""
    lowest = HEIGHT - BOTTOM - 4
    spread: list[DrawnLine] = []
    free = lowest - LABEL_ROOM * (len(lines) - 1)
    y = float(TOP - LABEL_ROOM)
    for line in sorted(lines, key=lambda one: one.name_y):
        y = min(max(line.name_y, y + LABEL_ROOM), free)
        free += LABEL_ROOM
        spread.append(DrawnLine(line.name, line.style, line.paths, line.dots, line.last, round(y, 1)))
    return spread
