"""A workflow with a route of the tests' own: two kinds of manager side by side, then two who are safety managers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import RoutePart, RouteStep
from sekisho.kernel.text import Text
from sekisho.ledgers import services
from sekisho.ledgers.models import Application
from tests.ledgers.working import PURCHASE, apply_for, stored

TAKE_OUT = replace(
    PURCHASE,
    id="tests.take_out",
    title=Text("持出申請"),
    approvers=frozenset({Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, Role.DEPARTMENT_MANAGER}),
    after_the_fact=timedelta(days=3),
    route=(
        RouteStep(
            Text("所属と企画"),
            (RoutePart(frozenset({Role.DEPARTMENT_MANAGER})), RoutePart(frozenset({Role.PLANNING_MANAGER}))),
        ),
        RouteStep(Text("安全管理"), (RoutePart(frozenset({Role.SAFETY_MANAGER}), needed=2),)),
    ),
)


def declare(**changes: Any) -> None:
    """Declare the workflow, changed as the test wants it; the fixture of the folder takes it away again."""
    before = registry.current()
    kept = tuple(workflow for workflow in before.workflows if workflow.id != TAKE_OUT.id)
    registry.install(replace(before, workflows=(*kept, replace(TAKE_OUT, **changes))))


def apply_to_take_out(actor: Actor, **more: Any) -> Application:
    """Submit a take-out."""
    return apply_for(actor, workflow=registry.current().workflow(TAKE_OUT.id), **more)


def approve(actor: Actor, application: Application, comment: str = "", **more: Any) -> Application:
    """Approve with the version the application has now."""
    given = {"version": stored(application).version, "comment": comment, **more}
    return services.approve(actor=actor, application_id=application.pk, **given)


Make = Callable[..., Actor]
