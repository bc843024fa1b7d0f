"""A line over time, drawn on the server: geometry in, an SVG with title, description and a table of its numbers out.

Pure and generic: it knows no app. Where readings are missing no line is drawn, moments of interest are marked, a band
shows the range that is allowed. Colours are the style sheet's; nothing is told by colour alone.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.ui.parts import Words

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 76, 14, 26, 40  # room around the plot, in the units of the drawing
MOST_POINTS = 240  # drawn and listed; more lie closer together than a screen can show
_LARGEST = 1e12  # what lies beyond is drawn at the edge: a wrong figure must not blow up the arithmetic
_Y_TICKS, _X_TICKS = 5, 7
_STEPS = [timedelta(hours=hours) for hours in (1, 3, 6, 12)]
_STEPS += [timedelta(days=days) for days in (1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730, 3650, 36_500)]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value (in the unit of the chart) at an aware moment."""

    moment: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where in the drawing, and its label. A minor one is left out where there is little room."""

    at: float
    label: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn: the time from ``first`` to ``last``; no line over ``gaps``; a dashed line at each of ``marks``.

    ``band`` is the range (low, high) that is allowed, in the unit of the chart.
    """

    first: datetime
    last: datetime
    gaps: Sequence[tuple[datetime, datetime]] = ()
    marks: Sequence[datetime] = ()
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a chart; ``id`` makes the ids of its parts unique on the page."""

    id: str
    title: Words
    description: Words
    unit: Words
    value: Words
    mark: Words = ""
    band: Words = ""


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart ready for ``ui/components/line_chart.html``. Coordinates are in a drawing of ``width`` × ``height``.

    ``band`` is (top, height); ``lines`` are paths, ``dots`` points without neighbours; ``rows`` is what is drawn as
    (moment, value, whether it follows a mark); ``total`` how many values there were before neighbours were left out.
    """

    labels: Labels
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]
    marks: Sequence[float]
    band: tuple[float, float] | None
    zero: float | None
    rows: Sequence[tuple[datetime, str, bool]]
    total: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    right: int = WIDTH - RIGHT
    plot_width: int = WIDTH - LEFT - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(samples: Iterable[Sample], frame: Frame, labels: Labels) -> LineChart:
    """Return the drawing of ``samples`` in any order. Values that are no numbers, and moments outside, are left out."""
    kept = sorted(
        (
            Sample(one.moment, max(-_LARGEST, min(_LARGEST, one.value)))
            for one in samples
            if math.isfinite(one.value) and frame.first <= one.moment <= frame.last
        ),
        key=lambda one: one.moment,
    )
    parts = [thin(part, MOST_POINTS * len(part) // len(kept)) for part in _unbroken(kept, frame.gaps)]
    drawn = [one for part in parts for one in part]
    step, low, high = scale_of([one.value for one in drawn])
    place = Place(frame.first, frame.last, low, high)
    decimals = max(0, -math.floor(math.log10(step)))
    marks = [moment for moment in frame.marks if frame.first <= moment <= frame.last]
    return LineChart(
        labels=labels,
        x_ticks=list(x_ticks(place)),
        y_ticks=list(y_ticks(place, step, decimals)),
        lines=[_path(part, place) for part in parts if len(part) > 1],
        dots=[(place.x(part[0].moment), place.y(part[0].value)) for part in parts if len(part) == 1],
        marks=[place.x(moment) for moment in marks],
        band=_band(place, frame.band),
        zero=place.y(0.0),
        rows=[(one.moment, f"{one.value:+.{decimals + 1}f}", one.moment in marks) for one in drawn],
        total=len(kept),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a moment and a value lie in the drawing."""

    first: datetime
    last: datetime
    low: float
    high: float
    right: int = WIDTH - RIGHT

    def x(self, moment: datetime) -> float:
        """Return how far to the right a moment lies."""
        span = (self.last - self.first).total_seconds()
        share = (moment - self.first).total_seconds() / span if span > 0 else 0.5
        return round(LEFT + share * (self.right - LEFT), 1)

    def y(self, value: float) -> float:
        """Return how far down a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def thin(part: Sequence[Sample], most: int) -> Sequence[Sample]:
    """Return at most about ``most`` values: first, last, and the lowest and highest of every stretch between."""
    if len(part) <= max(most, 4):
        return part
    size = math.ceil(len(part) / max(1, most // 2))
    kept = {0, len(part) - 1}
    for start in range(0, len(part), size):
        stretch = range(start, min(start + size, len(part)))
        kept |= {min(stretch, key=lambda at: part[at].value), max(stretch, key=lambda at: part[at].value)}
    return [part[at] for at in sorted(kept)]


def _unbroken(samples: Sequence[Sample], gaps: Sequence[tuple[datetime, datetime]]) -> Sequence[Sequence[Sample]]:
    """Return the stretches between the gaps."""
    ends = {begin for begin, _end in gaps}
    cuts = [0, *(at + 1 for at, (one, _next) in enumerate(pairwise(samples)) if one.moment in ends), len(samples)]
    return [samples[start:end] for start, end in pairwise(cuts) if end > start]


def scale_of(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the step of the vertical axis, its lowest and its highest value. Zero is always shown."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = max(high - low, 1e-6)
    rough = span / (_Y_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return step, step * first, step * max(last, first + 1)


def y_ticks(place: Place, step: float, decimals: int) -> Iterator[Tick]:
    """Yield a mark at every step from the lowest value to the highest."""
    for number in range(round((place.high - place.low) / step) + 1):
        value = place.low + number * step
        yield Tick(place.y(value), f"{value:.{decimals}f}" if abs(value) > step / 2 else "0")


def x_ticks(place: Place) -> Iterator[Tick]:
    """Yield a mark every few hours, days or months, the latest first."""
    span = place.last - place.first
    step = next((one for one in _STEPS if one * _X_TICKS >= span), _STEPS[-1])
    local = place.last.astimezone(FACILITY_ZONE)
    moment = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if step < timedelta(days=1):
        moment += step * ((local - moment) // step)
    number = 0
    while moment >= place.first and number <= _X_TICKS:
        label = f"{moment.month}/{moment.day}" if step >= timedelta(days=1) else f"{moment.hour}:00"
        yield Tick(place.x(moment), label, minor=number % 2 == 1)
        moment, number = moment - step, number + 1


def _path(part: Sequence[Sample], place: Place) -> str:
    points = [f"{place.x(one.moment)} {place.y(one.value)}" for one in part]
    return "M" + "L".join(points)


def _band(place: Place, band: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the part of the band that lies in the plot, None where none does."""
    if band is None:
        return None
    low, high = max(band[0], place.low), min(band[1], place.high)
    return (place.y(high), round(place.y(low) - place.y(high), 1)) if low < high else None
