"""API operations of governance."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import JsonValue

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import EvidenceFinding, RunState
from sekisho.governance.queries.check_rows import control_row, finding_row, run_row
from sekisho.governance.queries.checks import control_state, control_states, counts_of, runs_of
from sekisho.governance.queries.closed_facts import may_see_facts
from sekisho.governance.queries.conformance import Conformity, SubjectVerdict, conformity, verdicts_of
from sekisho.governance.queries.editions import mapping
from sekisho.governance.queries.evidence import digest_of, findings_of, get_run
from sekisho.governance.rules.catalogue import Bilingual, Requirement
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.schedule import Due
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Outcome, Severity
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.ui.request import Request

router = Router(tags=["governance"])


class Words(Schema):
    """One text in both languages."""

    ja: str
    en: str


class RequirementRow(Schema):
    """One requirement with its verdict: ``n`` of ``N`` conform; ``counts`` says how many stand in each verdict.

    For a parent these are its children, for any other its subjects. ``reassess`` counts the claims to be judged again.
    """

    id: str
    printed: str
    parent: str | None
    title: Words
    verdict: Verdict
    n: int
    N: int
    counts: dict[Verdict, int]
    reassess: int


class Requirements(Schema):
    """The requirements of an edition in printed order; ``judged_at`` is null before the first judgement."""

    edition: str
    judged_at: datetime | None
    requirements: list[RequirementRow]


class ProofRow(Schema):
    """What one proof says about one subject. ``ref`` is the id of a run or an application, empty for none.

    ``n`` of ``N`` is the coverage of a ledger, ``own`` tells that the applicant approved the claim.
    """

    kind: ProofKind
    id: str
    what: Words | None
    planned: bool
    state: str
    ref: str
    until: datetime | None
    n: int | None
    N: int | None
    reassess: bool
    own: bool


class SubjectRow(Schema):
    """The verdict of a requirement for one subject. ``reason`` says why it does not apply, in the words there are."""

    kind: SubjectKind
    id: str
    label: str
    verdict: Verdict
    reason: Words | str | None
    reassess: bool
    since: datetime
    proofs: list[ProofRow]


class RequirementDetail(RequirementRow):
    """One requirement with its texts and its subjects; a parent has ``children`` instead of subjects."""

    edition: str
    explanation: Words
    judged_per: SubjectKind | None
    judged_at: datetime | None
    children: list[str]
    subjects: list[SubjectRow]


def _reason(stored: Any) -> Words | str | None:
    if not stored:
        return None
    return str(stored["said"]) if "said" in stored else Words(**stored)


@router.get("/requirements", response=Requirements, operation_id="governance_requirements")
@allow(GovernanceAction.VIEW)
def requirements(request: Request) -> Requirements:
    """List every requirement of the present edition with its verdict."""
    state = conformity()
    rows = [RequirementRow(**_row(state, row.id)) for row in state.edition.rows]
    return Requirements(edition=state.edition.head.id, judged_at=state.judged_at, requirements=rows)


@router.get("/requirements/{requirement_id}", response=RequirementDetail, operation_id="governance_requirement")
@allow(GovernanceAction.VIEW)
def requirement(request: Request, requirement_id: str) -> RequirementDetail:
    """Show one requirement with its subjects and what each proof says."""
    state = conformity()
    row = state.edition.by_id.get(requirement_id)
    if row is None:
        raise NotFound
    leaf = row if isinstance(row, Requirement) else None
    return RequirementDetail(
        **_row(state, row.id),
        edition=state.edition.head.id,
        explanation=_words(row.explanation),
        judged_per=leaf.judged_per if leaf else None,
        judged_at=state.judged_at,
        children=[child.id for child in state.edition.children(row.id)],
        subjects=_subjects(state.edition.head.id, leaf) if leaf else [],
    )


def _row(state: Conformity, name: str) -> dict[str, Any]:
    row, summary = state.edition.by_id[name], state.summaries[name]
    return {
        "id": row.id,
        "printed": row.printed,
        "parent": row.parent,
        "title": _words(row.title),
        "verdict": summary.verdict,
        "n": summary.conforming,
        "N": summary.total,
        "counts": dict(summary.counts),
        "reassess": state.reassess.get(name, 0),
    }


def _words(text: Bilingual) -> Words:
    return Words(ja=text.ja, en=text.en)


def _subjects(edition_id: str, leaf: Requirement) -> list[SubjectRow]:
    what = {(proof.kind.value, proof.id): _words(proof.what) for proof in mapping(edition_id).leaves[leaf.id].proofs}
    return [_subject(found, what) for found in verdicts_of(edition_id, leaf.id)]


def _subject(found: SubjectVerdict, what: Mapping[tuple[str, str], Words]) -> SubjectRow:
    proofs = [ProofRow(**proof, what=what.get((proof["kind"], proof["id"]))) for proof in found.proofs]
    return SubjectRow(
        kind=SubjectKind(found.subject_kind),
        id=found.subject_id,
        label=found.subject_label,
        verdict=found.verdict,
        reason=_reason(found.reason),
        reassess=found.reassess,
        since=found.since,
        proofs=proofs,
    )


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
