"""Times as the logs of Japanese systems write them: 和暦 and 西暦, full width, 午前 and 午後, ISO 8601, digits only."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from sekisho.kernel.dates import FACILITY_ZONE, NotADate, parse_date

_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?(\d{2})(\d{2})(\d{2})")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?=\D)")
_WEEKDAY = re.compile(r"\([月火水木金土日]\)")
_WHOLE = re.compile(
    r"(?P<date>.+?)(?:[T\s]+|(?<=日)\s*)"
    r"(?P<half>午前|午後|AM|PM)?\s*(?P<hour>\d{1,2})(?:時(?!\s*\d)|[:時]\s*(?P<minute>\d{1,2})"
    r"(?:[:分]\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?秒?)?分?)"
    r"\s*(?P<after>AM|PM)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_HALF_DAY = 12
_LONGEST = 80


def read_moment(text: str) -> datetime:
    """Return the moment, aware, in UTC; without a zone in it, it is the facility's time. Raises ValueError."""
    folded = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST])).strip()
    folded = _DIGITS.sub(r"\1-\2-\3 \4:\5:\6", folded, count=1)
    folded = _PLAIN_DAY.sub(r"\1-\2-\3", folded, count=1)
    found = _WHOLE.fullmatch(folded)
    if found is None:
        raise ValueError(text)
    try:
        day = parse_date(found["date"])
        moment = datetime.combine(day, _time(found), tzinfo=_zone(found["zone"]))
        return moment.astimezone(UTC)
    except (NotADate, OverflowError) as error:
        raise ValueError(text) from error


def _time(found: re.Match[str]) -> time:
    half = (found["half"] or found["after"] or "").upper()
    hour = int(found["hour"])
    if half and hour > _HALF_DAY:
        raise ValueError(found[0])
    if half in {"午後", "PM"} and hour < _HALF_DAY:
        hour += _HALF_DAY
    elif half in {"午前", "AM"} and hour == _HALF_DAY:
        hour = 0
    part = int((found["part"] or "0").ljust(6, "0")[:6])
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0), part)


def _zone(text: str | None) -> tzinfo:
    if not text:
        return FACILITY_ZONE
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
