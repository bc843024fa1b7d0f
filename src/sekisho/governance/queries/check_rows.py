"""Checks, their runs and findings as plain rows: what the API answers and the commands print, in one place."""

import json
from collections.abc import Mapping
from typing import Any

from sekisho.governance.models import EvidenceFinding, EvidenceRun
from sekisho.governance.queries.checks import ControlState, Counts
from sekisho.governance.queries.editions import CURRENT, mapping
from sekisho.governance.rules.evidence import said
from sekisho.governance.rules.mapping import ProofKind

Row = dict[str, Any]


def control_row(state: ControlState) -> Row:
    """Return a check with its newest run; ``every`` and ``timeout`` are seconds."""
    control = state.control
    return {
        "id": control.id,
        "title": str(control.title),
        "subject_kind": control.subject_kind.value,
        "severity": control.severity.value,
        "every": int(control.every.total_seconds()),
        "timeout": int(control.timeout.total_seconds()),
        "parameters": dict(control.parameters),
        "remedy": str(control.remedy),
        "requirements": requirements_of(control.id),
        "newest": run_row(state.newest, state.counts) if state.newest else None,
        "due": state.due.value,
        "due_at": state.due_at,
        "requested_at": state.requested_at,
    }


def requirements_of(control_id: str) -> list[str]:
    """Return the requirements of the present edition that rest on a check."""
    return mapping(CURRENT).leaves_shown_by(ProofKind.CONTROL, control_id)


def run_row(run: EvidenceRun, counts: Counts) -> Row:
    """Return a run; ``counts`` says how many findings it has of each outcome."""
    return {
        "id": str(run.pk),
        "control": run.control,
        "state": run.state,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "received_at": run.received_at,
        "digest": run.digest,
        "counts": {outcome.value: number for outcome, number in counts.items()},
    }


def finding_row(row: EvidenceFinding) -> Row:
    """Return a finding, its message in the reader's language; ``raw`` is the hash of the bytes that were read."""
    message: Mapping[str, Any] = json.loads(row.message)
    return {
        "place": row.place,
        "kind": row.subject_kind,
        "id": row.subject_id,
        "label": row.subject_label,
        "outcome": row.outcome,
        "message": said(message),
        "msgid": message.get("msgid", ""),
        "facts": json.loads(row.facts),
        "observed_at": row.observed_at,
        "raw": row.observation_id,
    }
