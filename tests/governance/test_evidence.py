"""Evidence: written once, hashed from the bytes received, and never better than what was seen."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import override

from sekisho.governance.errors import EvidenceMismatch, RunUnstorable
from sekisho.governance.models import EvidenceFinding, EvidenceRun, Observation, RunState
from sekisho.governance.queries.evidence import Observed, digest_of, observed
from sekisho.governance.rules.assessment import ObservedFinding
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.services.evidence import run_control, store_run
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.register.models import Event
from tests.conftest import actor_with

pytestmark = pytest.mark.django_db
WORKER = platform("worker")
EMR = Subject(SubjectKind.SYSTEM, "emr", "電子カルテ")
RAW = b"HTTP/1.1 200 OK\r\n\r\n"


def finding(outcome: Outcome = Outcome.PASS, subject: Subject = EMR, raw: bytes | None = RAW) -> Finding:
    """Return a finding of now."""
    return Finding(subject, outcome, Text("TLS %(version)s", version="1.3"), clock.now(), {"version": "1.3"}, raw)


def control(check: Callable[[], Iterator[Finding]], **parameters: int) -> Control:
    """Return a control with this check."""
    return Control(
        "network.tls",
        Text("TLS"),
        SubjectKind.SYSTEM,
        check,
        timedelta(days=1),
        Severity.HIGH,
        Text("x"),
        dict(parameters),
    )


def passes() -> Iterator[Finding]:
    """A check that passes."""
    yield finding()


def crashes() -> Iterator[Finding]:
    """A check that passes first and then falls over."""
    yield finding()
    raise OSError("connection reset")


def says_nothing() -> Iterator[Finding]:
    """A check that speaks of nobody."""
    yield from ()


def known() -> Observed:
    """Return what is known of our control."""
    return observed({"network.tls"})


def test_a_run_is_kept_whole_with_its_bytes_and_recorded() -> None:
    """Parameters, facts, message, raw bytes under their own hash, and an event with the digest."""
    run = run_control(actor=WORKER, control=control(passes, minimum=13))
    stored = EvidenceFinding.objects.select_related("observation").get()
    assert (run.state, json.loads(run.parameters)) == (RunState.FINISHED, {"minimum": 13})
    assert stored.observation is not None
    assert bytes(stored.observation.data) == RAW
    assert stored.observation.sha256 == hashlib.sha256(RAW).hexdigest()
    assert json.loads(stored.facts) == {"version": "1.3"}
    assert json.loads(stored.message) == {"msgid": "TLS %(version)s", "params": {"version": "1.3"}}
    details = json.loads(Event.objects.get().entry)["details"]
    assert (details["digest"], details["state"], details["findings"]) == (run.digest, "finished", 1)


def test_a_crash_is_a_crashed_run_with_its_trace_and_no_pass() -> None:
    """What it found before it fell over does not count."""
    run = run_control(actor=WORKER, control=control(crashes))
    assert run.state == RunState.CRASHED
    assert "connection reset" in run.trace
    assert EvidenceFinding.objects.count() == 0
    assert known().broken == {"network.tls": str(run.pk)}


def test_a_run_that_speaks_of_nobody_is_a_fault() -> None:
    """ "Nothing applied" is not a success."""
    run = run_control(actor=WORKER, control=control(says_nothing))
    assert run.state == RunState.EMPTY
    assert known().broken == {"network.tls": str(run.pk)}


def test_only_the_newest_run_counts_and_the_old_one_stays(at_nine: clock.FixedClock) -> None:
    """A crash hides yesterday's pass; replacing evidence keeps the old."""
    run_control(actor=WORKER, control=control(passes))
    assert known().findings[("network.tls", "emr")].outcome is Outcome.PASS
    at_nine.moment += timedelta(hours=1)
    run_control(actor=WORKER, control=control(crashes))
    facts = known()
    assert (facts.findings, facts.ran, set(facts.broken)) == ({}, {}, {"network.tls"})
    at_nine.moment += timedelta(hours=1)
    run = run_control(actor=WORKER, control=control(passes))
    assert known().ran == {"network.tls": str(run.pk)}
    assert EvidenceRun.objects.count() == 3
    late = RunRecord("network.tls", {}, at_nine.moment, at_nine.moment - timedelta(minutes=30), "crashed", "x", ())
    store_run(actor=WORKER, record=late)
    assert known().ran == {"network.tls": str(run.pk)}, "what ended earlier and was carried here late does not count"


def test_of_two_findings_about_one_subject_the_worse_counts(at_nine: clock.FixedClock) -> None:
    """In whatever order they come."""

    def both() -> Iterator[Finding]:
        yield finding(Outcome.FAIL)
        yield finding(Outcome.PASS)

    run = run_control(actor=WORKER, control=control(both))
    found = known().findings[("network.tls", "emr")]
    assert found == ObservedFinding(Outcome.FAIL, at_nine.moment, {}, str(run.pk))


def test_the_same_bytes_are_stored_once() -> None:
    """A thousand checks of an unchanged page do not fill the disk."""
    for _ in range(3):
        run_control(actor=WORKER, control=control(passes))
    assert (Observation.objects.count(), EvidenceFinding.objects.count()) == (1, 3)


@pytest.mark.parametrize("model", [EvidenceRun, EvidenceFinding, Observation])
def test_evidence_is_neither_changed_nor_deleted(model: type[EvidenceRun]) -> None:
    """Not through the models, and not past them: the database refuses."""
    run_control(actor=WORKER, control=control(passes))
    row = model.objects.get()
    for refused in (row.save, row.delete, model.objects.all().delete):
        with pytest.raises(AppendOnlyViolation):
            refused()
    with pytest.raises(AppendOnlyViolation):
        model.objects.update(received_at=clock.now())
    table, column = model._meta.db_table, model._meta.pk.column
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert model.objects.count() == 1


