"""API operations of the register."""

from typing import Any

from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.ui.request import Request

router = Router(tags=["register"])


class EventPage(Schema):
    """One page of events, newest first; ``log_index`` is null while an event waits for its place in the log."""

    count: int
    page: int
    pages: int
    events: list[dict[str, Any]]


@router.get("/events", response=EventPage, operation_id="register_events")
@allow(RegisterAction.VIEW)
def list_events(request: Request, page: int = 1, text: str = "", action: str = "", outcome: str = "") -> EventPage:
    """List register entries as they are logged."""
    events, found = queries.events(queries.Search(text=text, action=action, outcome=outcome), page)
    return EventPage(
        count=found.paginator.count,
        page=found.number,
        pages=found.paginator.num_pages,
        events=[{**event.document, "log_index": event.log_index} for event in events],
    )
