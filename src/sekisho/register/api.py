"""API operations of the register."""

from typing import Any

from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.register.actions import RegisterAction
from sekisho.register.forms import read_key, write_key
from sekisho.register.queries import Search
from sekisho.register.services.searching import search_events
from sekisho.ui.request import Request

router = Router(tags=["register"])


class EventPage(Schema):
    """One page of events, newest first; ``log_index`` is null while an event waits for its place in the log.

    ``older`` is what to ask the next page with, null at the end. ``total`` is told on the first page, up to 10,000;
    ``is_more`` says that there are more.
    """

    events: list[dict[str, Any]]
    older: str | None
    total: int | None
    is_more: bool


@router.get("/events", response=EventPage, operation_id="register_events")
@allow(RegisterAction.VIEW)
def list_events(
    request: Request, before: str = "", text: str = "", action: str = "", outcome: str = "", patient: str = ""
) -> EventPage:
    """List register entries as they are logged. That they were looked for is recorded."""
    search = Search(text=text, action=action, outcome=outcome, patient=patient)
    found = search_events(actor=request.actor, search=search, before=read_key(before))
    return EventPage(
        events=[{**event.document, "log_index": event.log_index} for event in found.events],
        older=write_key(found.older) if found.older else None,
        total=found.total,
        is_more=found.is_more,
    )
