"""Checks that the tests of the pages, the API and the commands look at: declared for one test, with what they found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.governance.models import EvidenceRun
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.services.evidence import store_run
from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from tests.governance.working import WORKER

PASS, FAIL, UNKNOWN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR
REMARK = {
    "code": "TLS12",
    "level": "ng",
    "message": {"msgid": "At least %(asked)s is needed.", "params": {"asked": "1.3"}},
    "observed": ["TLSv1.2", "TLSv1.3"],
    "expected": "1.3",
    "source": "IPA TLS 3.1 §3",
    "certainty": "primary",
}


def control(name: str, *, title: str = "", every: timedelta = timedelta(hours=6), **parameters: Any) -> Control:
    """Return a control that speaks of nobody."""
    return Control(
        id=name,
        title=Text(title or name),
        subject_kind=SubjectKind.SYSTEM,
        check=lambda: iter(()),
        every=every,
        severity=Severity.HIGH,
        remedy=Text("Ask the vendor."),
        parameters=parameters,
    )


@pytest.fixture
def only() -> Iterator[Callable[..., None]]:
    """Return a function that makes some controls the only ones."""
    before = registry.current()
    yield lambda *controls: registry.install(replace(before, controls=controls))
    registry.install(before)


def found(
    name: str, outcome: Outcome, message: str = "seen", *, raw: bytes | None = b"raw", facts: Any = None
) -> Finding:
    """Return a finding of now about a system."""
    subject = Subject(SubjectKind.SYSTEM, f"id-{name}", name)
    return Finding(subject, outcome, Text(message), clock.now(), facts or {}, raw)


def ran(
    control_id: str,
    *findings: Finding,
    state: str = "finished",
    trace: str = "",
    at: datetime | None = None,
    parameters: Any = None,
) -> EvidenceRun:
    """Store a run of ``control_id``."""
    moment = at or clock.now()
    record = RunRecord(control_id, parameters or {}, moment, moment, state, trace, tuple(findings))
    return store_run(actor=WORKER, record=record)


def many(number: int, outcome: Outcome = PASS) -> Sequence[Finding]:
    """Return findings about many systems."""
    return [found(f"端末{place:04}", outcome) for place in range(number)]
