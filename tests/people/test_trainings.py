"""Who was taught what when: everybody who works here within a year, and whoever is new."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry, strike_entry
from sekisho.people.ledgers import TRAINING_COVERAGE, TRAININGS
from sekisho.people.models import Owner
from sekisho.people.services.staff import PersonData, add_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TODAY = date(2026, 11, 21)
YEARLY, NEW = "A training within a year, with what was taught", "The training of somebody new"


def person(name: str, **known: Any) -> Owner:
    return Owner.objects.get(pk=add_staff(PersonData(name=name, **known)).pk)


def teach(actor: Actor, staff: Owner, **changed: Any) -> Any:
    values = {"staff": staff, "title": "情報の安全管理", "held_on": TODAY, "material": "院内研修の資料 第3版"}
    return add_entry(actor=actor, ledger=TRAININGS, values={**values, **changed})


def lacking() -> dict[str, list[str]]:
    return {one.label: [str(title) for title in one.missing] for one in TRAINING_COVERAGE.measure()}


@pytest.mark.failing_fixture("people.trainings")
def test_everybody_is_taught_within_a_year_and_whoever_is_new(operator: Actor, at_nine: clock.FixedClock) -> None:
    old, new = person("古参"), person("新人", employed_from=TODAY - timedelta(days=20))
    person("退職", employed_until=TODAY - timedelta(days=1))
    person("来月から", employed_from=TODAY + timedelta(days=10))
    assert lacking() == {"古参": [YEARLY], "新人": [YEARLY, NEW]}, "who does not work here is nobody to be taught"
    teach(operator, old, held_on=TODAY - timedelta(days=366))
    teach(operator, old, held_on=TODAY + timedelta(days=1))
    teach(operator, old, material="…")
    assert lacking()["古参"] == [YEARLY], "too old, not yet, and from nothing"
    teach(operator, old)
    begun = teach(operator, new, kind="newcomer", held_on=TODAY - timedelta(days=52))
    assert lacking() == {"古参": [], "新人": [NEW]}, "longer than a month before the first day it was for another post"
    good = teach(operator, new, kind="newcomer", held_on=TODAY - timedelta(days=20))
    assert lacking() == {"古参": [], "新人": []}
    for entry in (begun, good):
        strike_entry(actor=operator, ledger=TRAININGS, entry_id=entry.pk, version=1, reason="欠席だった")
    assert lacking()["新人"] == [YEARLY, NEW]
    at_nine.moment += timedelta(days=800)
    assert set(map(tuple, lacking().values())) == {(YEARLY,)}, "later everybody is taught again"
