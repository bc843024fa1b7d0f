"""Running what the schedule says: one control at a time, its evidence stored, its verdicts brought up to date."""

from datetime import datetime

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import EvidenceRun, RequestedRun, RunState
from sekisho.governance.queries.editions import edition_ids
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.services.evidence import run_control, store_run
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Control
from sekisho.kernel.errors import NotFound
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@transaction.atomic
def request_run(*, actor: Actor, control_id: str) -> None:
    """Ask for a run of a control as soon as the worker comes to it. Raises Forbidden, NotFound.

    Asked for already, it stays as it is: nothing happens, and nothing is recorded.
    """
    actor.require(GovernanceAction.REQUEST_RUN)
    control = _declared(control_id)
    values = {"requested_at": clock.now(), "requested_by": actor.name}
    _row, is_new = RequestedRun.objects.get_or_create(control=control.id, defaults=values)
    if is_new:
        subject = SubjectRef("control", control.id, str(control.title))
        append(actor=actor, action=GovernanceAction.REQUEST_RUN, subject=subject)


def check_control(*, actor: Actor, control_id: str) -> EvidenceRun:
    """Run a control to its end, store what it found, and judge what rests on it. Raises Forbidden, NotFound."""
    actor.require(GovernanceAction.RUN_CONTROL)
    return _settle(actor, run_control(actor=actor, control=_declared(control_id)))


def give_up_control(*, actor: Actor, control_id: str, started_at: datetime, reason: str) -> EvidenceRun:
    """Store that a run was ended from outside: it took too long, or its process died. Raises Forbidden, NotFound."""
    actor.require(GovernanceAction.RUN_CONTROL)
    control = _declared(control_id)
    state = RunState.TIMED_OUT.value
    record = RunRecord(control.id, control.parameters, started_at, clock.now(), state, reason, ())
    return _settle(actor, store_run(actor=actor, record=record))


def _settle(actor: Actor, run: EvidenceRun) -> EvidenceRun:
    RequestedRun.objects.filter(control=run.control, requested_at__lte=run.started_at).delete()
    for edition_id in edition_ids():
        update_verdicts(actor=actor, edition_id=edition_id, controls=[run.control])
    return run


def _declared(control_id: str) -> Control:
    found = registry.current().control(control_id)
    if found is None:
        raise NotFound
    return found
