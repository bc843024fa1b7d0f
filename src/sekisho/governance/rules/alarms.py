"""Who is called at once of what, when the next one is, and when it is quiet. Pure.

An alarm is an open notice that cannot wait for the digest. The recipients stand in steps: the first step is called at
once, the next one when nobody has said that they look after it, and after the last step the first one again, three
rounds in all. What is less urgent waits for the morning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sekisho.governance.rules.notices import NoticeKind
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.kernel.ports import Grade

ROUNDS = 3
STEPS = 5
# Failing checks that are alarms: nothing else looks at these things.
ALARMING_CHECKS = {"network.platform_clock": True, "config.platform_backup": False}
# How long an ended alarm may be spoken of.
RECOVERY_TOLD_WITHIN = timedelta(days=7)


class Loudness(StrEnum):
    """At which hours people are called."""

    ANY_HOUR = "any_hour"
    BY_DAY = "by_day"


@dataclass(frozen=True, slots=True)
class Plan:
    """How people are called. Between the hours ``quiet_from`` and ``quiet_to`` only what bears no delay is said."""

    group: timedelta = timedelta(minutes=10)
    next_after: timedelta = timedelta(minutes=15)
    quiet_from: int = 21
    quiet_to: int = 7

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether it is one of the quiet hours at the facility."""
        hour = in_facility(now).hour
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to

    def loud_from(self, moment: datetime) -> datetime:
        """Return ``moment``, or the end of the quiet hours that it lies in."""
        if not self.is_quiet(moment):
            return moment
        local = in_facility(moment)
        end = local.replace(hour=self.quiet_to % 24, minute=0, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What one recipient was told of an alarm in its present state: how often, and when last."""

    times: int = 0
    last: datetime | None = None


def loudness_of(kind: NoticeKind, ref: str, facts: Mapping[str, Json]) -> Loudness | None:
    """Return when people are called because of a notice; None for what the digest says."""
    if kind is NoticeKind.STANDSTILL:
        return Loudness.ANY_HOUR
    if kind is NoticeKind.EMERGENCY:
        return Loudness.ANY_HOUR if facts.get("in_use") else None
    if kind is NoticeKind.PLATFORM:
        grades = {Grade.NOW.name.lower(): Loudness.ANY_HOUR, Grade.DAY.name.lower(): Loudness.BY_DAY}
        return grades.get(str(facts.get("grade")))
    if kind is NoticeKind.FAILS and ref in ALARMING_CHECKS and facts.get("fails"):
        return Loudness.ANY_HOUR if ALARMING_CHECKS[ref] else Loudness.BY_DAY
    return None


def is_to_be_rung(
    began: datetime, loudness: Loudness, place: int, steps: int, said: Said, now: datetime, plan: Plan
) -> bool:
    """Tell whether the recipient at ``place`` of ``steps`` (from 0) is called now of an alarm nobody looks after.

    ``began`` is when it came to its present state. The first call of a place comes when its time has come; another one
    a whole round after it.
    """
    if loudness is Loudness.BY_DAY and plan.is_quiet(now):
        return False
    if said.last is None:
        start = plan.loud_from(began) if loudness is Loudness.BY_DAY else began
        return now >= start + place * plan.next_after
    return said.times < ROUNDS and now >= said.last + steps * plan.next_after
