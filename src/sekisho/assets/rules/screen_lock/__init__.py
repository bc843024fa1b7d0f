"""What a terminal's settings say of its screen lock, and whether that is enough. Pure."""

from sekisho.assets.rules.screen_lock.judging import (
    IDLE_MINUTES,
    IDLE_MINUTES_WITH_REASON,
    Judged,
    Level,
    judge,
    merged,
)
from sekisho.assets.rules.screen_lock.mechanisms import Dialect, Mechanism, Reading, Way
from sekisho.assets.rules.screen_lock.reading import LARGEST, read_settings

__all__ = [
    "IDLE_MINUTES",
    "IDLE_MINUTES_WITH_REASON",
    "LARGEST",
    "Dialect",
    "Judged",
    "Level",
    "Mechanism",
    "Reading",
    "Way",
    "judge",
    "merged",
    "read_settings",
]
