"""What every page shows of the facility."""

import structlog
from django.db import DatabaseError
from django.http import HttpRequest

from sekisho.estate import queries

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
