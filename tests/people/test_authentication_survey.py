"""How the systems sign people in: recorded with its ground, counted system by system, held against the guideline."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.ledgers.services.books import add_entry, change_entry
from sekisho.people.controls import password_policy
from sekisho.people.ledgers import ACCOUNT_COVERAGE, ACCOUNTS, SURVEY, SURVEY_COVERAGE

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "method": "password",
    "own_ids": "yes",
    "second_factor": "no",
    "password_minimum": 13,
    "letters_and_digits": "yes",
    "first_change": "yes",
    "refuses_former": "no",
    "irreversible": "yes",
    "hidden": "yes",
    "stops": "yes",
    "ground": "test",
    "evidence": "試験記録 2026-11",
    "surveyed_on": date(2026, 11, 1),
}


@pytest.fixture
def emr(operator: Actor, at_nine: clock.FixedClock) -> Any:
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    return add_to_estate(actor=operator, ledger=SYSTEMS, values=values)


def judged(system: Any) -> Finding:
    return next(found for found in password_policy.check() if found.subject.id == str(system.pk))


@pytest.mark.failing_fixture("people.password_policy")
def test_a_system_with_short_passwords_fails(emr: Any, operator: Actor, at_nine: clock.FixedClock) -> None:
    """Unknown without an entry or a ground; a legacy limit fails until there is a second factor; old records expire."""
    assert judged(emr).outcome is Outcome.UNKNOWN
    entry = add_entry(actor=operator, ledger=SURVEY, values={**GOOD, "system": emr})
    assert judged(emr).outcome is Outcome.PASS
    version = 1
    for changes, outcome, lacks in (
        ({"evidence": "", "ground": ""}, Outcome.UNKNOWN, None),
        ({"evidence": "写し", "ground": "settings", "password_minimum": None}, Outcome.UNKNOWN, ["unknown"]),
        ({"password_minimum": 8, "password_maximum": 8}, Outcome.FAIL, ["too_short", "cannot_be_longer"]),
        ({"second_factor": "yes"}, Outcome.PASS, []),
        ({"letters_and_digits": ""}, Outcome.FAIL, ["no_mix"]),
        ({"method": "card", "pin_minimum": 3}, Outcome.FAIL, ["pin_too_short"]),
        ({"pin_minimum": None}, Outcome.UNKNOWN, ["unknown"]),
        ({"method": "directory"}, Outcome.NOT_APPLICABLE, None),
    ):
        change_entry(actor=operator, ledger=SURVEY, entry_id=entry.pk, version=version, values=changes)
        version += 1
        found = judged(emr)
        assert (found.outcome, found.facts.get("lacks")) == (outcome, lacks), changes
    at_nine.moment += timedelta(days=366)
    assert judged(emr).outcome is Outcome.UNKNOWN


def test_the_platform_keeps_the_rule_itself(at_nine: clock.FixedClock) -> None:
    """By the numbers its own rule uses."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    (found,) = list(password_policy.check())
    assert (found.outcome, found.facts["minimum"]) == (Outcome.PASS, 13)


@pytest.mark.failing_fixture("people.authentication_survey")
def test_each_system_is_surveyed(emr: Any, operator: Actor) -> None:
    """A system without an entry is a gap, and an answer that is "no" where it must be yes is one too."""
    assert [len(member.missing) for member in SURVEY_COVERAGE.measure()] == [1]
    entry = add_entry(actor=operator, ledger=SURVEY, values={**GOOD, "system": emr})
    assert [member.missing for member in SURVEY_COVERAGE.measure()] == [()]
    worse = {"stops": "no", "irreversible": "", "refuses_former": ""}
    change_entry(actor=operator, ledger=SURVEY, entry_id=entry.pk, version=1, values=worse)
    assert [len(member.missing) for member in SURVEY_COVERAGE.measure()] == [3]


@pytest.mark.failing_fixture("people.accounts")
def test_each_account_has_an_owner_and_an_end(emr: Any, operator: Actor) -> None:
    """A system without accounts is a gap; a maintenance account wants an end, a shared one people of its own."""
    assert [len(member.missing) for member in ACCOUNT_COVERAGE.measure()] == [1]
    for values, lacking in (
        ({"kind": "maintenance"}, 2),
        ({"kind": "staff", "shared": True}, 2),
        ({"kind": "service"}, 1),
    ):
        entry = {**values, "system": emr, "login": f"x{lacking}{values['kind']}"}
        add_entry(actor=operator, ledger=ACCOUNTS, values=entry)
        assert len(list(ACCOUNT_COVERAGE.measure())[-1].missing) == lacking
