"""Running controls and keeping what they found: append-only, hashed, and never better than what was seen."""

import hashlib
import traceback
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import EvidenceMismatch
from sekisho.governance.models import EvidenceFinding, EvidenceRun, NewestRun, Observation, RunState
from sekisho.governance.rules.evidence import RunRecord
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Control, Finding
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

CLOCK_TOLERANCE = timedelta(minutes=5)


def run_control(*, actor: Actor, control: Control) -> EvidenceRun:
    """Run a control now and store the run, however it ends. Raises Forbidden.

    A check that raises is a crashed run with its trace, one that speaks of nobody is an empty one: neither proves
    anything, and both hide the passes of earlier runs. No transaction is open while the check looks at the world.
    """
    actor.require(GovernanceAction.RUN_CONTROL)
    started = clock.now()
    findings: list[Finding] = []
    trace = ""
    try:
        findings = list(control.check())
        state = RunState.FINISHED if findings else RunState.EMPTY
    except Exception:  # noqa: BLE001  # whatever a check does, it becomes a crashed run, never a pass
        findings, state, trace = [], RunState.CRASHED, traceback.format_exc()
    record = RunRecord(control.id, control.parameters, started, clock.now(), state.value, trace, tuple(findings))
    return store_run(actor=actor, record=record)


@transaction.atomic
def store_run(*, actor: Actor, record: RunRecord, digest: str | None = None) -> EvidenceRun:
    """Store a run with its findings and raw observations. Raises Forbidden, EvidenceMismatch.

    ``digest`` is the hash that the run came with, when it was made elsewhere.
    """
    actor.require(GovernanceAction.RUN_CONTROL)
    found = hashlib.sha256(record.canonical()).hexdigest()
    if digest is not None and digest != found:
        raise EvidenceMismatch(said=digest, found=found)
    run = EvidenceRun(
        control=record.control,
        parameters=canonical_json(record.parameters).decode(),
        started_at=record.started_at,
        ended_at=record.ended_at,
        received_at=clock.now(),
        state=record.state,
        trace=record.trace,
        digest=found,
    )
    run.save()
    EvidenceFinding.objects.bulk_create(
        _row(run, place, finding, _keep(finding.raw)) for place, finding in enumerate(record.findings)
    )
    _make_newest(run)
    details: dict[str, Json] = {
        "run": str(run.pk),
        "findings": len(record.findings),
        "state": record.state,
        "digest": found,
    }
    subject = SubjectRef("control", record.control, record.control)
    append(actor=actor, action=GovernanceAction.RUN_CONTROL, subject=subject, details=details)
    return run


def _make_newest(run: EvidenceRun) -> None:
    """Let the run count, unless one that ended later is known already: evidence may be carried here late.

    A run dated in the future was made by a clock that ran ahead: it gives way to any other, and takes no place.
    """
    latest = run.received_at + CLOCK_TOLERANCE
    if run.ended_at > latest:
        return
    NewestRun.objects.bulk_create([NewestRun(control=run.control, run=run)], ignore_conflicts=True)
    head = NewestRun.objects.select_for_update().select_related("run").get(control=run.control)
    places = [(one.ended_at, one.received_at, one.pk) for one in (head.run, run)]
    if head.run.ended_at > latest or places[0] < places[1]:
        head.run = run
        head.save()


def _keep(raw: bytes | None) -> Observation | None:
    """Store raw bytes under their own hash; the same bytes are stored once."""
    if raw is None:
        return None
    sha256 = hashlib.sha256(raw).hexdigest()
    rows: Sequence[Observation] = [Observation(sha256=sha256, data=raw, received_at=clock.now())]
    Observation.objects.bulk_create(rows, ignore_conflicts=True)
    return rows[0]


def _row(run: EvidenceRun, place: int, finding: Finding, observation: Observation | None) -> EvidenceFinding:
    return EvidenceFinding(
        run=run,
        place=place,
        subject_kind=finding.subject.kind.value,
        subject_id=finding.subject.id,
        subject_label=finding.subject.label[:300],
        outcome=finding.outcome.value,
        message=canonical_json({"msgid": finding.message.msgid, "params": _texts(finding)}).decode(),
        facts=canonical_json(finding.facts).decode(),
        observed_at=finding.observed_at,
        observation=observation,
    )


def _texts(finding: Finding) -> dict[str, str]:
    return {name: str(value) for name, value in finding.message.params.items()}
