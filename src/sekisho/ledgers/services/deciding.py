"""What deciders do: approve, send back, revoke; and what anybody may who sees an application: comment."""

import json
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application
from sekisho.ledgers.queries.applications import get_application
from sekisho.ledgers.queries.routes import Question, Right, newest_submission, open_parts_text, workflow_of
from sekisho.ledgers.rules.applications import Aside, Step
from sekisho.ledgers.rules.routes import Progress
from sekisho.ledgers.services.applications import (
    locked,
    record,
    require_open,
    said,
    store_decision,
    told,
    write_decision,
)


@transaction.atomic
def approve(*, actor: Actor, application_id: UUID, version: int, comment: str = "", right: str = "") -> Application:
    """Approve an application, or the part of its route that is the actor's; the last one that it needs carries it out.

    ``right`` chooses among the actor's rights (``Right.key``): which part, for oneself or for somebody. Nobody approves
    their own, or twice, except where nobody else could, with a comment; it is marked. Raises Forbidden, NotYourPart,
    OwnApplication, StandsInWrongly, ApprovedAlready, PartTaken, NotYourTurn, CommentMissing, DecidedAlready, Conflict,
    and what ``fits``, ``on_part`` and ``carry_out`` of the workflow raise.
    """
    actor.require(LedgersAction.APPROVE)
    application = locked(application_id)
    question = Question(actor, application, workflow_of(application))
    question.require_part()
    submission = newest_submission(application)
    require_open(application, version, Step.APPROVE, submission)
    chosen = question.require(right)
    workflow, content = question.workflow, json.loads(submission.content)
    if workflow.fits is not None:
        workflow.fits(content)
    progress = question.progress
    progress.count(chosen.given)
    if not progress.is_finished:
        _approve_part(actor, application, progress, comment, chosen)
        if workflow.on_part is not None:
            workflow.on_part(actor, application.pk, content)
        return application
    store_decision(actor, LedgersAction.APPROVE, Step.APPROVE, application, version, comment, chosen)
    if workflow.carry_out is not None:
        workflow.carry_out(actor, application.pk, content)
    return application


def _approve_part(by: Actor, application: Application, progress: Progress, comment: str, right: Right) -> None:
    """Store one approval of several. The version stays: what the others look at is the same as before."""
    words, submission = said(comment, needed=right.own or right.again), newest_submission(application)
    application.changed_at = clock.now()
    application.stage, application.open_parts = progress.step, open_parts_text(progress)
    application.save(update_fields=["changed_at", "stage", "open_parts"])
    write_decision(by, Aside.PART, submission, words, application.changed_at, right)
    record(by, LedgersAction.APPROVE_PART, application, submission, words, told(workflow_of(application), right))


@transaction.atomic
def send_back(*, actor: Actor, application_id: UUID, version: int, comment: str) -> Application:
    """Send an application back to be mended, whatever approvals it has. They count no more for what is mended.

    Raises Forbidden, NotYourPart, NotYourTurn, CommentMissing, DecidedAlready, Conflict.
    """
    actor.require(LedgersAction.SEND_BACK)
    application = locked(application_id)
    question = Question(actor, application, workflow_of(application))
    question.require_part()
    submission = newest_submission(application)
    require_open(application, version, Step.SEND_BACK, submission)
    right = question.right_to_send_back()
    return store_decision(actor, LedgersAction.SEND_BACK, Step.SEND_BACK, application, version, comment, right)


@transaction.atomic
def revoke(*, actor: Actor, application_id: UUID, version: int, comment: str) -> Application:
    """Take an approval back: from now on it counts no more. Raises Forbidden, NotYourPart, CommentMissing."""
    actor.require(LedgersAction.REVOKE)
    application = locked(application_id)
    workflow = workflow_of(application)
    Question(actor, application, workflow).require_approver()
    store_decision(actor, LedgersAction.REVOKE, Step.REVOKE, application, version, comment)
    if workflow.take_back is not None:
        workflow.take_back(actor, application.pk, json.loads(newest_submission(application).content))
    return application


@transaction.atomic
def comment_on(*, actor: Actor, application_id: UUID, comment: str) -> Application:
    """Write to an application without deciding. Raises Forbidden, NotFound, CommentMissing, ContentTooLong."""
    actor.require(LedgersAction.COMMENT)
    application = locked(get_application(actor, application_id).pk)
    submission = newest_submission(application)
    words = said(comment, needed=True)
    write_decision(actor, Aside.COMMENT, submission, words, clock.now(), None)
    record(actor, LedgersAction.COMMENT, application, submission, words)
    return application
