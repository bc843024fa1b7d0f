"""Exceptions: applied for, approved, ended, and beside the verdict, which they never turn."""

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sekisho.governance
from sekisho.estate import ledgers as estate_ledgers
from sekisho.estate.services import close_entry
from sekisho.governance.errors import GroundsMissing, NotShownThisWay, SubjectUnknown, ValidityWrong
from sekisho.governance.models import StoredVerdict
from sekisho.governance.queries.conformance import verdicts_of
from sekisho.governance.queries.exceptions import exceptions, exceptions_by_requirement
from sekisho.governance.queries.world import World
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.exceptions import LONGEST_EXCEPTION, ExceptionState
from sekisho.governance.services.exceptions import ExceptionDraft, amend_exception, open_exception
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.errors import NotYourPart
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import approve, revoke, send_back
from tests.conftest import actor_with, examples
from tests.governance.conftest import NEW, OLD
from tests.governance.working import OPERATOR, PLANNER, WORKER, approved, draft, run, system, today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gate_editions")]
ITEM = "SO-1-1"


def wanted(*subjects: str, days: int = 90, **changed: Any) -> ExceptionDraft:
    """Return an exception with all it needs."""
    values: dict[str, Any] = {
        "requirement": ITEM,
        "subjects": subjects,
        "reason": "次の更改まで製品が対応しない",
        "substitute": "端末を二要素にする",
        "valid_until": today() + timedelta(days=days),
        "edition_id": OLD,
    }
    return ExceptionDraft(**{**values, **changed})


def excepted(*subjects: str, days: int = 90, **changed: Any) -> UUID:
    """Apply as the operator and approve as the planning manager."""
    application = open_exception(actor=OPERATOR, draft=wanted(*subjects, days=days, **changed))
    approve(actor=PLANNER, application_id=application, version=1)
    return application


