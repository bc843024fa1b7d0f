"""What a run of a control is, as bytes that can be hashed, carried to another machine, and compared."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Finding
from sekisho.register.rules import timestamp


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: when, with which parameters, how it ended, and everything it found. Times are aware."""

    control: str
    parameters: Mapping[str, Json]
    started_at: datetime
    ended_at: datetime
    state: str
    trace: str
    findings: tuple[Finding, ...]

    def canonical(self) -> bytes:
        """Return the run as canonical JSON; a raw observation stands in it by its hash."""
        return canonical_json(
            {
                "control": self.control,
                "parameters": dict(self.parameters),
                "started_at": timestamp(self.started_at),
                "ended_at": timestamp(self.ended_at),
                "state": self.state,
                "trace": self.trace,
                "findings": [_document(finding) for finding in self.findings],
            }
        )


def _document(finding: Finding) -> dict[str, Json]:
    subject = finding.subject
    return {
        "subject": {"kind": subject.kind.value, "id": subject.id, "label": subject.label},
        "outcome": finding.outcome.value,
        "message": {
            "msgid": finding.message.msgid,
            "params": {name: str(value) for name, value in finding.message.params.items()},
        },
        "facts": finding.facts,
        "observed_at": timestamp(finding.observed_at),
        "raw": hashlib.sha256(finding.raw).hexdigest() if finding.raw is not None else None,
    }
