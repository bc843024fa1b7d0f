"""The two-factor map: the control, the ledger's coverage and the page, from what was entered."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.models import System
from sekisho.estate.services import add_entry, add_platform
from sekisho.governance.queries.conformance import verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services.books import add_entry as enter
from sekisho.people.controls import two_factor
from sekisho.people.ledgers.two_factors import TWO_FACTORS, mapped_layers
from sekisho.people.queries.two_factors import counts, two_factor_map

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Enter = Callable[..., None]


@pytest.fixture
def chart(operator: Actor) -> System:
    """A medical record system beside the platform."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises", "holds_medical_information": True}
    system = add_entry(actor=operator, ledger=SYSTEMS, values=values)
    assert isinstance(system, System)
    return system


@pytest.fixture
def say(chart: System, operator: Actor) -> Enter:
    """Return a function that enters one layer of the chart into the map, as the form does."""

    def put(layer: str, way: str, **more: object) -> None:
        values: Mapping[str, Any] = {"system": chart, "layer": layer, "way": way, **more}
        enter(actor=operator, ledger=TWO_FACTORS, values=values)

    return put


def outcomes(system: System) -> dict[str, Outcome]:
    """Return what the control says of the system and its layers."""
    found = [one for one in two_factor.check() if str(system.pk) in {one.subject.id, one.subject.facts.get("system")}]
    return {
        "system" if one.subject.kind is SubjectKind.SYSTEM else str(one.subject.facts["layer"]): one.outcome
        for one in found
    }


@pytest.mark.failing_fixture("people.two_factor")
def test_split_factors_fail_and_stay_nonconforming(chart: System, say: Enter, signed_in: Callable[..., Client]) -> None:
    """表14-1: one factor at the OS and one at the application are not two; the page says so."""
    assert set(outcomes(chart).values()) == {Outcome.UNKNOWN}
    today = clock.now().date() - timedelta(days=1)
    say("client_application", "split", evidence="TEST-1", tested_on=today)
    say("server_os", "two", evidence="TEST-2", tested_on=today)
    assert outcomes(chart) == {
        "system": Outcome.FAIL,
        "client_application": Outcome.FAIL,
        "server_os": Outcome.PASS,
    }
    check_control(actor=platform("job"), control_id="people.two_factor")
    update_verdicts(actor=platform("job"))
    client = str(chart.layers.get(kind="client_application").pk)
    assert [row.verdict for row in verdicts_of(CURRENT, "SO-14-5-b", client)] == [Verdict.NONCONFORMING]
    page = signed_in(Role.PLANNING_MANAGER).get("/two-factor-map/").content.decode()
    assert "One factor at the operating system and one at the application are not two." in page
    assert "0 of 2 systems" in page


@pytest.mark.failing_fixture("people.two_factor_map")
def test_the_map_is_covered_when_client_and_server_are_entered(chart: System, say: Enter) -> None:
    """Gaps are named until then; a vanished entry would belong to nobody; the count follows the worst layer."""
    assert sum(bool(member.missing) for member in mapped_layers()) == 4  # two layers of two systems
    today = clock.now().date() - timedelta(days=1)
    for layer in ("client_application", "server_os"):
        say(layer, "two", factors="password and card", evidence="TEST-1", tested_on=today)
    mine = [member for member in mapped_layers() if str(chart.pk) in member.belongs_to]
    assert [(len(member.belongs_to), member.missing) for member in mine] == [(2, ()), (2, ())]
    assert counts(two_factor_map()) == (1, 2)
    assert outcomes(chart)["system"] is Outcome.PASS
    assert two_factor.control.parameters == {
        "authentication_factors": 2,
        "two_factor_reference_date": "2027-04-01",
    }