def judged() -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return every verdict after judging, with all that it rests on."""
    update_verdicts(actor=WORKER, edition_id=OLD, whole=True)
    rows = StoredVerdict.objects.filter(edition=OLD)
    return {
        (row.requirement, row.subject_id): (row.verdict, row.reason, row.proofs, row.reassess, row.look_again_at)
        for row in rows
    }


def test_an_approved_exception_has_every_column() -> None:
    emr = str(system("電子カルテ").pk)
    application = open_exception(actor=OPERATOR, draft=wanted(emr))
    assert exceptions(OLD) == [], "asked for is not approved"
    approve(actor=PLANNER, application_id=application, version=1)
    (found,) = exceptions(OLD)
    assert (found.ref, found.requirements, found.reason, found.substitute) == (
        str(application), (ITEM,), "次の更改まで製品が対応しない", "端末を二要素にする",
    )  # fmt: skip
    assert [(subject.kind.value, subject.id, subject.label) for subject in found.subjects] == [
        ("system", emr, "電子カルテ")
    ]
    assert (found.valid_until, found.approved_by, found.own) == (today() + timedelta(days=90), PLANNER.name, False)
    assert found.state is ExceptionState.IN_FORCE
    assert found.speaks_of(emr)
    assert exceptions(NEW) == [], "another edition has its own"
    assert list(exceptions_by_requirement(OLD)) == [ITEM]


def test_an_exception_ends_by_its_day(at_nine: clock.FixedClock) -> None:
    excepted(str(system("電子カルテ").pk), days=60)
    states = []
    for days in (0, 30, 30, 1):
        at_nine.moment += timedelta(days=days)
        (found,) = exceptions(OLD)
        states.append((found.state, found.is_in_force))
    assert states == [
        (ExceptionState.IN_FORCE, True),
        (ExceptionState.ENDING, True),
        (ExceptionState.ENDING, True),
        (ExceptionState.ENDED, False),
    ]


def test_a_revoked_exception_is_none() -> None:
    application = excepted(str(system("電子カルテ").pk))
    revoke(actor=PLANNER, application_id=application, version=2, comment="代替策をやめた")
    assert exceptions(OLD) == []


@pytest.mark.parametrize(
    ("changed", "error", "field"),
    [
        ({"reason": " "}, GroundsMissing, "reason"),
        ({"substitute": "。"}, GroundsMissing, "substitute"),
        ({"subjects": ()}, GroundsMissing, "subjects"),
        ({"subjects": ("nobody",)}, SubjectUnknown, "subjects"),
        ({"days": 0}, ValidityWrong, "valid_until"),
        ({"days": LONGEST_EXCEPTION.days + 1}, ValidityWrong, "valid_until"),
        ({"requirement": "SO-2-1"}, NotFound, None),
        ({"requirement": "SO-99-1"}, NotFound, None),
    ],
)
def test_without_grounds_there_is_no_exception(changed: dict[str, Any], error: type[Exception], field: str) -> None:
    days = changed.pop("days", 90)
    subjects = changed.pop("subjects", (str(system("電子カルテ").pk),))
    with pytest.raises(error) as refused:
        open_exception(actor=OPERATOR, draft=wanted(*subjects, days=days, **changed))
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert not Application.objects.exists()


def test_an_operator_does_not_approve() -> None:
    application = open_exception(actor=OPERATOR, draft=wanted(str(system("電子カルテ").pk)))
    other = actor_with(Role.SYSTEM_OPERATOR, actor_id="00000000-0000-7000-8000-000000000077")
    with pytest.raises(NotYourPart):
        approve(actor=other, application_id=application, version=1)


def test_what_was_sent_back_is_mended_about_the_same_item() -> None:
    emr, pacs = str(system("電子カルテ").pk), str(system("PACS").pk)
    application = open_exception(actor=OPERATOR, draft=wanted(emr))
    send_back(actor=PLANNER, application_id=application, version=1, comment="代替策が弱い")

    def mend(draft_: ExceptionDraft) -> None:
        amend_exception(actor=OPERATOR, application_id=application, version=2, draft=draft_)

    for other in (wanted(emr, requirement="SO-1-2"), wanted(emr, edition_id=NEW)):
        with pytest.raises(NotShownThisWay):
            mend(other)
    mend(wanted(emr, pacs, substitute="窓口を閉じる"))
    approve(actor=PLANNER, application_id=application, version=3)
    (found,) = exceptions(OLD)
    assert found.substitute == "窓口を閉じる"
    assert len(found.subjects) == 2


def test_an_exception_that_comes_too_late_is_not_approved(at_nine: clock.FixedClock) -> None:
    emr, pacs = system("電子カルテ"), system("PACS")
    late = open_exception(actor=OPERATOR, draft=wanted(str(emr.pk), days=2))
    gone = open_exception(actor=OPERATOR, draft=wanted(str(pacs.pk)))
    close_entry(actor=OPERATOR, ledger=estate_ledgers.SYSTEMS, entry_id=pacs.pk, version=1, reason="廃止")
    at_nine.moment += timedelta(days=2)
    for application, error in ((late, ValidityWrong), (gone, SubjectUnknown)):
        with pytest.raises(error):
            approve(actor=PLANNER, application_id=application, version=1)


# It never turns a verdict


def test_a_failure_stays_a_failure_beside_an_approved_exception() -> None:
    emr = str(system("電子カルテ").pk)
    run("people.length", {emr: Outcome.FAIL})
    before = judged()
    assert before[ITEM, emr][0] == "nonconforming"
    excepted(emr)
    assert judged() == before
    assert [found.verdict.value for found in verdicts_of(OLD, ITEM)] == ["nonconforming"]


OUTCOMES = st.dictionaries(st.sampled_from([0, 1, 2]), st.sampled_from(Outcome), max_size=3)


@settings(max_examples=examples(6, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    outcomes=OUTCOMES,
    length=st.integers(8, 16),
    attested=st.sets(st.integers(0, 2)),
    about=st.sets(st.integers(0, 2), min_size=1),
    days=st.integers(1, 700),
    item=st.sampled_from(["SO-1-1", "SO-1-2"]),
)
def test_an_exception_never_changes_a_verdict(
    outcomes: dict[int, Outcome], length: int, attested: set[int], about: set[int], days: int, item: str
) -> None:
    """Whatever the proofs say: every verdict with all that it rests on is the same before and after."""
    with transaction.atomic():
        systems = [str(system(f"系{number}").pk) for number in range(3)]
        run("people.length", {systems[place]: outcome for place, outcome in outcomes.items()}, length=length)
        for place in attested:
            approved(ClaimKind.ATTESTATION, draft("SO-1-2", systems[place]))
        before, inputs = judged(), World(OLD).inputs()
        excepted(*(systems[place] for place in about), days=days, requirement=item)
        assert World(OLD).inputs() == inputs, "it is no part of what verdicts are computed from"
        assert judged() == before
        transaction.set_rollback(True)


def test_what_judges_does_not_know_exceptions() -> None:
    """By construction: no module that a verdict is computed by imports them."""
    house = Path(sekisho.governance.__file__).parent
    for name in (
        "rules/assessment.py", "rules/verdicts.py", "rules/changes.py", "rules/claims.py", "queries/world.py",
        "queries/claims.py", "services/verdicts.py", "services/verdict_store.py",
    ):  # fmt: skip
        tree = ast.parse((house / name).read_text(encoding="utf8"))
        imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [module for module in imported if "exceptions" in module], name
