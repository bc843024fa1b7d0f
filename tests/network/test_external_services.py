"""Permitted outside services: every line that leads outside names them, each with reason and person in charge."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.estate import ledgers, services
from sekisho.estate.errors import InUse
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Forbidden
from sekisho.ledgers.services.books import change_entry
from sekisho.ledgers.services.deciding import approve
from sekisho.ledgers.services.entry_approval import apply_for_entry
from sekisho.network.ledgers import SERVICES
from sekisho.network.models import ExternalService
from tests.conftest import actor_with
from tests.network.lines import Lacking, keep, lacking, lines

__all__ = ["keep", "lacking", "lines"]
pytestmark = pytest.mark.django_db
MANAGER = actor_with(Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000002")
NONE_NAMED = ["A permitted service over this line"]
GOOD: dict[str, Any] = {
    "name": "オンライン資格確認",
    "kind": "eligibility",
    "destination": "指定された宛先だけ",
    "origin": "受付端末1台",
    "reason": "制度上必要",
    "keeper": "事務長",
}


@pytest.mark.failing_fixture("network.external_services")
@pytest.mark.parametrize(
    ("wrong", "lacks"),
    [
        ({"reason": ""}, ["Reason for choosing it"]),
        ({"keeper": ""}, ["Person in charge"]),
        ({"holds_medical_information": True}, ["Compared with our rules on"]),
        ({"allowed_until": date(2026, 11, 20)}, ["A date that has not passed"]),
    ],
)
def test_each_line_and_each_service_over_it_is_covered_by_itself(
    lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, wrong: dict[str, Any], lacks: list[str]
) -> None:
    assert lacking("external_services") == dict.fromkeys(("地域連携", "予約", "光回線"), NONE_NAMED)
    keep(SERVICES, link=lines["ip_vpn"], **GOOD)
    keep(SERVICES, link=lines["ip_vpn"], **{**GOOD, "name": "別のサービス", **wrong})
    ExternalService.objects.update(approved_at=clock.now())
    assert list(lacking("external_services").values()) == [[], lacks, NONE_NAMED, NONE_NAMED]


def test_a_service_is_permitted_by_an_approval_and_a_change_takes_it_away(
    lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, operator: Actor
) -> None:
    entry = keep(SERVICES, link=lines["ip_vpn"], **GOOD)
    name = "XS-00001 オンライン資格確認"
    assert lacking("external_services")[name] == ["Approval"]
    application = apply_for_entry(actor=operator, ledger=SERVICES, entry_id=entry.pk, version=entry.version)
    with pytest.raises(Forbidden):
        approve(actor=operator, application_id=application.pk, version=application.version, comment="自分で")
    approve(actor=MANAGER, application_id=application.pk, version=application.version)
    assert lacking("external_services")[name] == []
    entry.refresh_from_db()
    for values, lacks in (({"watched_by": "システム運用担当者"}, []), ({"destination": "どこでも"}, ["Approval"])):
        change_entry(actor=operator, ledger=SERVICES, entry_id=entry.pk, version=entry.version, values=values)
        assert lacking("external_services")[name] == lacks
        entry.refresh_from_db()


def test_a_permit_that_nobody_looks_at_for_half_a_year_is_none(
    lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, operator: Actor
) -> None:
    keep(SERVICES, link=lines["ip_vpn"], **GOOD)
    ExternalService.objects.update(confirmed_at=clock.now() - timedelta(days=181), approved_at=clock.now())
    assert lacking("external_services")["XS-00001 オンライン資格確認"] == ["Confirmation in time"]
    link = lines["ip_vpn"]
    with pytest.raises(InUse, match="オンライン資格確認"):
        services.close_entry(actor=operator, ledger=ledgers.LINKS, entry_id=link.pk, version=1, reason="解約")
