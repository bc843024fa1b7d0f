"""Two views of the register for people who ask: who opened this patient's record, and what was done in this session."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sekisho.kernel import clock, registry
from sekisho.kernel.access import allow
from sekisho.register.actions import RegisterAction
from sekisho.register.forms import OUTCOME_TITLES, PatientForm, read_key, systems, write_key
from sekisho.register.index.find import NEWEST, Key
from sekisho.register.queries import StoredEvent, key_of
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.visits import Session, Visit, session_of, visits
from sekisho.register.services.searching import MOST_READ, read_patient, read_session
from sekisho.register.views.events import OUTCOME_KINDS, event_table, page_url, patient_link, session_link, who
from sekisho.register.views.wording import ELSEWHERE
from sekisho.ui.parts import Align, Badge, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(RegisterAction.READ_PATIENT)
def show_patient(request: Request) -> HttpResponse:
    """Show who opened a patient's record: when, how long at least, from where, and what they did."""
    form, before = PatientForm(request.GET), read_key(request.GET.get("before", ""))
    search = form.search()
    events = read_patient(actor=request.actor, search=search, before=before) if search.patient else []
    shown = events[:MOST_READ]
    context = {
        "page_title": _("Who opened a patient's record"),
        "patient": search.patient,
        "filters": [form[name] for name in ("since", "until")],
        "table": _visit_table(visits((event.occurred_at, event.document) for event in shown)),
        "count": len(shown),
        **_pages(request, events, before),
        "since": search.since,
        "until": form.cleaned_data.get("until"),
        "made_at": clock.now(),
        "made_by": request.actor.name,
    }
    return render(request, "register/patient.html", context)


@require_safe
@allow(RegisterAction.READ_SESSION)
def show_session(request: Request, session: UUID) -> HttpResponse:
    """Show one session from sign-in to sign-out, and what was touched in it."""
    before = read_key(request.GET.get("before", ""))
    events = read_session(actor=request.actor, session=str(session), before=before)
    shown = events[:MOST_READ]
    told = session_of([(event.occurred_at, event.document) for event in shown])
    context = {
        "page_title": _("Session"),
        "facts": _session_facts(told, is_cut=len(events) > MOST_READ) if told else [],
        "patients": [(patient_link(patient), count) for patient, count in told.patients.most_common()] if told else [],
        "table": event_table(sorted(shown, key=_order), request.display),
        **_pages(request, events, before),
        "made_at": clock.now(),
        "made_by": request.actor.name,
    }
    return render(request, "register/session.html", context)


def _pages(request: Request, events: Sequence[StoredEvent], before: Key) -> dict[str, Any]:
    """Return the ways to older events and back to the newest."""
    is_more = len(events) > MOST_READ
    return {
        "newest": before == NEWEST,
        "newest_url": page_url(request.GET, ""),
        "is_more": is_more,
        "older_url": page_url(request.GET, write_key(key_of(events[MOST_READ - 1]))) if is_more else "",
    }


def _order(event: StoredEvent) -> tuple[Any, int]:
    return event.occurred_at, event.log_index if event.log_index is not None else event.document["source_seq"] + 2**62


def _visit_table(found: Sequence[Visit]) -> dict[str, Any]:
    names = dict(systems())
    columns = [
        TableColumn(_("When"), Align.CODE),
        TableColumn(_("Duration, at least"), Align.CODE),
        TableColumn(_("Who"), Align.NAME),
        TableColumn(_("System")),
        TableColumn(_("From where"), Align.CODE),
        TableColumn(_("What was done"), Align.WIDE),
        TableColumn(_("Result"), Align.CODE),
        TableColumn(_("Session"), Align.CODE),
    ]
    return {"columns": columns, "rows": [_visit_row(visit, names) for visit in found]}


def _visit_row(visit: Visit, names: dict[str, str]) -> list[object]:
    document = visit.document
    worst = next(one for one in reversed(list(EventOutcome)) if one in visit.outcomes)
    return [
        visit.first,
        duration_words(visit.duration) if visit.duration else None,
        who(document),
        names.get(document["system"], document["system"]),
        _(", ").join(part for part in (document["network"], document["device"]) if part),
        _(", ").join(_counted(action, count) for action, count in visit.actions.most_common()),
        Badge(OUTCOME_KINDS[worst], OUTCOME_TITLES[worst]),
        session_link(document["session"]),
    ]


def _counted(action: str, count: int) -> str:
    known = registry.current().action(action)
    label = str(ELSEWHERE.get(action) or (known.label if known else action))
    return label if count == 1 else _("%(what)s × %(count)s") % {"what": label, "count": count}


def _session_facts(told: Session, *, is_cut: bool) -> list[tuple[str, object]]:
    names = dict(systems())
    missing = _("Not in the register")
    return [
        (_("Who"), who(told.document)),
        (_("Signed in"), told.signed_in or (_("Before what is shown here") if is_cut else missing)),
        (_("Signed out"), told.signed_out or missing),
        (_("Last event"), told.last),
        (_("Duration, from the first to the last event"), duration_words(told.duration)),
        (_("From where"), told.document["network"]),
        (_("Device"), told.document["device"]),
        (_("Systems"), _(", ").join(names.get(system, system) for system in told.systems)),
        (_("What was done"), _(", ").join(_counted(action, count) for action, count in told.actions.most_common())),
    ]


def duration_words(duration: timedelta) -> str:
    """Return a length of time in hours and minutes, below a minute in seconds."""
    seconds = int(duration.total_seconds())
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
