"""Pages of the register."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import Role, allow
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.register.exports.archive import Format
from sekisho.register.forms import OUTCOME_TITLES, SearchForm, read_key, write_key
from sekisho.register.index.find import NEWEST
from sekisho.register.rules import EventOutcome
from sekisho.register.services.searching import search_events
from sekisho.register.views.wording import Labels, details
from sekisho.ui.display import Display
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_FILTERS = ("person", "patient", "kind", "action", "outcome", "system", "device", "since", "until")
OUTCOME_KINDS = {EventOutcome.SUCCESS: Kind.OK, EventOutcome.FAILURE: Kind.NG, EventOutcome.DENIED: Kind.WARN}


@require_safe
@allow(RegisterAction.VIEW)
def list_events(request: Request) -> HttpResponse:
    """Show the events, newest first, with a filter."""
    form = SearchForm(request.GET)
    search, before = form.search(), read_key(request.GET.get("before", ""))
    found = search_events(actor=request.actor, search=search, before=before)
    context = {
        "page_title": _("Register"),
        "text": request.GET.get("q", ""),
        "filters": [form[name] for name in _FILTERS],
        "searched": bool(search.conditions()),
        "table": _with_links(found.events, request.display),
        "found": found,
        "newest": before == NEWEST,
        "newest_url": page_url(request.GET, ""),
        "formats": [(form.value, form.label) for form in Format],
        "export_url": f"{reverse('register:export')}{page_url(request.GET, '')}",
        "older_url": page_url(request.GET, write_key(found.older)) if found.older else "",
    }
    return render(request, "register/list.html", context)


def page_url(query: QueryDict, before: str) -> str:
    """Return the address of the same search from another place on."""
    copied = query.copy()
    copied.pop("before", None)
    if before:
        copied["before"] = before
    return f"?{copied.urlencode()}"


def _with_links(events: Sequence[queries.StoredEvent], display: Display) -> dict[str, Any]:
    """Return the table with what leads further: which session."""
    table = event_table(events, display)
    table["columns"].append(TableColumn(_("Session"), Align.CODE))
    for row, event in zip(table["rows"], events, strict=True):
        row.append(session_link(event.document["session"]))
    return table


def patient_link(patient: str | None) -> Link | None:
    """Return the way to a patient's history."""
    return Link(patient, f"{reverse('register:patient')}?{urlencode({'patient': patient})}") if patient else None


def session_link(session: str | None) -> Link | None:
    """Return the way to a session; None where its id is none of ours."""
    try:
        address = reverse("register:session", args=[UUID(session or "")])
    except ValueError:
        return None
    return Link(_("Session"), address)


def event_table(
    events: Iterable[queries.StoredEvent], display: Display, choices: Mapping[str, Labels] | None = None
) -> dict[str, Any]:
    """Return columns and rows of a table of events, for this and other apps' pages; patients only where there are any.

    ``choices`` gives the labels of codes, by field, that no ledger knows.
    """
    shown = list(events)
    columns = [
        TableColumn(_("No."), Align.CODE),
        TableColumn(_("When"), Align.CODE),
        TableColumn(_("Who"), Align.NAME),
        TableColumn(_("Action")),
        TableColumn(_("About")),
        TableColumn(_("Result"), Align.CODE),
        TableColumn(_("Details"), Align.WIDE),
    ]
    rows = [_row(event, display, choices) for event in shown]
    if any(event.document["patient"] for event in shown):
        columns.append(TableColumn(_("Patient"), Align.CODE))
        for row, event in zip(rows, shown, strict=True):
            row.append(patient_link(event.document["patient"]))
    return {"columns": columns, "rows": rows}


def who(document: Mapping[str, Any]) -> str:
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
        who(document),
        action.label if action else document["action"],
        subject["label"] if subject else None,
        Badge(OUTCOME_KINDS[outcome], OUTCOME_TITLES[outcome]),
        details(document, display, choices),
    ]
