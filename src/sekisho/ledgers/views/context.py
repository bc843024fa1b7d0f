"""What the pages of an application share: badges, a version as people read it, and which steps are open to whom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.text import Text
from sekisho.ledgers import queries
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application, Submission
from sekisho.ledgers.rules import State, Step, next_state
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

    ``others`` names those besides the reader who may decide.
    """

    own: bool
    others: Sequence[str]
    steps: frozenset[Step]


def standing_of(actor: Actor, application: Application, workflow: Workflow) -> Standing:
    """Return how ``actor`` stands to an application. Pages offer by it; the services decide for themselves."""
    own = queries.same_person(actor.id, application.applicant_id)
    others = queries.other_approvers(workflow, actor.id)
    decides = not actor.roles.isdisjoint(workflow.approvers)
    open_to = {
        Step.APPROVE: decides and actor.may(LedgersAction.APPROVE) and not (own and others),
        Step.SEND_BACK: decides and actor.may(LedgersAction.SEND_BACK),
        Step.REVOKE: decides and actor.may(LedgersAction.REVOKE),
        Step.WITHDRAW: own and actor.may(LedgersAction.WITHDRAW),
        Step.AMEND: own and actor.may(LedgersAction.AMEND),
    }
    state = State(application.state)
    steps = frozenset(step for step, is_open in open_to.items() if is_open and next_state(state, step) is not None)
    return Standing(own, others, steps)
