"""Reading evidence: what is known now, for the judgement."""

import json

from sekisho.governance.models import EvidenceFinding, EvidenceRun, RunState
from sekisho.governance.rules.assessment import Facts, ObservedFinding
from sekisho.kernel.declarations import Outcome


def newest_runs() -> dict[str, EvidenceRun]:
    """Return the newest run of each control; what an older one found counts no more."""
    newest: dict[str, EvidenceRun] = {}
    for run in EvidenceRun.objects.order_by("ended_at", "received_at", "id"):
        newest[run.control] = run
    return newest


def current_facts() -> Facts:
    """Return what the newest runs say, for the judgement of an edition."""
    runs = newest_runs()
    finished = {run.pk: run for run in runs.values() if run.state == RunState.FINISHED}
    rows = EvidenceFinding.objects.filter(run__in=list(finished)).order_by("run", "place")
    findings: dict[tuple[str, str], ObservedFinding] = {}
    for row in rows:
        run = finished[row.run_id]
        found = ObservedFinding(Outcome(row.outcome), row.observed_at, json.loads(run.parameters))
        key = (run.control, row.subject_id)
        findings[key] = _worse(findings[key], found) if key in findings else found
    return Facts(
        findings=findings,
        ran=frozenset(run.control for run in finished.values()),
        broken=frozenset(run.control for run in runs.values() if run.state != RunState.FINISHED),
    )


_BADNESS = (Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.UNKNOWN, Outcome.ERROR, Outcome.FAIL)


def _worse(one: ObservedFinding, other: ObservedFinding) -> ObservedFinding:
    """Of two findings of one run about one subject the worse counts; of two alike, the older."""
    rank = _BADNESS.index(one.outcome), _BADNESS.index(other.outcome)
    if rank[0] != rank[1]:
        return one if rank[0] > rank[1] else other
    return min(one, other, key=lambda finding: finding.observed_at)
