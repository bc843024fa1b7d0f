"""One run of a check with what it found, the bytes it read, and everything ever found about one subject."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.filters import FindingFilter
from sekisho.governance.models import EvidenceFinding, EvidenceRun
from sekisho.governance.queries.checks import counts_of
from sekisho.governance.queries.closed_facts import may_see_facts
from sekisho.governance.queries.evidence import digest_of, findings_of, found_about, get_run
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.evidence import said
from sekisho.governance.services.evidence import read_raw
from sekisho.governance.views.bounds import parameter_words
from sekisho.governance.views.check_wording import (
    OUTCOME_BADGES,
    STATE_BADGES,
    Remark,
    age_words,
    check_titles,
    count_badges,
    duration_words,
    remarks_of,
    run_badge,
)
from sekisho.governance.views.fact_wording import fact_lines
from sekisho.governance.views.wording import SUBJECT_KINDS
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Link, TableColumn
from sekisho.ui.request import Request


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding as the pages show it; ``raw`` is the address of the bytes that were read, empty without any."""

    place: int
    label: str
    history: str
    badge: Badge
    message: str
    observed_at: datetime
    age: str
    remarks: list[Remark]
    facts: list[tuple[str, str]]
    raw: str


def findings_context(request: Request, run: EvidenceRun) -> dict[str, Any]:
    """Return one page of what a run found, by the conditions in the address."""
    form, text = FindingFilter(request.GET), request.GET.get("q", "")
    outcome = form.chosen()
    found = findings_of(run.pk, outcome=outcome, text=text, page=page_number(request.GET))
    counts = counts_of([run]).get(run.pk, {})
    sees_facts = may_see_facts(request.actor, run.control)
    may_read = sees_facts and request.actor.may(GovernanceAction.READ_RAW)
    return {
        "run": run,
        "run_badge": run_badge(run, counts),
        "state_badge": STATE_BADGES[run.state],
        "counts": count_badges(counts),
        "findings": [_line(row, sees_facts=sees_facts, may_read=may_read) for row in found.object_list],
        "facts_closed": not sees_facts,
        "page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
        "text": text,
        "filters": [form["outcome"]],
        "narrowed": bool(text or outcome),
        "clear_url": request.path,
        "trace": run.trace if request.actor.may(GovernanceAction.RUN_CONTROL) else "",
        "trace_kept": bool(run.trace),
    }


def _line(row: EvidenceFinding, *, sees_facts: bool, may_read: bool) -> FindingLine:
    remarks, facts = remarks_of(json.loads(row.facts)) if sees_facts else ([], {})
    raw = reverse("governance:raw", args=[row.run_id, row.place]) if may_read and row.observation_id else ""
    return FindingLine(
        place=row.place,
        label=row.subject_label,
        history=reverse("governance:about", args=[row.subject_kind, row.subject_id]),
        badge=OUTCOME_BADGES[Outcome(row.outcome)],
        message=said(json.loads(row.message)),
        observed_at=row.observed_at,
        age=age_words(row.observed_at),
        remarks=remarks,
        facts=fact_lines(facts),
        raw=raw,
    )


@require_safe
@allow(GovernanceAction.VIEW)
def show_run(request: Request, run_id: UUID) -> HttpResponse:
    """Show one run with everything it found, and whether that is still what was stored."""
    run = get_run(run_id)
    context = {
        **findings_context(request, run),
        "page_title": check_titles([run.control])[run.control],
        "facts": _facts(run),
        "matches": digest_of(run) == run.digest,
        "check_url": reverse("governance:check", args=[run.control]),
    }
    return render(request, "governance/run.html", context)


def _facts(run: EvidenceRun) -> list[tuple[str, object]]:
    parameters = json.loads(run.parameters)
    return [
        (_("Check"), run.control),
        (_("Began"), run.started_at),
        (_("Ended"), run.ended_at),
        (_("Took"), duration_words((run.ended_at - run.started_at).total_seconds())),
        (_("Received"), run.received_at),
        *((_("Bound: %(name)s") % {"name": name}, value) for name, value in _words(parameters)),
    ]


def _words(parameters: dict[str, Any]) -> list[tuple[str, str]]:
    return [parameter_words(name, value) for name, value in parameters.items()]


@require_GET
@allow(GovernanceAction.READ_RAW)
def download_raw(request: Request, run_id: UUID, place: int) -> HttpResponse:
    """Hand out the bytes that a finding was read from. Whatever they are, the browser saves them and opens nothing."""
    data = read_raw(actor=request.actor, run_id=run_id, place=place)
    name = f"{run_id}-{place}.bin"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@require_safe
@allow(GovernanceAction.VIEW)
def show_about(request: Request, kind: str, subject_id: str) -> HttpResponse:
    """Show everything that was ever found about a subject, of one that is gone too."""
    if kind not in set(SubjectKind):
        raise NotFound
    found = found_about(SubjectKind(kind), subject_id, page_number(request.GET))
    titles = check_titles({row.run.control for row in found.object_list})
    rows: list[Cells] = [
        (
            Link(titles[row.run.control], reverse("governance:run", args=[row.run_id])),
            OUTCOME_BADGES[Outcome(row.outcome)],
            said(json.loads(row.message)),
            row.observed_at,
            row.subject_label,
        )
        for row in found.object_list
    ]
    context = {
        "page_title": found.object_list[0].subject_label,
        "kind": SUBJECT_KINDS[SubjectKind(kind)],
        "is_there": any(subject.id == subject_id for subject in subjects_of(SubjectKind(kind))),
        "columns": [
            TableColumn(_("Check"), is_row_heading=True),
            TableColumn(_("Result"), Align.CODE),
            TableColumn(_("What was found"), Align.WIDE),
            TableColumn(_("Seen"), Align.CODE),
            TableColumn(_("Named then")),
        ],
        "rows": rows,
        "page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
    }
    return render(request, "governance/check_about.html", context)
