"""Running controls and keeping what they found: append-only, hashed, and never better than what was seen."""

import hashlib
import traceback
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import EvidenceMismatch, ObservationDamaged, RunUnstorable
from sekisho.governance.models import EvidenceFinding, EvidenceRun, NewestRun, Observation, RunState
from sekisho.governance.queries.evidence import observed_bytes
from sekisho.governance.rules.evidence import RunRecord, faults, printable
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Control, Finding
from sekisho.kernel.errors import NotFound
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
    try:
        findings = tuple(control.check())
        state = RunState.FINISHED if findings else RunState.EMPTY
        record = RunRecord(control.id, control.parameters, started, clock.now(), state.value, "", findings)
        require_storable(record)
    except Exception:  # noqa: BLE001  # whatever a check does, it becomes a crashed run, never a pass
        trace, state = printable(traceback.format_exc()), RunState.CRASHED
        record = RunRecord(control.id, control.parameters, started, clock.now(), state.value, trace, ())
    return store_run(actor=actor, record=record)


def require_storable(record: RunRecord) -> bytes:
    """Return the canonical form of a run that the tables can hold. Raises RunUnstorable, NotCanonical."""
    for reason in faults(record, RunState.values):
        raise RunUnstorable(what=reason)
    return record.canonical()


@transaction.atomic
def store_run(*, actor: Actor, record: RunRecord, digest: str | None = None) -> EvidenceRun:
    """Store a run with its findings and raw observations. Raises Forbidden, RunUnstorable, EvidenceMismatch.

    ``digest`` is the hash that the run came with, when it was made elsewhere.
    """
    actor.require(GovernanceAction.RUN_CONTROL)
    found = hashlib.sha256(require_storable(record)).hexdigest()
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

    Of two that ended in the same microsecond the one received later counts; the lock decides which that is. A run
    dated in the future was made by a clock that ran ahead: it gives way to any other, and takes no place.
    """
    latest = run.received_at + CLOCK_TOLERANCE
    if run.ended_at > latest:
        return
    NewestRun.objects.bulk_create([NewestRun(control=run.control, run=run)], ignore_conflicts=True)
    head = NewestRun.objects.select_for_update().select_related("run").get(control=run.control)
    if head.run.ended_at > latest or head.run.ended_at <= run.ended_at:
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


@transaction.atomic
def read_raw(*, actor: Actor, run_id: UUID, place: int) -> bytes:
    """Hand out what a check read, as it was read. Raises Forbidden, NotFound, ObservationDamaged.

    A configuration may hold secrets, so the register keeps who took it.
    """
    actor.require(GovernanceAction.READ_RAW)
    rows = EvidenceFinding.objects.select_related("run", "observation").defer("run__trace")
    found = rows.filter(run_id=run_id, place=place).first()
    if found is None or found.observation is None:
        raise NotFound
    data = observed_bytes(found.observation)
    if hashlib.sha256(data).hexdigest() != found.observation.sha256:
        raise ObservationDamaged
    details: dict[str, Json] = {"run": str(run_id), "place": place, "sha256": found.observation.sha256}
    subject = SubjectRef("control", found.run.control, found.run.control)
    append(actor=actor, action=GovernanceAction.READ_RAW, subject=subject, details=details)
    return data


def _row(run: EvidenceRun, place: int, finding: Finding, observation: Observation | None) -> EvidenceFinding:
    return EvidenceFinding(
        run=run,
        place=place,
        subject_kind=finding.subject.kind.value,
        subject_id=finding.subject.id,
        subject_label=finding.subject.label,
        outcome=finding.outcome.value,
        message=canonical_json({"msgid": finding.message.msgid, "params": _texts(finding)}).decode(),
        facts=canonical_json(finding.facts).decode(),
        observed_at=finding.observed_at,
        observation=observation,
    )


def _texts(finding: Finding) -> dict[str, str]:
    return {name: str(value) for name, value in finding.message.params.items()}
