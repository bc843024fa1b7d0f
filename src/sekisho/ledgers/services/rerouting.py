"""Applications that wait while an update of the platform changes the route of their workflow."""

from uuid import UUID

from django.db import transaction

from sekisho.kernel import registry
from sekisho.kernel.actor import Actor
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application
from sekisho.ledgers.queries.deciders import Deciders
from sekisho.ledgers.queries.routes import (
    approvals_of,
    newest_submission,
    open_parts_text,
    progress_of,
    route_for,
    workflow_of,
)
from sekisho.ledgers.rules.applications import State
from sekisho.ledgers.rules.routes import route_of
from sekisho.ledgers.services.applications import locked, record


def follow_routes(*, actor: Actor) -> int:
    """Let what waits wait for whom the route of its workflow names now, and return how many that changed.

    Approvals of parts that the route no longer has count no more. Raises Forbidden.
    """
    actor.require(LedgersAction.REROUTE)
    rows = Application.objects.filter(state=State.SUBMITTED).order_by("id")
    waiting = list(rows.values_list("pk", "workflow", "open_parts"))
    return sum(_follow(actor, pk) for pk, workflow, parts in waiting if _is_lost(workflow, parts))


def _is_lost(workflow_id: str, open_parts: str) -> bool:
    """Tell whether an application waits for a part that its route does not have; an unknown workflow has no route."""
    workflow, waits = registry.current().workflow(workflow_id), set(open_parts.split())
    known = {part.key for parts in route_of(workflow) for part in parts} if workflow else waits
    return workflow is not None and not (waits and waits <= known)


@transaction.atomic
def _follow(by: Actor, application_id: UUID) -> bool:
    application = locked(application_id)
    submission = newest_submission(application)
    progress = progress_of(route_for(workflow_of(application), application), approvals_of(submission), Deciders())
    parts = open_parts_text(progress)
    if application.state != State.SUBMITTED or application.open_parts == parts:
        return False
    application.stage, application.open_parts = progress.step, parts
    application.save(update_fields=["stage", "open_parts"])
    record(by, LedgersAction.REROUTE, application, submission, "")
    return True
