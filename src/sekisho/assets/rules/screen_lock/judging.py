"""Whether a terminal locks by itself soon enough.

The guideline names no number (12 item 6: "for a long time"; 12.6: automatic lock-out of the screen). 15 minutes is the
longest time of the common baselines (NIST SP 800-53 AC-11 as assigned by them, CIS Windows "900 or fewer seconds"); up
to 30 minutes count where the facility has written down why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from sekisho.assets.rules.screen_lock.mechanisms import Family, Mechanism, Reading, Way
from sekisho.kernel.text import Text, _

IDLE_MINUTES = 15
IDLE_MINUTES_WITH_REASON = 30
_MINUTE = 60
# Only where all of these were seen nothing else can lock the screen.
_NEEDED = {Family.WINDOWS: {Way.MACHINE_LIMIT, Way.SCREEN_SAVER}, Family.APPLE: set[Way](), Family.GNOME: set[Way]()}


class Level(StrEnum):
    """What the settings of one terminal come to."""

    HOLDS = "holds"
    BREAKS = "breaks"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """The result with its reason; ``seconds`` until the screen locks, None where it never does or cannot be told."""

    level: Level
    reason: Text
    seconds: int | None = None
    enforced: bool = False


def merged(readings: Sequence[Reading]) -> dict[Way, Mechanism]:
    """Return what several files of one terminal say together, the newest first: of each way what was seen last.

    Windows exports the machine's part and the user's part apart. Files of what the terminal ran before do not count.
    """
    family = readings[0].family if readings else None
    of_family = [reading for reading in readings if reading.family is family]
    return {one.way: one for reading in reversed(of_family) for one in reading.mechanisms}


def judge(readings: Sequence[Reading], minutes: int) -> Judged:
    """Judge the files of one terminal, the newest first, against the longest time without use."""
    if not readings:
        return Judged(Level.UNKNOWN, _("No settings have been handed in."))
    ways = merged(readings)
    locking = [one for one in ways.values() if one.seconds is not None]
    soonest = min(locking, key=lambda one: one.seconds or 0, default=None)
    if soonest is not None and soonest.seconds is not None and soonest.seconds <= minutes * _MINUTE:
        return Judged(
            Level.HOLDS,
            _("The screen locks after %(minutes)s minutes without use.", minutes=_minutes(soonest.seconds)),
            soonest.seconds,
            soonest.enforced,
        )
    missing = _NEEDED[readings[0].family] - ways.keys()
    if not ways or missing:
        return Judged(Level.UNKNOWN, _untold(missing, ways.values()))
    if soonest is None or soonest.seconds is None:
        because = "、".join(one.because for one in ways.values() if one.because)
        return Judged(Level.BREAKS, _("The screen never locks by itself (%(because)s).", because=because))
    told = _("The screen locks only after %(minutes)s minutes without use.", minutes=_minutes(soonest.seconds))
    return Judged(Level.BREAKS, told, soonest.seconds)


def _untold(missing: Iterable[Way], seen: Iterable[Mechanism]) -> Text:
    if Way.MACHINE_LIMIT in missing and list(seen):
        return _("What the user set does not lock the screen in time; the part of the machine was not handed in.")
    if Way.SCREEN_SAVER in missing:
        return _("The machine does not lock the screen in time; the user's part was not handed in whole.")
    return _("The settings that were handed in do not say when the screen locks.")


def _minutes(seconds: int) -> str:
    """Return minutes with at most one decimal, never fewer than they are."""
    return f"{ceil(seconds * 10 / _MINUTE) / 10:g}"
