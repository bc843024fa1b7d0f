"""Audits and their findings: the plan of the year, what was carried out, what is to be mended by when."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from sekisho.governance.ledgers import AUDIT_COVERAGE, AUDITS, FINDINGS
from sekisho.governance.models import Audit, AuditFinding
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry, strike_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "at_nine")]
PLAN: dict[str, Any] = {
    "title": "退職者のID",
    "kind": "internal",
    "planned_on": date(2026, 12, 1),
    "scope": "電子カルテと部門システムのID",
    "criteria": "安全管理ガイドライン 14⑧",
    "auditor": "監査 花子",
    "independent": True,
    "reported_on": date(2026, 10, 1),
}
DONE = {"carried_out_on": date(2026, 11, 10), "evidence": "棚卸の結果、監査 2026-1 の綴り", "result": "指摘1件"}
FINDING: dict[str, Any] = {
    "found": "退職者のIDが1件残っていた",
    "owner": "試験 太郎",
    "measure": "退職の連絡を受けた日に止める",
    "due_on": date(2026, 12, 31),
}


def lacking() -> dict[str, list[str]]:
    """Return what each member of the population lacks."""
    return {one.label: [str(title) for title in one.missing] for one in AUDIT_COVERAGE.measure()}


def enter(actor: Actor, **changed: Any) -> Audit:
    entry = add_entry(actor=actor, ledger=AUDITS, values={**PLAN, **changed})
    assert isinstance(entry, Audit)
    return entry


@pytest.mark.failing_fixture("governance.audits")
def test_a_year_without_a_plan_a_plan_that_was_not_carried_out_and_a_finding_that_waits(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    year = "Audits of the fiscal year from April 2026"
    assert lacking() == {year: ["An audit planned for this fiscal year"]}, "nothing entered covers nothing"
    audit = enter(operator)
    assert lacking() == {year: [], "AD-00001 退職者のID": []}
    rubbish = enter(operator, title="。", scope="", criteria="-", auditor="", independent=False, reported_on=None)
    assert len(lacking()["AD-00002 。"]) == 5, "one good entry proves nothing for the next"
    strike_entry(actor=operator, ledger=AUDITS, entry_id=rubbish.pk, version=1, reason="誤り")

    at_nine.moment = at_nine.moment.replace(month=12, day=2)
    assert lacking()["AD-00001 退職者のID"] == ["Carried out on"], "its day has passed"
    change_entry(actor=operator, ledger=AUDITS, entry_id=audit.pk, version=1, values=DONE)
    finding = add_entry(actor=operator, ledger=FINDINGS, values={**FINDING, "audit": audit, "owner": ""})
    (name,) = [label for label in lacking() if label.startswith("AF-")]
    assert lacking()[name] == ["Person in charge"]
    change_entry(actor=operator, ledger=FINDINGS, entry_id=finding.pk, version=1, values={"owner": "試験 太郎"})
    assert not any(lacking().values())

    at_nine.moment = at_nine.moment.replace(year=2027, month=1, day=5)
    assert lacking()[name] == ["A date that has not passed"]
    close_entry(actor=operator, ledger=FINDINGS, entry_id=finding.pk, version=2, reason="是正を確かめた")
    assert name not in lacking()
    at_nine.moment = at_nine.moment.replace(month=4, day=1)
    assert lacking()["Audits of the fiscal year from April 2027"], "last year's plan is not this year's"


def test_a_finding_is_entered_printed_and_read_back(signed_in: Callable[..., Client], operator: Actor) -> None:
    audit = enter(operator)
    client = signed_in(Role.SYSTEM_OPERATOR)
    values = {"audit": str(audit.pk), "found": "空いたままの席", "weight": "minor", "due_on": "R8.12.31"}
    assert client.post("/governance/audit_findings/new/", values).status_code == 302
    assert AuditFinding.objects.get().due_on == date(2026, 12, 31)
    assert "空いたままの席" in client.get("/governance/audit_findings/").content.decode()
    assert client.get("/governance/audits/export.pdf").content.startswith(b"%PDF-")
    assert client.get("/api/v1/governance/audits").json()["count"] == 1
    assert signed_in(Role.DEVICE_SAFETY_MANAGER).get("/governance/audits/").status_code == 403
