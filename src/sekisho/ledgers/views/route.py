"""The whole route of an application as a table: which parts are done by whom, which wait, for whom."""

import json
from typing import Any

from django.utils.translation import gettext as _

from sekisho.kernel.dates import format_date, in_facility
from sekisho.kernel.declarations import Workflow
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries.deciders import Deciders
from sekisho.ledgers.queries.routes import approvals_of, progress_of
from sekisho.ledgers.rules import State
from sekisho.ledgers.rules.routes import Part, Progress, route_of, steps_of
from sekisho.ledgers.views.context import decided_by, part_words
from sekisho.ui.display import Display
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn


def route_table(application: Application, workflow: Workflow, newest: Submission, display: Display) -> dict[str, Any]:
    """Return one row for every part of the route, in the order of its steps."""
    deciders, approvals = Deciders(), approvals_of(newest)
    content = json.loads(newest.content)
    progress = progress_of(route_of(workflow, content), approvals, deciders)
    columns = [
        TableColumn(_("Step"), is_row_heading=True),
        TableColumn(_("Who decides")),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("Approved by")),
        TableColumn(_("Waits for")),
    ]
    rows: list[Cells] = []
    for place, (_of_all, step) in enumerate(steps_of(workflow, content)):
        for part in progress.route[place]:
            badge = _badge(application, part, progress)
            waits = _waits_for(part, progress, deciders) if badge.kind == Kind.INFO else ""
            by = _approved_by(part, approvals, display)
            rows.append([f"{place + 1}. {step.title}", part_words(part), badge, by, waits])
    return {"columns": columns, "rows": rows}


def _badge(application: Application, part: Part, progress: Progress) -> Badge:
    if not progress.missing(part):
        return Badge(Kind.OK, _("Completed"))
    if State(application.state) is not State.SUBMITTED:
        return Badge(Kind.NEUTRAL, _("Not given"))
    if part in progress.open_parts:
        return Badge(Kind.INFO, _("Waits: %(count)s missing") % {"count": progress.missing(part)})
    return Badge(Kind.NEUTRAL, _("Not yet"))


def _approved_by(part: Part, approvals: list[Decision], display: Display) -> str:
    """Return who gave the approvals of a part, and on which day."""
    given = [row for row in approvals if row.part == part.key]
    days = [format_date(in_facility(row.decided_at).date(), display.calendar, display.language) for row in given]
    return _(", ").join(f"{decided_by(row)} ({day})" for row, day in zip(given, days, strict=True))


def _waits_for(part: Part, progress: Progress, deciders: Deciders) -> str:
    people = deciders.candidates(part)
    names = [person.name for key, person in people.items() if key not in progress.people]
    return _(", ").join(names) or _("Nobody can decide this now")
