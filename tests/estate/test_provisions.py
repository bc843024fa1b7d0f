"""Provisions to third parties: each recipient with its limits; nobody to give to is stated, not assumed."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import PROVISIONS
from sekisho.estate.models import Provision
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from tests.estate.conftest import SPRING, Lacking

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "recipient": "市民病院",
    "content": "紹介状",
    "ground": "notice",
    "way": "mail",
    "own_limit": "当院のメールサーバまで",
    "other_limit": "相手のメールサーバから",
    "risks_weighed_on": SPRING,
    "discussed_on": SPRING,
}


@pytest.mark.failing_fixture("estate.third_party_provisions")
@pytest.mark.parametrize(
    ("wrong", "lacks"),
    [
        ({"own_limit": ""}, ["Our responsibility ends at"]),
        ({"discussed_on": date(2027, 1, 1)}, ["Discussed with the planning manager on"]),
        ({"ground": "other"}, ["Ground"]),
    ],
)
def test_each_recipient_is_covered_by_itself(
    clinic: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, wrong: dict[str, Any], lacks: list[str]
) -> None:
    assert lacking("third_party_provisions") == {}, "nothing entered proves nothing"
    keep(PROVISIONS, **GOOD)
    keep(PROVISIONS, **{**GOOD, "recipient": "健診機関", **wrong})
    assert list(lacking("third_party_provisions").values()) == [["Approval"], [*lacks, "Approval"]]
    Provision.objects.update(approved_at=clock.now())
    assert list(lacking("third_party_provisions").values()) == [[], lacks]


def test_that_nothing_is_given_is_stated_by_somebody(
    clinic: Mapping[str, Any], signed_in: Callable[..., Client], keep: Callable[..., Any], lacking: Lacking
) -> None:
    client, address = signed_in(Role.SYSTEM_OPERATOR), "/estate/third_party_provisions/"
    assert client.get(f"{address}no-case/").status_code == 200
    days = {"first_day": "2026-04-01", "last_day": "2027-03-31"}
    assert client.post(f"{address}no-case/", days).status_code == 302
    assert list(lacking("third_party_provisions").values()) == [[]]
    keep(PROVISIONS, recipient="市民病院", way="mail")
    assert list(lacking("third_party_provisions").values()) != [[]], "an entry says otherwise"