def test_a_run_from_elsewhere_must_match_its_hash() -> None:
    """One changed fact and nothing is stored."""
    moment = clock.now()
    record = RunRecord("network.tls", {}, moment, moment, "finished", "", (finding(),))
    digest = hashlib.sha256(record.canonical()).hexdigest()
    assert store_run(actor=WORKER, record=record, digest=digest).digest == digest
    changed = RunRecord("network.tls", {}, moment, moment, "finished", "", (finding(Outcome.FAIL),))
    with pytest.raises(EvidenceMismatch):
        store_run(actor=WORKER, record=changed, digest=digest)
    assert EvidenceRun.objects.count() == 1


def test_of_two_runs_that_ended_in_one_moment_the_later_one_counts(at_nine: clock.FixedClock) -> None:
    """Not the one whose random id is greater: the clock stands still here, so only the order can decide."""
    for _ in range(10):
        run_control(actor=WORKER, control=control(crashes))
        run = run_control(actor=WORKER, control=control(passes))
        assert known().ran == {"network.tls": str(run.pk)}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"control": "x" * 65}, "longer than 64"),
        ({"control": ""}, "missing"),
        ({"control": "a\0b"}, "cannot be stored"),
        ({"state": "unheard of"}, "unheard of"),
        ({"state": "crashed"}, "only a finished run"),
        ({"trace": "a\0b"}, "cannot be stored"),
        ({"findings": (finding(subject=replace(EMR, id="x" * 65)),)}, "longer than 64"),
        ({"findings": (finding(subject=replace(EMR, id="")),)}, "missing"),
        ({"findings": (finding(subject=replace(EMR, label="x" * 301)),)}, "longer than 300"),
        ({"findings": (finding(subject=replace(EMR, label="x\0")),)}, "cannot be stored"),
    ],
)
def test_what_the_tables_cannot_hold_is_refused_before_anything_is_written(changed: dict[str, Any], what: str) -> None:
    """Cut off, it would no longer be what was found, and its digest would never match again."""
    moment = clock.now()
    record = replace(RunRecord("network.tls", {}, moment, moment, "finished", "", (finding(),)), **changed)
    with pytest.raises(RunUnstorable) as refused:
        store_run(actor=WORKER, record=record)
    with override("en"):
        assert what in str(refused.value)
    assert (EvidenceRun.objects.count(), Observation.objects.count(), Event.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("fits", [{"id": "x" * 64}, {"label": "字" * 300}, {"label": ""}])
def test_the_longest_that_fits_is_stored_whole(fits: dict[str, str]) -> None:
    """And its digest matches what is stored."""
    run = run_control(actor=WORKER, control=control(lambda: iter([finding(subject=replace(EMR, **fits))])))
    assert run.state == RunState.FINISHED
    assert digest_of(EvidenceRun.objects.get()) == run.digest


@pytest.mark.parametrize(
    "bad",
    [replace(EMR, label="x" * 301), replace(EMR, id="x\0")],
    ids=["too long", "NUL"],
)
def test_a_check_that_says_what_cannot_be_stored_has_crashed(bad: Subject) -> None:
    """Its run is there with the reason, and it is no pass."""
    run = run_control(actor=WORKER, control=control(lambda: iter([finding(subject=bad)])))
    assert run.state == RunState.CRASHED
    assert "governance.run_unstorable" in run.trace or "RunUnstorable" in run.trace


@pytest.mark.parametrize("facts", [{"x": float("nan")}, {"x": 2**60}, {"x": "\ud800"}, {"x": object()}])
def test_facts_that_are_no_json_are_a_crash_too(facts: dict[str, Any]) -> None:
    """Whatever a check hands over, its run is stored."""
    run = run_control(actor=WORKER, control=control(lambda: iter([replace(finding(), facts=facts)])))
    assert run.state == RunState.CRASHED


def test_a_crash_with_strange_words_keeps_its_trace() -> None:
    """NUL and lone surrogates, as file names and banners bring them, are written out."""

    def strange() -> Iterator[Finding]:
        yield finding()
        raise OSError("banner \0 \udcff 関所")

    run = run_control(actor=WORKER, control=control(strange))
    assert run.state == RunState.CRASHED
    assert "banner \\x00 \\udcff 関所" in EvidenceRun.objects.get().trace


def test_the_digest_is_computed_anew_from_what_is_stored() -> None:
    """Floats, nothing, nested facts, values in messages, and raw bytes by their hash."""
    facts: dict[str, Json] = {"a": 1.5, "b": None, "c": [True, {"d": "関所\0"}], "e": -0.0}
    said = replace(finding(), facts=facts, message=Text("%(n)s of %(what)s", n=3, what=Text("inner")))
    run = run_control(actor=WORKER, control=control(lambda: iter([said, finding(raw=None)]), minimum=13))
    assert digest_of(EvidenceRun.objects.get()) == run.digest


def test_a_removed_subject_keeps_its_history() -> None:
    """The finding holds the name; no row of the estate is needed."""
    run_control(
        actor=WORKER, control=control(lambda: iter([finding(subject=Subject(SubjectKind.SYSTEM, "gone", "旧PACS"))]))
    )
    assert EvidenceFinding.objects.get(subject_id="gone").subject_label == "旧PACS"


def test_who_may_run_controls(operator: Actor) -> None:
    """The operator and the platform; an auditor reads."""
    with pytest.raises(Forbidden):
        run_control(actor=actor_with(Role.AUDITOR), control=control(passes))
    run_control(actor=operator, control=control(passes))
