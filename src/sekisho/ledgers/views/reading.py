"""Pages that show applications: the list, one application with its history, and a file of it."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import Role, allow
from sekisho.kernel.dates import FACILITY_ZONE, format_date
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import SekishoError
from sekisho.ledgers import queries
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries.delegations import stands_in_for
from sekisho.ledgers.queries.drafts import drafts_of
from sekisho.ledgers.queries.routes import Question
from sekisho.ledgers.rules import Aside, State, Step
from sekisho.ledgers.views.context import (
    Standing,
    again_badge,
    deadline_badge,
    decided_by,
    file_columns,
    own_badge,
    part_words,
    standing_of,
    state_badge,
    step_of,
    version_of,
)
from sekisho.ledgers.views.route import route_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_STEP_KINDS: dict[Step | Aside, Kind] = {
    Step.SUBMIT: Kind.INFO,
    Step.AMEND: Kind.INFO,
    Step.WITHDRAW: Kind.NEUTRAL,
    Step.APPROVE: Kind.OK,
    Step.SEND_BACK: Kind.WARN,
    Step.REVOKE: Kind.NG,
    Aside.PART: Kind.OK,
    Aside.COMMENT: Kind.NEUTRAL,
}
_NEEDS_A_LOOK = {State.SENT_BACK, State.REVOKED}


class Shown(StrEnum):
    """The views of the list."""

    WAITING = "waiting"
    MINE = "mine"
    ALL = "all"


@require_safe
@allow(LedgersAction.VIEW)
def list_applications(request: Request) -> HttpResponse:
    """Show what waits for the reader, what they applied for, or all they may see."""
    word, text = request.GET.get("show"), request.GET.get("q", "")
    shown = Shown(word) if word in set(Shown) else Shown.WAITING
    views, stands_in = _views(request), stands_in_for(request.actor)
    due_first = shown is Shown.WAITING
    page = queries.applications(views[shown], text, page=page_number(request.GET), due_first=due_first)
    counts = {view: rows.count() for view, rows in views.items()}
    asks_for_whom = bool(stands_in) and shown is Shown.WAITING
    context = {
        "page_title": _("Applications and approvals"),
        "shown": shown,
        "hidden": {"show": shown},
        "clear_url": f"?show={shown}",
        "views": [(view, title, counts[view]) for view, title in _titles().items()],
        "count_of_all": counts[Shown.ALL],
        "columns": _columns(),
        "rows": [_row(request, application, asks_for_whom=asks_for_whom) for application in page.object_list],
        "stands_in": stands_in,
        "may_delegate": request.actor.may(LedgersAction.DELEGATE),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": text,
        "draft_count": drafts_of(request.actor).count(),
        "may_apply": request.actor.may(LedgersAction.SUBMIT),
    }
    return render(request, "ledgers/list.html", context)


def _views(request: Request) -> dict[Shown, "QuerySet[Application]"]:
    visible = queries.visible_to(request.actor)
    return {
        Shown.WAITING: queries.waiting_for(request.actor),
        Shown.MINE: visible.filter(applicant_id=request.actor.id),
        Shown.ALL: visible,
    }


def _titles() -> dict[Shown, str]:
    return {Shown.WAITING: _("Waiting for you"), Shown.MINE: _("Your applications"), Shown.ALL: _("All")}


def _columns() -> list[TableColumn]:
    return [
        TableColumn(_("Title"), is_row_heading=True),
        TableColumn(_("Kind")),
        TableColumn(_("Applicant"), Align.NAME),
        TableColumn(_("Applied on"), Align.CODE),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("Waits for")),
        TableColumn(_("Last change"), Align.CODE),
    ]


def _row(request: Request, application: Application, *, asks_for_whom: bool) -> Cells:
    workflow = registry.current().workflow(application.workflow)
    state, deadline = state_badge(application), deadline_badge(application)
    return [
        Link(application.title, reverse("ledgers:application", args=[application.pk])),
        workflow.title if workflow else application.workflow,
        application.applicant_name,
        application.applied_at.astimezone(FACILITY_ZONE).date(),
        format_html("{} {} {}", state, deadline, _deadline(request, application)) if deadline else state,
        _for_whom(request, application, workflow) if asks_for_whom else _waits_for(application),
        application.changed_at,
    ]


def _deadline(request: Request, application: Application) -> str:
    """Return until when what was done already is to be approved."""
    if application.decide_by is None:
        return ""
    day, display = application.decide_by.astimezone(FACILITY_ZONE).date(), request.display
    return _("until %(day)s") % {"day": format_date(day, display.calendar, display.language)}


def _waits_for(application: Application) -> str:
    """Return whose turn it is."""
    if State(application.state) is State.SENT_BACK:
        return application.applicant_name
    return _(" and ").join(part_words(part) for part in queries.waiting_parts(application))


def _for_whom(request: Request, application: Application, workflow: Workflow | None) -> str:
    """Return whose turn it is, and for whom the reader decides, if not for themselves."""
    rights = Question(request.actor, application, workflow).rights() if workflow else []
    names = [right.for_name for right in rights]
    if names and all(names):
        return _("You, for %(name)s") % {"name": _(", ").join(dict.fromkeys(names))}
    return _waits_for(application)


@require_safe
@allow(LedgersAction.VIEW)
def show_application(request: Request, application_id: UUID) -> HttpResponse:
    """Show an application as it stands, every version of it, and what was decided."""
    application = queries.get_application(request.actor, application_id)
    workflow = queries.workflow_of(application)
    standing = standing_of(request.actor, application, workflow)
    newest, *older = queries.submissions_of(application)
    last = next((row for row in _decisions(newest) if isinstance(step_of(row), Step)), None)
    context: dict[str, Any] = {
        "application": application,
        "state": state_badge(application),
        "own_mark": own_badge() if last and last.own else None,
        "deadline": deadline_badge(application),
        "facts": _facts(application, workflow, standing),
        "route": route_table(application, workflow, newest, request.display) if workflow.route else None,
        "unfit": _unfit(application, workflow, newest),
        "may_comment": request.actor.may(LedgersAction.COMMENT),
        "notice": last if last and State(application.state) in _NEEDS_A_LOOK else None,
        "newest": version_of(application, workflow, newest),
        "older": [version_of(application, workflow, submission) for submission in older],
        "file_columns": file_columns(),
        "history": _history(application, [newest, *older]),
        "amend_url": reverse(workflow.amend_route, args=[application.pk]) if Step.AMEND in standing.steps else None,
        "steps": standing.steps,
    }
    return render(request, "ledgers/application.html", context)


def _facts(application: Application, workflow: Workflow, standing: Standing) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (_("Kind"), workflow.title),
        (_("Applicant"), application.applicant_name),
    ]
    if application.decide_by is not None:
        facts.append((_("Done already in an emergency"), application.done_reason))
        facts.append((_("To be approved by"), application.decide_by))
    if State(application.state) is State.SUBMITTED:
        facts.append((_("Who can approve"), _who_can_approve(workflow, standing)))
    return facts


def _unfit(application: Application, workflow: Workflow, newest: Submission) -> str:
    """Return why what waits cannot be approved as it was submitted, empty when it can."""
    if State(application.state) is not State.SUBMITTED or workflow.fits is None:
        return ""
    try:
        workflow.fits(json.loads(newest.content))
    except SekishoError as error:
        return str(error)
    return ""


def _who_can_approve(workflow: Workflow, standing: Standing) -> str:
    names = list(standing.others)
    if Step.APPROVE in standing.steps:
        names.insert(0, _("you"))
    if names:
        return _(", ").join(names)
    roles = _(", ").join(str(role.label) for role in Role if role in workflow.approvers)
    return _("Nobody holds one of these roles: %(roles)s") % {"roles": roles}


def _decisions(submission: Submission) -> list[Decision]:
    """Return the decisions about a version, the newest first."""
    return sorted(submission.decisions.all(), key=lambda decision: (decision.decided_at, decision.pk), reverse=True)


def _history(application: Application, submissions: Sequence[Submission]) -> dict[str, Any]:
    """Return the table of everything that happened, the newest first."""
    columns = [
        TableColumn(_("When"), Align.CODE),
        TableColumn(_("Who"), Align.NAME),
        TableColumn(_("Action")),
        TableColumn(_("Submitted version"), Align.NUMBER),
        TableColumn(_("Comment"), Align.WIDE),
    ]
    rows: list[Cells] = []
    for submission in submissions:
        for decision in _decisions(submission):
            step = _step_badge(step_of(decision))
            mark = format_html("{} {}", step, again_badge()) if decision.again else step
            mark = format_html("{} {}", mark, own_badge()) if decision.own else mark
            words = linebreaksbr(decision.comment)
            rows.append([decision.decided_at, decided_by(decision), mark, submission.number, words])
        step = _step_badge(Step.SUBMIT if submission.number == 1 else Step.AMEND)
        words = linebreaksbr(submission.comment)
        rows.append([submission.submitted_at, application.applicant_name, step, submission.number, words])
    return {"columns": columns, "rows": rows}


def _step_badge(step: Step | Aside) -> Badge:
    return Badge(_STEP_KINDS[step], step.label)


@require_safe
@allow(LedgersAction.VIEW)
def download_file(request: Request, application_id: UUID, number: int, place: int) -> HttpResponse:
    """Hand out a file of a version. Whatever it holds, the browser saves it and never opens it as a page of ours."""
    file = queries.get_file(request.actor, application_id, place=place, number=number)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    }
    return HttpResponse(queries.file_bytes(file), content_type="application/octet-stream", headers=headers)
