"""The control of the approvals: nothing waits too long, and what an emergency forced was approved afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.ledgers.controls.approvals_in_time import control
from sekisho.ledgers.rules import Step
from sekisho.ledgers.rules.applications import State
from sekisho.ledgers.rules.in_time import LONGEST_WAIT, REMEMBERED, Course, Late, lateness
from tests.ledgers.routing import apply_to_take_out, declare
from tests.ledgers.working import apply_for, take

DAY = timedelta(days=1)
NOW = clock.now()


@pytest.fixture
def facility(monkeypatch: pytest.MonkeyPatch) -> None:
    """A facility to speak of."""

    class Here:
        def kinds(self) -> frozenset[SubjectKind]:
            return frozenset({SubjectKind.FACILITY})

        def subjects(self, kind: SubjectKind) -> list[Subject]:
            return [Subject(kind, "f", "青空医院")]

    offers = registry.Registry.offers

    def offered(known: registry.Registry, port: Any) -> Any:
        return (Here(),) if port is SubjectProvider else offers(known, port)

    monkeypatch.setattr(registry.Registry, "offers", offered)


def found() -> Finding:
    (finding,) = control.check()
    return finding


@pytest.mark.django_db
@pytest.mark.usefixtures("facility")
@pytest.mark.failing_fixture("ledgers.approvals_in_time")
def test_what_waits_too_long_or_was_never_approved_fails(
    applicant: Actor, approver: Actor, at_nine: clock.FixedClock
) -> None:
    """Also when it is withdrawn after the deadline; another application that is approved makes it good."""
    assert found().outcome is Outcome.UNKNOWN, "nobody applied for anything"
    plain = apply_for(applicant, "ノートPCの購入")
    at_nine.moment += LONGEST_WAIT
    assert found().outcome is Outcome.PASS
    at_nine.moment += DAY
    late = found()
    assert (late.outcome, late.facts["waiting"], late.facts["late"]) == (Outcome.FAIL, ["ノートPCの購入"], 1)
    take(Step.SEND_BACK, approver, plain)
    assert found().outcome is Outcome.PASS, "it waits for the applicant, who is told"
    declare(route=())
    done = apply_to_take_out(applicant, title="先に持出し", done_reason="停電のため先に持ち出した")
    at_nine.moment += 4 * DAY
    assert found().facts["overdue"] == ["先に持出し"]
    take(Step.WITHDRAW, applicant, done)
    assert (found().outcome, found().facts["never"]) == (Outcome.FAIL, ["先に持出し"])
    take(Step.APPROVE, approver, apply_to_take_out(applicant, title="改めて申請"))
    assert found().outcome is Outcome.PASS


@given(
    st.sampled_from(State),
    st.timedeltas(-DAY, 60 * DAY),
    st.none() | st.timedeltas(-900 * DAY, 900 * DAY),
    st.booleans(),
)
def test_time_alone_never_makes_an_open_application_better(
    state: State, waited: timedelta, over: timedelta | None, approved_since: bool
) -> None:
    course = Course(state, NOW - waited, None if over is None else NOW - over, approved_since)
    now, later = lateness(course, NOW), lateness(course, NOW + 30 * DAY)
    if state in {State.SUBMITTED, State.SENT_BACK} and waited >= timedelta(0) and now is not None:
        assert later is not None
    if state in {State.APPROVED, State.REVOKED}:
        assert now is None
    if now is Late.NEVER:
        assert lateness(course, NOW + REMEMBERED + DAY) is None
