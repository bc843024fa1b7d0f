"""Reading evidence: what is known now, for the judgement."""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from sekisho.governance.models import EvidenceFinding, EvidenceRun, NewestRun, RunState
from sekisho.governance.rules.assessment import ObservedFinding
from sekisho.kernel.declarations import Outcome


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
