"""What every page shows of the facility."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.estate import queries
from sekisho.kernel.dates import format_moment
from sekisho.people.actions import EmergencyAction
from sekisho.people.queries.emergency import opened_seals
from sekisho.ui.display import display_of

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

    def opened() -> list[tuple[str, str]]:
        try:
            return [(_alarm(request, seal.number, seal.opened_at), _page(request, seal.pk)) for seal in opened_seals()]
        except DatabaseError as error:
            log.warning("alarms_unknown", exc_info=error)
            return []

    return {"alarms": opened}


def _alarm(request: HttpRequest, number: str, since: datetime | None) -> str:
    display = display_of(request)
    words = _("The emergency account %(number)s is in use since %(since)s.")
    moment = format_moment(since, display.calendar, display.language) if since else "―"
    return words % {"number": number, "since": moment}


def _page(request: HttpRequest, seal_id: UUID) -> str:
    """Return the address of an emergency account's page, empty for whoever may not look at it."""
    actor = getattr(request, "actor", None)
    may_look = actor is not None and actor.may(EmergencyAction.VIEW)
    return reverse("people:emergency", args=[seal_id]) if may_look else ""
