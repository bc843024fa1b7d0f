"""Access: asked for, approved by the department, granted, confirmed; and every account that lacks it is named."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.queries import platform_systems
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.ledgers.errors import EntryInvalid, OwnApplication
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import apply_for_entry, approve
from sekisho.ledgers.services.books import strike_entry
from sekisho.people.errors.accounts import NotTheirManager, OwnAccess
from sekisho.people.ledgers import ACCESS_REQUESTS
from sekisho.people.models import AccessRequest, Owner, ReviewItem, Staff
from sekisho.people.queries.id_review import known_accounts
from sekisho.people.rules.owners import Seen
from sekisho.people.services.id_review import SnapshotData, begin_review, store_snapshot
from tests.conftest import platform
from tests.people.granting import (
    CLERK,
    DAY,
    Ward,
    account,
    ask,
    decide,
    granted,
    lacking,
    make_ward,
    note,
    role,
    stored,
    who,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BOOK = "/people/access_requests/"
HANAKO = "電子カルテ: hanako"


@pytest.fixture
def ward(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Ward:
    """The ward on its first day."""
    return make_ward(signed_in)


@pytest.mark.failing_fixture("people.access_requests")
def test_access_is_asked_for_approved_granted_confirmed_and_withdrawn(ward: Ward) -> None:
    """Over the pages, by three people; an account without it is named at every stage."""
    assert lacking() == {"電子カルテ": ["An account of this system in the ID ledger"]}
    account(ward)
    assert lacking() == {HANAKO: ["A granted request"]}
    values = {"person": ward.nurse.pk, "role": ward.reader.pk, "reason": "病棟業務", "from_on": "R8.11.21"}
    answer = ward.stranger.post(f"{BOOK}new/", {**values, "until_on": "R8.11.20"})
    assert answer.status_code == 422, "it ends before it begins"
    assert ward.stranger.post(f"{BOOK}new/", values).status_code == 302
    entry = AccessRequest.objects.get()
    ward.stranger.post(f"/applications/entries/people.access_requests/{entry.pk}/", {"version": entry.version})
    page = f"/applications/{Application.objects.get().pk}/approve/"
    for client in (ward.operator, ward.head, ward.operator):
        client.post(page, {"version": Application.objects.get().version})
        assert stored(entry).is_approved == (client is ward.operator and Application.objects.get().state == "approved")
    assert stored(entry).is_approved
    assert stored(entry).department_id == ward.east.pk
    with pytest.raises(EntryInvalid):
        note(entry, granted_on=DAY)
    with pytest.raises(EntryInvalid):
        note(entry, granted_on=DAY + timedelta(days=1), login="hanako")
    note(entry, granted_on=DAY, login="Ｈanako")
    assert lacking() == {HANAKO: ["Confirmation of the result by the department"]}
    for client in (ward.operator, ward.stranger):
        with pytest.raises(EntryInvalid):
            note(entry, who(client), result_on=DAY)
    note(entry, who(ward.head), result_on=DAY, result_by="だれか")
    assert stored(entry).result_by == "head", "whoever it was, and not what was typed"
    assert lacking() == {HANAKO: []}
    with pytest.raises(EntryInvalid):
        note(entry, who(ward.operator), login="taro")
    assert stored(entry).is_approved, "what happens afterwards leaves the approval standing"
    note(entry, withdrawn_on=DAY)
    assert stored(entry).closed_at is not None
    assert lacking() == {HANAKO: ["A granted request"]}, "it still works in its system"


def test_an_account_wants_a_request_of_its_own_that_holds_and_covers_its_rights(
    ward: Ward, at_nine: clock.FixedClock
) -> None:
    """Of its owner, unexpired, usual or explained, for each right and for administrator rights."""
    other = Owner.objects.get(accounts=ward.stranger.user)  # type: ignore[attr-defined]
    account(ward, owner=other)
    account(ward, "saburo", rights="看護記録、会計")
    account(ward, "shiro", administrator=True)
    account(ward, "left", state="disabled")
    granted(ward)
    for login in ("saburo", "shiro"):
        granted(ward, login, until_on=DAY + timedelta(days=10))
    assert lacking() == {
        HANAKO: ["A request for its owner, not for somebody else"],
        "電子カルテ: saburo": ["A request for each of its rights"],
        "電子カルテ: shiro": ["A request for its administrator rights"],
    }
    entry = granted(ward, "saburo", role=role(ward.emr, "会計"))
    assert lacking()["電子カルテ: saburo"] == ["A request for each of its rights"], "unusual for a nurse, and why?"
    note(entry, beyond="夜間の会計を兼ねる")
    assert not stored(entry).is_approved, "that is another request"
    decide(entry, ward.head, ward.operator)
    assert lacking()["電子カルテ: saburo"] == []
    at_nine.moment += timedelta(days=11)
    assert lacking()["電子カルテ: shiro"] == ["A date that has not passed"]
    vanished = AccessRequest.objects.order_by("number").first()
    assert vanished is not None
    AccessRequest.objects.filter(pk=vanished.pk).delete()
    assert "AR-00001" in lacking(), "taken out of the database past the platform"


def test_nobody_grants_on_the_word_of_another_department_or_of_the_person(ward: Ward) -> None:
    """Nothing of a refused decision stays; what was approved wrongly is sent back."""
    entry = ask(ward)
    with pytest.raises(NotTheirManager):
        decide(entry, ward.stranger, ward.operator)
    assert not stored(entry).is_approved
    assert Application.objects.get().state == "submitted"
    head, operator = (Owner.objects.get(accounts=client.user) for client in (ward.head, ward.operator))  # type: ignore[attr-defined]
    # The only manager of a department and the only operator may: nobody else could. With a second one they may not.
    alone = ask(ward, person=head)
    decide(alone, ward.head, ward.operator)
    assert stored(alone).is_approved
    Staff.objects.filter(accounts=ward.stranger.user).update(department=ward.east)  # type: ignore[attr-defined]
    entry = ask(ward, person=head, role=ward.admin)
    with pytest.raises(OwnAccess):
        decide(entry, ward.head, ward.operator)
    assert not stored(entry).is_approved
    confirmed = granted(ward)
    assert confirmed.is_result_confirmed
    with pytest.raises(EntryInvalid):  # of their own access the others confirm
        note(note(alone, granted_on=DAY, login="head"), who(ward.head), result_on=DAY)
    assert operator.pk != head.pk


def test_nobody_applies_and_approves(ward: Ward, signed_in: Callable[..., Client]) -> None:
    signed_in(Role.MANAGEMENT, login="director")
    entry = ask(ward)
    head = who(ward.head)
    application = _applied_by(head, entry)
    with pytest.raises(OwnApplication):
        approve(actor=head, application_id=application.pk, version=application.version, comment="急ぎ")


def _applied_by(actor: Any, entry: Any) -> Application:
    version = stored(entry).version
    return apply_for_entry(actor=actor, ledger=ACCESS_REQUESTS, entry_id=entry.pk, version=version)


def test_nobody_operates_and_audits(ward: Ward, signed_in: Callable[..., Client]) -> None:
    """In one system or in two, or in Sekisho itself: refused when it is asked for, flagged where it came about."""
    audit = role(ward.emr, "監査", duty="audit")
    first = ask(ward, role=ward.admin)
    with pytest.raises(EntryInvalid, match="both operate systems and audit"):
        ask(ward, role=audit)
    note(first, granted_on=DAY, login="hanako", withdrawn_on=DAY)
    ask(ward, role=audit)
    auditor = Owner.objects.get(accounts=signed_in(Role.AUDITOR).user)  # type: ignore[attr-defined]
    with pytest.raises(EntryInvalid, match="both operate systems and audit"):
        ask(ward, person=auditor, role=ward.admin)
    account(ward)
    granted(ward)
    AccessRequest.objects.filter(role=ward.reader).update(role=ward.admin)  # as when a role's purpose is corrected
    assert "Operating and auditing in different hands" in lacking()[HANAKO]


def test_the_platforms_own_accounts_count_too(ward: Ward) -> None:
    """By their roles, named in either language."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    assert lacking()["operator"] == ["A granted request"]
    own = SYSTEMS.model.objects.get(pk=platform_systems()[0].id)
    person = Owner.objects.get(accounts=ward.operator.user)  # type: ignore[attr-defined]
    Staff.objects.filter(pk=person.pk).update(department=ward.east)
    granted(ward, "operator", person=person, role=role(own, "システム運用担当者", duty="operate"), beyond="運用")
    assert lacking()["operator"] == []


def test_a_change_of_department_opens_the_review(ward: Ward) -> None:
    """The rights were approved for the former department; approved anew, they hold."""
    account(ward)
    granted(ward)
    assert not any(known.moved for known in known_accounts(ward.emr.pk))
    Staff.objects.filter(pk=ward.nurse.pk).update(department=ward.west)
    assert [known.moved for known in known_accounts(ward.emr.pk)] == [True]
    shown = [Seen("hanako", rights="看護記録", administrator=False, last_used=DAY)]
    data = SnapshotData(DAY, shown, ("login", "rights", "administrator", "last_used"), "利用者.csv")
    begin_review(actor=CLERK, snapshot_id=store_snapshot(actor=CLERK, system_id=ward.emr.pk, data=data).pk)
    assert [item.faults for item in ReviewItem.objects.all()] == [["moved"]], "with a disposition of its own"
    entry = AccessRequest.objects.get()
    strike_entry(actor=CLERK, ledger=ACCESS_REQUESTS, entry_id=entry.pk, version=entry.version, reason="異動")
    again = ask(ward)
    decide(again, ward.stranger, ward.operator)
    note(again, granted_on=DAY, login="hanako")
    assert not any(known.moved for known in known_accounts(ward.emr.pk))
