"""How long the disk lasts, from what was used on each of the last days. Pure.

The slope is the median of the slopes between all pairs of days (Theil and Sen): one large backup, or one day on which
much was deleted, does not bend it.
"""

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from statistics import median

LEAST_DAYS = 7
MOST_DAYS = 30
FARTHEST = 3650


def growth_a_day(used: Mapping[date, int]) -> float | None:
    """Return by how many bytes a day the use grows; None before a week is known."""
    days = sorted(used)[-MOST_DAYS:]
    if len(days) < LEAST_DAYS:
        return None
    return median((used[later] - used[earlier]) / (later - earlier).days for earlier, later in combinations(days, 2))


def days_until_full(used: Mapping[date, int], free: int) -> int | None:
    """Return the whole days until ``free`` bytes are used up, at most ten years; None where that cannot be told.

    It cannot be told before a week is known. Where the use does not grow it never comes to that: ten years.
    """
    growth = growth_a_day(used)
    if growth is None:
        return None
    return FARTHEST if growth <= 0 else min(int(free / growth), FARTHEST)
