"""Pages of the register."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import Role, allow
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.register.forms import OUTCOME_TITLES, SearchForm
from sekisho.register.rules import EventOutcome
from sekisho.register.views.wording import Labels, details
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, TableColumn
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
        "table": event_table(events, request.display),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    }
    return render(request, "register/list.html", context)


def event_table(
    events: Iterable[queries.StoredEvent], display: Display, choices: Mapping[str, Labels] | None = None
) -> dict[str, Any]:
    """Return columns and rows of a table of events, for this and other apps' pages.

    ``choices`` gives the labels of codes, by field, that no ledger knows.
    """
    columns = [
        TableColumn(_("No."), Align.CODE),
        TableColumn(_("When"), Align.CODE),
        TableColumn(_("Who"), Align.NAME),
        TableColumn(_("Action")),
        TableColumn(_("About")),
        TableColumn(_("Result"), Align.CODE),
        TableColumn(_("Details"), Align.WIDE),
    ]
    return {"columns": columns, "rows": [_row(event, display, choices) for event in events]}


def _who(document: Mapping[str, Any]) -> str:
    """Return the actor's name; a visitor has none, so what they are and where they came from."""
    actor = document["actor"]
    if actor["name"]:
        return str(actor["name"])
    return _("%(who)s (%(where)s)") % {"who": Role(actor["roles"][0]).label, "where": document["network"] or "―"}


def _row(event: queries.StoredEvent, display: Display, choices: Mapping[str, Labels] | None) -> list[object]:
    document = event.document
    action = registry.current().action(document["action"])
    subject = document["subject"]
    outcome = EventOutcome(document["outcome"])
    return [
        str(event.log_index) if event.log_index is not None else Badge(Kind.NEUTRAL, _("waiting")),
        event.occurred_at,
        _who(document),
        action.label if action else document["action"],
        subject["label"] if subject else None,
        Badge(OUTCOME_KINDS[outcome], OUTCOME_TITLES[outcome]),
        details(document, display, choices),
    ]
