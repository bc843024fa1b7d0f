"""Which controls are due: pure, so that a year of runs is a test of a second."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A control whose run broke is tried again sooner, but not at once: what hangs today hangs in a minute too.
RETRY_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LastRun:
    """When the newest run of a control began, and whether it came to its end."""

    started_at: datetime
    finished: bool


def due_controls(
    periods: Iterable[tuple[str, timedelta]],
    last: Mapping[str, LastRun],
    requested: Collection[str],
    running: Collection[str],
    now: datetime,
) -> list[str]:
    """Return the controls to start now: those asked for first, then the longest overdue; never one that is running.

    ``periods`` holds (control, how often). A run dated in the future (the clock was set back) counts as due.
    """
    waiting: list[tuple[bool, datetime, str]] = []
    for control, every in periods:
        if control in running:
            continue
        run = last.get(control)
        due_at = _due_at(run, every) if run else datetime.min.replace(tzinfo=now.tzinfo)
        if control in requested or due_at <= now or (run is not None and run.started_at > now):
            waiting.append((control not in requested, due_at, control))
    return [control for _asked, _due, control in sorted(waiting)]


class Due(StrEnum):
    """How the newest run of a control stands to its period."""

    NEVER = "never"
    FRESH = "fresh"
    DUE = "due"
    OVERDUE = "overdue"


def standing(last: LastRun | None, every: timedelta, now: datetime) -> tuple[Due, datetime | None]:
    """Return how a control stands and when its next run is due, None before the first.

    Overdue is one that missed a whole period: the worker stood still, or never came to it.
    """
    if last is None:
        return Due.NEVER, None
    due_at = _due_at(last, every)
    if last.started_at > now:
        return Due.DUE, now
    if now < due_at:
        return Due.FRESH, due_at
    return (Due.OVERDUE if now >= due_at + every else Due.DUE), due_at


def _due_at(run: LastRun, every: timedelta) -> datetime:
    return run.started_at + (every if run.finished else min(every, RETRY_AFTER))
