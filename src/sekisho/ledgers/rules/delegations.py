"""When somebody may stand in for somebody. Pure."""

from datetime import date, timedelta

from sekisho.kernel.text import Text, _

LONGEST = timedelta(days=366)


def why_refused(starts_on: date, ends_on: date, today: date) -> Text | None:
    """Return what is wrong with the days of a delegation, both of which belong to it; None for nothing."""
    if starts_on < today:
        return _("It cannot begin before today.")
    if ends_on < starts_on:
        return _("It ends before it begins.")
    if ends_on - starts_on >= LONGEST:
        return _("It can last for a year at most.")
    return None
