"""API operations about the checks: each with its newest run, and the runs with what they found."""

import json
from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import JsonValue

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.api.router import router
from sekisho.governance.models import EvidenceFinding, RunState
from sekisho.governance.queries.check_rows import control_row, finding_row, run_row
from sekisho.governance.queries.checks import control_state, control_states, counts_of, runs_of
from sekisho.governance.queries.closed_facts import may_see_facts
from sekisho.governance.queries.evidence import digest_of, findings_of, get_run
from sekisho.governance.rules.schedule import Due
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.ui.request import Request

FINDINGS_A_PAGE = 500


class RunRow(Schema):
    """One run of a check. ``counts`` says how many findings it has of each outcome; only a finished run proves."""

    id: UUID
    control: str
    state: RunState
    started_at: datetime
    ended_at: datetime
    received_at: datetime
    digest: str
    counts: dict[Outcome, int]


class CheckRow(Schema):
    """One check with its newest run and the requirements that rest on it; ``every`` and ``timeout`` are seconds.

    ``due_at`` is null before the first run, ``requested_at`` unless somebody asked for a run that is not stored yet.
    """

    id: str
    title: str
    subject_kind: SubjectKind
    severity: Severity
    every: int
    timeout: int
    parameters: dict[str, JsonValue]
    remedy: str
    requirements: list[str]
    newest: RunRow | None
    due: Due
    due_at: datetime | None
    requested_at: datetime | None


class CheckDetail(CheckRow):
    """One check with its latest runs, the newest first."""

    runs: list[RunRow]


class FindingRow(Schema):
    """What a run said about one subject, as it was named then; ``raw`` is the SHA-256 of the bytes that were read.

    ``facts`` is null where ``facts_closed``: the check shows them to others only.
    """

    place: int
    kind: SubjectKind
    id: str
    label: str
    outcome: Outcome
    message: str
    msgid: str
    facts: JsonValue
    facts_closed: bool
    observed_at: datetime
    raw: str | None


class RunDetail(RunRow):
    """One run with one page of its findings, the worst first; ``matches``: its digest computed anew is its own.

    ``trace`` is empty for whoever may not run checks.
    """

    parameters: dict[str, JsonValue]
    trace: str
    matches: bool
    page: int
    pages: int
    findings: list[FindingRow]


@router.get("/checks", response=list[CheckRow], operation_id="governance_checks")
@allow(GovernanceAction.VIEW)
def checks(request: Request) -> list[CheckRow]:
    """List every check with its newest run."""
    return [CheckRow(**control_row(state)) for state in control_states()]


@router.get("/checks/runs/{run_id}", response=RunDetail, operation_id="governance_run")
@allow(GovernanceAction.VIEW)
def check_run(request: Request, run_id: UUID, page: int = 1) -> RunDetail:
    """Show one run with what it found, and whether that is still what was stored."""
    run = get_run(run_id)
    found = findings_of(run.pk, page=page, size=FINDINGS_A_PAGE)
    closed = not may_see_facts(request.actor, run.control)
    return RunDetail(
        **run_row(run, counts_of([run]).get(run.pk, {})),
        parameters=json.loads(run.parameters),
        trace=run.trace if request.actor.may(GovernanceAction.RUN_CONTROL) else "",
        matches=digest_of(run) == run.digest,
        page=found.number,
        pages=found.paginator.num_pages,
        findings=[_finding(row, closed=closed) for row in found.object_list],
    )


def _finding(row: EvidenceFinding, *, closed: bool) -> FindingRow:
    shown = finding_row(row)
    return FindingRow(**shown | {"facts": None if closed else shown["facts"]}, facts_closed=closed)


@router.get("/checks/{control_id}", response=CheckDetail, operation_id="governance_check")
@allow(GovernanceAction.VIEW)
def check(request: Request, control_id: str) -> CheckDetail:
    """Show one check with its latest runs."""
    row = control_row(control_state(control_id))
    runs = list(runs_of(control_id).object_list)
    counts = counts_of(runs)
    return CheckDetail(**row, runs=[RunRow(**run_row(run, counts.get(run.pk, {}))) for run in runs])
