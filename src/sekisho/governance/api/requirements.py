"""API operations about the requirements: their verdicts, subjects, proofs, and what people do about them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Query, Schema

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.api.router import router
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import mapping
from sekisho.governance.queries.exceptions import ExceptionEntry
from sekisho.governance.queries.listing import Listing, listing, with_myself
from sekisho.governance.queries.work import Work
from sekisho.governance.rules.catalogue import Bilingual, Requirement
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.rules.filtering import read_filter
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.ui.request import Request


class Words(Schema):
    """One text in both languages."""

    ja: str
    en: str


class ExceptedRow(Schema):
    """What an exception is about, by the name it had when it was applied for."""

    kind: SubjectKind
    id: str
    label: str


class ExceptionRow(Schema):
    """One approved exception. It holds through ``valid_until`` and stands beside the verdict, which it never turns.

    ``ref`` is the id of its application; ``own`` tells that the applicant approved it.
    """

    ref: UUID
    requirements: list[str]
    subjects: list[ExceptedRow]
    reason: str
    substitute: str
    valid_until: date
    approved_by: str
    approved_at: datetime
    own: bool
    state: ExceptionState


class WorkRow(Schema):
    """Who looks after a requirement and by when; ``version`` is what a change must name."""

    assignee: str | None
    assignee_name: str
    assigned_by: str
    assigned_at: datetime | None
    due_on: date | None
    due_set_by: str
    due_set_at: datetime | None
    version: int


class RequirementRow(Schema):
    """One requirement with its verdict: ``n`` of ``N`` conform; ``counts`` says how many stand in each verdict.

    For a parent these are its children, for any other its subjects. ``reassess`` counts the claims to be judged again.
    ``exceptions`` holds those that ended too; ``work`` is null where nobody settled anything.
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
    exceptions: list[ExceptionRow]
    work: WorkRow | None


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


class Conditions(Schema):
    """What the list is narrowed by, as in the address of the page; several verdicts are joined by commas."""

    group: str = ""
    verdict: str = ""
    person: str = ""
    due: str = ""
    reassess: str = ""
    excepted: str = ""
    q: str = ""


@router.get("/requirements", response=Requirements, operation_id="governance_requirements")
@allow(GovernanceAction.VIEW)
def requirements(request: Request, conditions: Query[Conditions]) -> Requirements:
    """List the requirements of the present edition with their verdicts, all or those that conditions leave."""
    found = listing()
    wanted = with_myself(read_filter(conditions.dict().items()), request.actor)
    rows = [RequirementRow(**_row(found, row.id)) for row in found.shown(wanted)]
    return Requirements(edition=found.state.edition.head.id, judged_at=found.state.judged_at, requirements=rows)


@router.get("/requirements/{requirement_id}", response=RequirementDetail, operation_id="governance_requirement")
@allow(GovernanceAction.VIEW)
def requirement(request: Request, requirement_id: str) -> RequirementDetail:
    """Show one requirement with its subjects and what each proof says."""
    found = listing()
    state = found.state
    row = state.edition.by_id.get(requirement_id)
    if row is None:
        raise NotFound
    leaf = row if isinstance(row, Requirement) else None
    return RequirementDetail(
        **_row(found, row.id),
        edition=state.edition.head.id,
        explanation=_words(row.explanation),
        judged_per=leaf.judged_per if leaf else None,
        judged_at=state.judged_at,
        children=[child.id for child in state.edition.children(row.id)],
        subjects=_subjects(state.edition.head.id, leaf) if leaf else [],
    )


def _row(found: Listing, name: str) -> dict[str, Any]:
    row, summary = found.state.edition.by_id[name], found.state.summaries[name]
    work = found.work.get(name)
    return {
        "id": row.id,
        "printed": row.printed,
        "parent": row.parent,
        "title": _words(row.title),
        "verdict": summary.verdict,
        "n": summary.conforming,
        "N": summary.total,
        "counts": dict(summary.counts),
        "reassess": found.state.reassess.get(name, 0),
        "exceptions": [exception_row(entry) for entry in found.exceptions.get(name, ())],
        "work": work_row(work) if work else None,
    }


def exception_row(entry: ExceptionEntry) -> ExceptionRow:
    """Return an exception as the API shows it."""
    return ExceptionRow(
        ref=UUID(entry.ref),
        requirements=list(entry.requirements),
        subjects=[ExceptedRow(kind=one.kind, id=one.id, label=one.label) for one in entry.subjects],
        reason=entry.reason,
        substitute=entry.substitute,
        valid_until=entry.valid_until,
        approved_by=entry.approved_by,
        approved_at=entry.approved_at,
        own=entry.own,
        state=entry.state,
    )


def work_row(work: Work) -> WorkRow:
    """Return who looks after a requirement as the API shows it."""
    return WorkRow(
        assignee=work.assignee_id or None,
        assignee_name=work.assignee_name,
        assigned_by=work.assigned_by,
        assigned_at=work.assigned_at,
        due_on=work.due_on,
        due_set_by=work.due_set_by,
        due_set_at=work.due_set_at,
        version=work.version,
    )


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
