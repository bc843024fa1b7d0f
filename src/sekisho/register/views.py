"""Pages of the register."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import allow
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.register.forms import OUTCOME_TITLES, SearchForm
from sekisho.register.rules import EventOutcome
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Badge, Kind, TableColumn
from sekisho.ui.request import Request

OUTCOME_KINDS = {EventOutcome.SUCCESS: Kind.OK, EventOutcome.FAILURE: Kind.NG, EventOutcome.DENIED: Kind.WARN}


@require_safe
@allow(RegisterAction.VIEW)
def list_events(request: Request) -> HttpResponse:
    """Show the events, newest first, with a filter."""
    form = SearchForm(request.GET)
    events, page = queries.events(form.search(), page_number(request.GET))
    context = {
        "page_title": _("Register"),
        "text": request.GET.get("q", ""),
        "filters": [form[name] for name in ("action", "outcome", "since", "until")],
        "searched": any(request.GET.values()),
        "table": event_table(events),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "register/list.html", context)


def event_table(events: Iterable[queries.StoredEvent]) -> Mapping[str, Any]:
    """Return columns and rows of a table of events, for this and other apps' pages."""
    titles = (_("No."), _("When"), _("Who"), _("Action"), _("About"), _("Result"), _("Details"))
    return {"columns": [TableColumn(title) for title in titles], "rows": [_row(event) for event in events]}


def _row(event: queries.StoredEvent) -> list[object]:
    document = event.document
    action = registry.current().action(document["action"])
    subject = document["subject"]
    outcome = EventOutcome(document["outcome"])
    return [
        str(event.log_index) if event.log_index is not None else Badge(Kind.NEUTRAL, _("waiting")),
        event.occurred_at,
        document["actor"]["name"] or document["network"],
        action.label if action else document["action"],
        subject["label"] if subject else None,
        Badge(OUTCOME_KINDS[outcome], OUTCOME_TITLES[outcome]),
        _details(document),
    ]


def _details(document: Mapping[str, Any]) -> str:
    """Return the reason and the details in one line, as far as they are plain."""
    parts = [document["reason"]] if document["reason"] else []
    for name, value in document["details"].items():
        if name == "changes":
            parts += [f"{field}: {_plain(before)} → {_plain(after)}" for field, (before, after) in value.items()]
        else:
            parts.append(f"{name}: {_plain(value)}")
    return " / ".join(parts)


def _plain(value: object) -> str:
    if value is None or value == "":
        return "―"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
