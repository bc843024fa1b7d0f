"""Dates as Japanese offices write and read them: 和暦 and 西暦, and the fiscal year from April."""

import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

FACILITY_ZONE = ZoneInfo("Asia/Tokyo")


class Calendar(StrEnum):
    """How years are counted on the screen."""

    WAREKI = "wareki"
    SEIREKI = "seireki"


# First day of each era, newest first (昭和64年法律第43号 and its predecessors; 明治 from the Gregorian reform).
_ERAS = (
    (date(2019, 5, 1), "令和", "R"),
    (date(1989, 1, 8), "平成", "H"),
    (date(1926, 12, 25), "昭和", "S"),
    (date(1912, 7, 30), "大正", "T"),
    (date(1873, 1, 1), "明治", "M"),
)
_MEIJI_OFFSET = 1867
_ERA_FORM = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[RHSTM])(?P<year>元|\d{1,2})[年./-](?P<month>\d{1,2})[月./-](?P<day>\d{1,2})日?"
)
_WESTERN_FORM = re.compile(r"(?P<year>\d{4})[年./-](?P<month>\d{1,2})[月./-](?P<day>\d{1,2})日?")


class NotADate(InvalidInput):
    """The text is no date, or a day that does not exist in the era it names."""

    code = "kernel.not_a_date"
    message = _("“%(text)s” is not a date.")
    hint = _("Write it like 2026/11/21, 2026-11-21, R8.11.21 or 令和8年11月21日.")


def era_year(day: date) -> tuple[str, int]:
    """Return the era's name and the year in it. Before 1873 there is no answer: raises ValueError."""
    for first, name, _letter in _ERAS:
        if day >= first:
            return name, day.year - _first_year(first) + 1
    raise ValueError("before the Gregorian calendar was introduced in Japan")


def _first_year(first: date) -> int:
    return _MEIJI_OFFSET + 1 if first == _ERAS[-1][0] else first.year


def format_year(day: date, calendar: Calendar) -> str:
    """Return the year of ``day``: 令和8年 or 2026年."""
    if calendar is Calendar.SEIREKI or day < _ERAS[-1][0]:
        return f"{day.year}年"
    name, year = era_year(day)
    return f"{name}{'元' if year == 1 else year}年"


def format_date(day: date, calendar: Calendar, language: str = "ja") -> str:
    """Return ``day`` as the reader wants it: 令和8年11月21日, 2026/11/21, or ISO 8601 in English."""
    if language != "ja":
        return day.isoformat()
    if calendar is Calendar.SEIREKI:
        return f"{day.year}/{day.month:02}/{day.day:02}"
    return f"{format_year(day, calendar)}{day.month}月{day.day}日"


def in_facility(moment: datetime) -> datetime:
    """Return an aware moment in the facility's time; the last hours of the year 9999 as they are.

    RFC 5280 says "no end" by 9999-12-31T23:59:59Z, which is the year 10000 in Tokyo.
    """
    try:
        return moment.astimezone(FACILITY_ZONE)
    except OverflowError:
        return moment


def format_moment(moment: datetime, calendar: Calendar, language: str = "ja", *, seconds: bool = False) -> str:
    """Return an aware moment in the facility's time, to the minute or to the second."""
    local = in_facility(moment)
    return f"{format_date(local.date(), calendar, language)} {local:{'%H:%M:%S' if seconds else '%H:%M'}}"


def fiscal_year(day: date) -> int:
    """Return the western year in which the fiscal year (April to March) of ``day`` began."""
    return day.year if day.month >= 4 else day.year - 1


def parse_date(text: str) -> date:
    """Read a date as people type it, full-width or half-width, Japanese or western. Raises NotADate."""
    folded = unicodedata.normalize("NFKC", text).strip().replace(" ", "")
    try:
        if match := _WESTERN_FORM.fullmatch(folded):
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match := _ERA_FORM.fullmatch(folded.upper()):
            return _era_date(match)
    except ValueError as error:
        raise NotADate(text=text) from error
    raise NotADate(text=text)


def _era_date(match: re.Match[str]) -> date:
    first, name, _letter = next(era for era in _ERAS if match["era"] in era[1:])
    year = 1 if match["year"] == "元" else int(match["year"])
    day = date(_first_year(first) + year - 1, int(match["month"]), int(match["day"]))
    if era_year(day)[0] != name:
        raise ValueError("the day lies outside the era")
    return day
