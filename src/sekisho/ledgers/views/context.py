"""What the pages of an application share: badges, a version as people read it, and which steps are open to whom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.text import Text
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries.deciders import Deciders
from sekisho.ledgers.queries.routes import Question, Right
from sekisho.ledgers.rules import Aside, State, Step, next_state
from sekisho.ledgers.rules.routes import Part, route_of
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn

_STATE_KINDS = {
    State.SUBMITTED: Kind.INFO,
    State.SENT_BACK: Kind.WARN,
    State.WITHDRAWN: Kind.NEUTRAL,
    State.APPROVED: Kind.OK,
    State.REVOKED: Kind.NG,
}
_SHOWN_DIGITS = 16


def state_badge(application: Application) -> Badge:
    """Return where the application stands."""
    state = State(application.state)
    return Badge(_STATE_KINDS[state], state.label)


def own_badge() -> Badge:
    """Return the mark of an approval that the applicant gave."""
    return Badge(Kind.WARN, _("Approved by the applicant"))


def again_badge() -> Badge:
    """Return the mark of an approval by somebody who had approved another part."""
    return Badge(Kind.WARN, _("Approved twice by one person"))


def step_of(decision: Decision) -> Step | Aside:
    """Return what a stored decision is: a step, or what is written beside the steps."""
    return Step(decision.step) if decision.step in set(Step) else Aside(decision.step)


def decided_by(decision: Decision) -> str:
    """Return who decided, and for whom."""
    if not decision.for_name:
        return decision.decided_by_name
    return _("%(name)s for %(other)s") % {"name": decision.decided_by_name, "other": decision.for_name}


@dataclass(frozen=True, slots=True)
class Version:
    """One submission as people read it."""

    submission: Submission
    facts: Sequence[tuple[Text, str]]
    files: Sequence[Cells]


def version_of(application: Application, workflow: Workflow, submission: Submission) -> Version:
    """Return a submission with its content by headings and its files as rows of a table."""
    return Version(submission, workflow.facts(json.loads(submission.content)), _file_rows(application, submission))


def _file_rows(application: Application, submission: Submission) -> list[Cells]:
    rows: list[Cells] = []
    for file in sorted(submission.files.all(), key=lambda file: file.place):
        url = reverse("ledgers:file", args=[application.pk, submission.number, file.place])
        digest = format_html('<code title="{}">{}…</code>', file.data_id, file.data_id[:_SHOWN_DIGITS])
        rows.append([Link(file.name, url), filesizeformat(file.size), digest])
    return rows


def file_columns() -> list[TableColumn]:
    """Return the columns of a version's files."""
    return [
        TableColumn(_("File"), is_row_heading=True),
        TableColumn(_("Size"), Align.CODE),
        TableColumn(_("SHA-256"), Align.CODE),
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a reader stands to an application: ``own`` if they applied, ``steps`` what is open to them now.

    ``others`` names those besides the reader who may decide now; ``rights`` are those by which the reader may approve.
    """

    own: bool
    others: Sequence[str]
    steps: frozenset[Step]
    rights: Sequence[Right] = ()


def standing_of(actor: Actor, application: Application, workflow: Workflow) -> Standing:
    """Return how ``actor`` stands to an application. Pages offer by it; the services decide for themselves."""
    question = Question(actor, application, workflow)
    own, state = question.is_own(), State(application.state)
    waits = state is State.SUBMITTED
    rights = question.rights() if waits and actor.may(LedgersAction.APPROVE) else []
    open_to = {
        Step.APPROVE: bool(rights),
        Step.SEND_BACK: waits and actor.may(LedgersAction.SEND_BACK) and question.may_send_back(),
        Step.REVOKE: not actor.roles.isdisjoint(workflow.approvers) and actor.may(LedgersAction.REVOKE),
        Step.WITHDRAW: own and actor.may(LedgersAction.WITHDRAW),
        Step.AMEND: own and actor.may(LedgersAction.AMEND),
    }
    steps = frozenset(step for step, is_open in open_to.items() if is_open and next_state(state, step) is not None)
    return Standing(own, question.names_besides(actor.id) if waits else [], steps, rights)


def rights_by_key(standing: Standing, workflow: Workflow) -> list[tuple[str, str]]:
    """Return each right to approve with its words: for whom, and for which part where the route has several."""
    return [(right.key, _right_words(right, workflow)) for right in standing.rights]


def _right_words(right: Right, workflow: Workflow) -> str:
    who = _("for %(name)s") % {"name": right.for_name} if right.for_name else _("for yourself")
    part = next((part for parts in route_of(workflow) for part in parts if part.key == right.part), None)
    return f"{who}: {part_words(part)}" if part and workflow.route else who


def part_words(part: Part) -> str:
    """Return who decides a part, by roles and names, and how many of them where one is not enough."""
    deciders = Deciders()
    named = [person.name for account in sorted(part.people) if (person := deciders.person_of(account))]
    who = _(", ").join([*(str(role.label) for role in Role if role in part.roles), *named])
    return who if part.needed == 1 else _("%(count)s of: %(who)s") % {"count": part.needed, "who": who}


def deadline_badge(application: Application) -> Badge | None:
    """Return the mark of what was done before it was approved: overdue, or that it is to be approved yet."""
    if application.decide_by is None:
        return None
    waits = State(application.state) in {State.SUBMITTED, State.SENT_BACK}
    if waits and application.decide_by < clock.now():
        return Badge(Kind.NG, _("Approval after the fact overdue"))
    return Badge(Kind.WARN if waits else Kind.NEUTRAL, _("After the fact"))
