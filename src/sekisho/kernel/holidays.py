"""Public holidays of Japan (国民の祝日に関する法律, as in force since 2020) and working days. Pure; years 2022 to 2099.

The days of the equinoxes are announced each February for the year after; the formula has met every one so far. The
moved holidays of 2020 and 2021 are left out: nothing here looks back so far.
"""

from datetime import date, timedelta
from functools import cache

_SATURDAY, _SUNDAY = 5, 6
_DAY = timedelta(days=1)
_FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
_MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))  # month, and which Monday of it
_SPRING, _AUTUMN, _DRIFT, _EPOCH = 20.8431, 23.2488, 0.242194, 1980


def is_holiday(day: date) -> bool:
    """Tell whether a day is a public holiday, a substitute for one on a Sunday, or a day between two of them."""
    return day in _holidays(day.year)


def is_working_day(day: date) -> bool:
    """Tell whether offices work on a day: no Saturday, no Sunday, no public holiday."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


def next_working_day(day: date) -> date:
    """Return the first working day after ``day``."""
    day += _DAY
    while not is_working_day(day):
        day += _DAY
    return day


@cache
def _holidays(year: int) -> frozenset[date]:
    named = {date(year, month, day) for month, day in _FIXED}
    named |= {_monday(year, month, which) for month, which in _MONDAYS}
    named |= {date(year, 3, _equinox(year, _SPRING)), date(year, 9, _equinox(year, _AUTUMN))}
    substitutes = {_substitute(day, named) for day in named if day.weekday() == _SUNDAY}
    between = {day + _DAY for day in named if day + 2 * _DAY in named and day + _DAY not in named}
    # What lies between two holidays and is a Sunday stays a Sunday (article 3, paragraph 3).
    return frozenset(named | substitutes | {day for day in between if day.weekday() != _SUNDAY})


def _substitute(sunday: date, named: set[date]) -> date:
    day = sunday
    while day in named:
        day += _DAY
    return day


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (which - 1))


def _equinox(year: int, base: float) -> int:
    """Return the day of the month on which the sun passes, as Japanese almanacs reckon it from 1980 to 2099."""
    return int(base + _DRIFT * (year - _EPOCH)) - (year - _EPOCH) // 4
