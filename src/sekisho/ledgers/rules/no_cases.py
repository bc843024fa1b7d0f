"""For which days somebody may state that there was nothing to enter. Pure."""

from datetime import date, timedelta

from sekisho.kernel.dates import fiscal_year
from sekisho.kernel.text import Text, _

LONGEST = timedelta(days=366)
_ENDS_FIRST = _("The last day lies before the first.")
_NOT_TODAY = _("The period must hold today: what lies ahead nobody knows, and what is over proves nothing any more.")
_TOO_LONG = _("The period is longer than a year.")


def usual_period(today: date, last_case: date | None) -> tuple[date, date]:
    """Return the fiscal year of ``today``, from the day after ``last_case`` where that lies in it."""
    year = fiscal_year(today)
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    if last_case is not None and first <= last_case < today:
        first = last_case + timedelta(days=1)
    return first, last


def fault_of(first: date, last: date, today: date) -> Text | None:
    """Return why nobody may state this of the days from ``first`` to ``last``, None where they may."""
    if last < first:
        return _ENDS_FIRST
    if not first <= today <= last:
        return _NOT_TODAY
    return _TOO_LONG if last - first >= LONGEST else None
