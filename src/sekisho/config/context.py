"""What every page shows of the facility."""

from datetime import datetime

import structlog
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sekisho.estate import queries
from sekisho.kernel.dates import Calendar, format_moment
from sekisho.people.queries.emergency import opened_seals

log = structlog.get_logger(__name__)


def facility(request: HttpRequest) -> dict[str, object]:
    """Give templates the facility's name, empty before it was entered.

    Also empty when the database is away: the page that says so must still appear.
    """
    try:
        row = queries.facility()
    except DatabaseError as error:
        log.warning("facility_name_unknown", exc_info=error)
        return {"facility_name": ""}
    return {"facility_name": row.name if row else ""}


def alarms(request: HttpRequest) -> dict[str, object]:
    """Give templates what everybody who is signed in has to know of now: the emergency accounts in use.

    Asked for when a page shows it; when the database is away, the page that says so must still appear.
    """

    def opened() -> list[str]:
        try:
            return [_alarm(seal.number, seal.opened_at) for seal in opened_seals()]
        except DatabaseError as error:
            log.warning("alarms_unknown", exc_info=error)
            return []

    return {"alarms": opened}


def _alarm(number: str, since: datetime | None) -> str:
    words = _("The emergency account %(number)s is in use since %(since)s.")
    return words % {"number": number, "since": format_moment(since, Calendar.SEIREKI) if since else "―"}
