"""How a clock went over weeks: the points of a chart, the slope between settings, and where data is missing."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise

MINIMUM_POINTS = 8
MINIMUM_SPAN = timedelta(hours=6)
_MOST = 300  # points that enter the fit, evenly chosen: 45,000 pairs
_GAP = 3.0  # a pause of more than so many usual ones is a gap
_STEP = 8.0  # a jump of more than so many usual changes is the clock being set
_DAY = 86_400.0
_MILLISECOND = 0.001  # seconds: below it nothing counts as a jump


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: when (aware), the offset in seconds."""

    moment: datetime
    offset: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What the points say, in the order of time.

    ``slope_ms_per_day`` is how fast the clock runs away between settings, None while the points are too few or lie too
    close together to tell. ``gaps`` are the pauses without data (a chart draws no line there), ``steps`` the moments at
    which the clock was set.
    """

    points: tuple[Point, ...]
    slope_ms_per_day: float | None
    gaps: tuple[tuple[datetime, datetime], ...]
    steps: tuple[datetime, ...]


def drift(points: Sequence[Point]) -> Drift:
    """Return the drift of ``points`` in any order.

    The slope is the median over pairs of points (Theil and Sen): up to a quarter of wild points do not move it. Pairs
    across a step are left out, or a clock that is set back every night would seem to stand still.
    """
    ordered = tuple(sorted(points, key=lambda point: point.moment))
    steps = _steps(ordered)
    enough = len(ordered) >= MINIMUM_POINTS and ordered[-1].moment - ordered[0].moment >= MINIMUM_SPAN
    return Drift(ordered, _slope(ordered, steps) if enough else None, _gaps(ordered), steps)


def _slope(points: Sequence[Point], steps: Sequence[datetime]) -> float | None:
    chosen = points[:: math.ceil(len(points) / _MOST)]
    level = [sum(step <= point.moment for step in steps) for point in chosen]
    slopes = [
        (b.offset - a.offset) / elapsed
        for (a, before), (b, after) in combinations(zip(chosen, level, strict=True), 2)
        if before == after and (elapsed := (b.moment - a.moment).total_seconds()) > 0
    ]
    return statistics.median(slopes) * _DAY * 1000 if slopes else None


def _gaps(points: Sequence[Point]) -> tuple[tuple[datetime, datetime], ...]:
    if len(points) < 3:
        return ()
    usual = statistics.median((b.moment - a.moment).total_seconds() for a, b in pairwise(points))
    return tuple(
        (a.moment, b.moment)
        for a, b in pairwise(points)
        if (b.moment - a.moment).total_seconds() > _GAP * max(usual, 1.0)
    )


def _steps(points: Sequence[Point]) -> tuple[datetime, ...]:
    """Return the moments of the points after a jump that stays: a single wild point jumps back and is none."""
    if len(points) < MINIMUM_POINTS:
        return ()
    spans = [(b.moment - a.moment).total_seconds() for a, b in pairwise(points)]
    changes = [b.offset - a.offset for a, b in pairwise(points)]
    rates = [change / span for change, span in zip(changes, spans, strict=True) if span > 0]
    if not rates:
        return ()
    rate, usual_span = statistics.median(rates), statistics.median(spans)
    surprises = [change - rate * span for change, span in zip(changes, spans, strict=True)]
    noise = max(statistics.median(map(abs, surprises)), _MILLISECOND)
    # A longer pause leaves room for more change, or every gap would look like a step.
    room = [_STEP * noise * max(1.0, span / max(usual_span, 1.0)) for span in spans]
    jumps = [index for index, surprise in enumerate(surprises) if abs(surprise) > room[index]]
    stay = [index for index in jumps if not any(_cancels(surprises, index, other) for other in (index - 1, index + 1))]
    return tuple(points[index + 1].moment for index in stay)


def _cancels(surprises: Sequence[float], index: int, other: int) -> bool:
    if not 0 <= other < len(surprises):
        return False
    return abs(surprises[index] + surprises[other]) < abs(surprises[index]) / 2
