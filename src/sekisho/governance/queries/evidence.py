"""Reading evidence: what is known now, for the judgement, and what was ever found, for whoever looks into it."""

import hashlib
import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, Value, When

from sekisho.governance.models import EvidenceFinding, EvidenceRun, NewestRun, Observation, RunState
from sekisho.governance.rules.assessment import ObservedFinding
from sekisho.governance.rules.evidence import LONGEST_ID, RunRecord, finding_document, said
from sekisho.kernel.canonical import Json, NotCanonical
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.search import fold, search_words

FINDINGS_A_PAGE = 50
# What a damaged row is answered with: no digest is empty.
UNREADABLE = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the newest runs say; the fields are those of :class:`sekisho.governance.rules.assessment.Facts`."""

    findings: Mapping[tuple[str, str], ObservedFinding] = field(default_factory=dict)
    ran: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def newest_runs(controls: Container[str] | None = None) -> dict[str, EvidenceRun]:
    """Return the newest run of each control, or of ``controls``; what an older one found counts no more."""
    rows = NewestRun.objects.select_related("run").defer("run__trace").order_by("control")
    return {row.control: row.run for row in rows if controls is None or row.control in controls}


def observed(controls: Container[str]) -> Observed:
    """Return what the newest runs of ``controls`` found."""
    wanted = {run.pk: run for run in newest_runs(controls).values()}
    finished = {pk: run for pk, run in wanted.items() if run.state == RunState.FINISHED}
    rows = EvidenceFinding.objects.filter(run__in=list(finished)).order_by("run", "place")
    parameters = {pk: json.loads(run.parameters) for pk, run in finished.items()}
    findings: dict[tuple[str, str], ObservedFinding] = {}
    for row in rows.values_list("run", "subject_id", "outcome", "observed_at"):
        pk, subject_id, outcome, observed_at = row
        found = ObservedFinding(Outcome(outcome), observed_at, parameters[pk], str(pk))
        key = (finished[pk].control, subject_id)
        findings[key] = _worse(findings[key], found) if key in findings else found
    return Observed(
        findings=findings,
        ran={run.control: str(pk) for pk, run in finished.items()},
        broken={run.control: str(pk) for pk, run in wanted.items() if pk not in finished},
    )


_BADNESS = (Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.UNKNOWN, Outcome.ERROR, Outcome.FAIL)


def _worse(one: ObservedFinding, other: ObservedFinding) -> ObservedFinding:
    """Of two findings of one run about one subject the worse counts; of two alike, the older."""
    rank = _BADNESS.index(one.outcome), _BADNESS.index(other.outcome)
    if rank[0] != rank[1]:
        return one if rank[0] > rank[1] else other
    return min(one, other, key=lambda finding: finding.observed_at)


def require_id(text: str) -> None:
    """Refuse what no row can have as its id, before a database chokes on it. Raises NotFound."""
    if "\0" in text or len(text) > LONGEST_ID:
        raise NotFound


def get_run(run_id: UUID) -> EvidenceRun:
    """Return a run. Raises NotFound."""
    found: EvidenceRun | None = EvidenceRun.objects.filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return found


def findings_of(
    run_id: UUID, *, outcome: Outcome | None = None, text: str = "", page: int = 1, size: int = FINDINGS_A_PAGE
) -> "Page[EvidenceFinding]":
    """Return one page of what a run found, the worst first, of one ``outcome`` and with every word of ``text``."""
    rows = EvidenceFinding.objects.filter(run=run_id)
    rows = rows.filter(outcome=outcome.value) if outcome else rows
    if words := search_words(text):
        rows = rows.filter(pk__in=_holding(rows, words))
    rank = Case(*(When(outcome=value.value, then=Value(-place)) for place, value in enumerate(_BADNESS)))
    return Paginator(rows.order_by(rank, "subject_label", "place"), size).get_page(page)


def _holding(rows: "QuerySet[EvidenceFinding]", words: list[str]) -> list[int]:
    """Return the findings with all ``words`` in the subject's name or the message, which is translated to be read."""
    named = rows.values_list("pk", "subject_label", "message")
    keys = ((pk, fold(f"{label} {said(json.loads(message))}")) for pk, label, message in named)
    return [pk for pk, key in keys if all(word in key for word in words)]


def found_about(kind: SubjectKind, subject_id: str, page: int = 1) -> "Page[EvidenceFinding]":
    """Return one page of everything that was ever found about a subject, the newest first.

    A subject that is gone keeps its history: the findings hold its name. Raises NotFound for one never spoken of.
    """
    require_id(subject_id)
    rows = EvidenceFinding.objects.filter(subject_kind=kind.value, subject_id=subject_id)
    wanted = rows.select_related("run").defer("facts", "run__trace", "run__parameters")
    found = Paginator(wanted.order_by("-observed_at", "-id"), FINDINGS_A_PAGE).get_page(page)
    if not found.paginator.count:
        raise NotFound
    return found


def observed_bytes(row: Observation) -> bytes:
    """Return what was read. SQLite gives text back where somebody put text: not what was read, but no error either."""
    data: Any = row.data
    return data.encode() if isinstance(data, str) else bytes(data)


def digest_of(run: EvidenceRun) -> str:
    """Compute the digest of a run anew from what is stored of it; UNREADABLE when that is no longer a run at all."""
    rows = EvidenceFinding.objects.filter(run=run).order_by("place")
    try:
        parameters = json.loads(run.parameters)
        record = RunRecord(run.control, parameters, run.started_at, run.ended_at, run.state, run.trace, ())
        canonical = record.canonical_of([_document(row) for row in rows])
    except (ValueError, NotCanonical):
        return UNREADABLE
    return hashlib.sha256(canonical).hexdigest()


def _document(row: EvidenceFinding) -> Json:
    subject = {"kind": row.subject_kind, "id": row.subject_id, "label": row.subject_label}
    message, facts = json.loads(row.message), json.loads(row.facts)
    return finding_document(subject, row.outcome, message, facts, row.observed_at, row.observation_id)
