"""Standing in: from one day to another, with both names; never for what the applicant, either of them, applied for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.ledgers import services
from sekisho.ledgers.errors import (
    ApprovedAlready,
    CommentMissing,
    DelegationRefused,
    NotYourPart,
    OwnApplication,
    StandsInWrongly,
)
from sekisho.ledgers.models import Decision, Delegation
from sekisho.ledgers.queries import get_application, waiting_for
from sekisho.ledgers.rules import Step
from sekisho.people.models import RoleGrant, User
from tests.ledgers.reading import get, me, page_of, words
from tests.ledgers.routing import TAKE_OUT, apply_to_take_out, approve, declare
from tests.ledgers.working import PURCHASE, acting, apply_for, last_event, stored, take

pytestmark = pytest.mark.django_db


def today() -> date:
    return in_facility(clock.now()).date()


@pytest.fixture
def deputy(make_person: Callable[..., User]) -> Actor:
    """The department manager: may approve, and has no part in purchases."""
    return acting(make_person("watanabe", Role.DEPARTMENT_MANAGER, name="渡辺 三郎"))


def let(giver: Actor, receiver: Actor, **more: Any) -> Delegation:
    """Let somebody stand in for ten days from today."""
    account = min(str(user.pk) for user in User.objects.filter(staff__accounts=receiver.id))
    given = {
        "receiver_id": account,
        "starts_on": today(),
        "ends_on": today() + timedelta(days=9),
        "reason": "研修で不在",
    }
    return services.delegate(actor=giver, **{**given, **more})


def test_somebody_decides_for_another_and_both_names_stay(applicant: Actor, approver: Actor, deputy: Actor) -> None:
    """Before it: no part. With it: the inbox, the page's right, the decision and the register say for whom."""
    application = apply_for(applicant)
    with pytest.raises(NotYourPart):
        approve(deputy, application)
    with pytest.raises(NotFound):
        get_application(deputy, application.pk)
    let(approver, deputy)
    event = last_event()
    assert (event["action"], event["reason"]) == ("approval.delegate", "研修で不在")
    assert (event["details"]["giver"], event["details"]["receiver"]) == ("鈴木 一郎", "渡辺 三郎")
    assert list(waiting_for(deputy)) == [application]
    assert get_application(deputy, application.pk) == application
    assert approve(deputy, application).state == "approved"
    decision = Decision.objects.get()
    assert (decision.decided_by_name, decision.for_name, decision.own) == ("渡辺 三郎", "鈴木 一郎", False)
    assert last_event()["details"]["stands_in_for"] == "鈴木 一郎"


def test_it_begins_and_ends_by_itself(
    applicant: Actor, approver: Actor, deputy: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before its first day, not after its last, not when it was ended, not when the giver lost the role."""
    application = apply_for(applicant)
    begins = today() + timedelta(days=2)
    made = let(approver, deputy, starts_on=begins, ends_on=begins)
    now, real = clock.now(), []
    for days, expected in ((0, []), (2, [application]), (3, [])):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        real.append(list(waiting_for(deputy)) == expected)
        if not expected:
            with pytest.raises(NotYourPart):
                approve(deputy, application)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert real == [True, True, True]
    services.end_delegation(actor=deputy, delegation_id=made.pk)
    with pytest.raises(Conflict):
        services.end_delegation(actor=approver, delegation_id=made.pk)
    let(approver, deputy)
    assert list(waiting_for(deputy)) == [application]
    RoleGrant.objects.filter(staff__accounts=approver.id).update(revoked_at=clock.now())
    assert list(waiting_for(deputy)) == []
    with pytest.raises(NotYourPart):
        take(Step.SEND_BACK, deputy, application)


def test_nobody_stands_in_for_an_applicant_or_in_their_own_matter(
    approver: Actor, other_approver: Actor, deputy: Actor
) -> None:
    """The giver's own application, and the deputy's own: both are for somebody else."""
    let(approver, deputy)
    declare_for_deputies()
    theirs, own = apply_for(approver), apply_for(deputy)
    assert list(waiting_for(deputy)) == []
    with pytest.raises(StandsInWrongly, match="田中"):
        approve(deputy, theirs, "代理")
    with pytest.raises(OwnApplication):
        approve(deputy, own, "代理")
    with pytest.raises((OwnApplication, NotYourPart, StandsInWrongly)):
        take(Step.SEND_BACK, deputy, theirs)
    assert {stored(one).state for one in (theirs, own)} == {"submitted"}


def declare_for_deputies() -> None:
    before = registry.current()
    changed = replace(PURCHASE, submitters=PURCHASE.submitters | {Role.DEPARTMENT_MANAGER})
    registry.install(replace(before, workflows=(changed,)))


def test_one_person_is_one_person_however_many_they_stand_in_for(
    make_person: Callable[..., User], applicant: Actor, deputy: Actor
) -> None:
    """Of two approvals one may be given for somebody; the other needs other eyes, on both sides."""
    one, two = (acting(make_person(name, Role.SAFETY_MANAGER, name=name)) for name in ("one", "two"))
    three = acting(make_person("three", Role.SAFETY_MANAGER, name="three"))
    declare(route=TAKE_OUT.route[1:])
    application = apply_to_take_out(applicant)
    let(one, deputy)
    let(two, deputy)
    approve(deputy, application)
    for again in (deputy, one):
        with pytest.raises(ApprovedAlready):
            approve(again, application, "もう一度")
    assert list(waiting_for(deputy)) == []
    assert set(waiting_for(two)) == {application} == set(waiting_for(three))
    assert approve(three, application).state == "approved"


def test_what_is_no_delegation(applicant: Actor, approver: Actor, deputy: Actor) -> None:
    """Oneself, a nurse, nobody, the past, backwards, longer than a year, no reason, another's to end."""
    day = today()
    wrong: list[dict[str, Any]] = [
        {"receiver_id": approver.id},
        {"receiver_id": applicant.id},
        {"receiver_id": "nobody"},
        {"starts_on": day - timedelta(days=1)},
        {"starts_on": day + timedelta(days=3), "ends_on": day + timedelta(days=2)},
        {"ends_on": day + timedelta(days=366)},
        {"reason": "長" * 501},
    ]
    for each in wrong:
        with pytest.raises(DelegationRefused):
            let(approver, deputy, **each)
    with pytest.raises(CommentMissing):
        let(approver, deputy, reason="。")
    assert not Delegation.objects.exists()
    made = let(approver, deputy)
    other = replace(approver, id="somebody")
    with pytest.raises(NotFound):
        services.end_delegation(actor=other, delegation_id=made.pk)


def test_the_pages_of_standing_in(
    nurse: Client, manager: Client, signed_in: Callable[..., Client], make_person: Callable[..., User]
) -> None:
    """Empty, asked, refused in words, stored; the deputy's inbox names the giver and the days; ended by the deputy."""
    page = get(manager, "/applications/delegations/")
    assert words("Nobody stands in for you, and you for nobody.") in page
    assert words("Nobody else may approve and can sign in. Give somebody a role that approves first.") in get(
        manager, "/applications/delegations/new/"
    )
    other = signed_in(Role.SAFETY_MANAGER)
    day = today()
    sent = {"receiver_id": me(other).id, "starts_on": f"{day:%Y/%m/%d}", "ends_on": "2020/1/1", "reason": "研修"}
    assert manager.post("/applications/delegations/new/", sent).status_code == 422
    sent["ends_on"] = f"{day + timedelta(days=3):%Y/%m/%d}"
    assert manager.post("/applications/delegations/new/", sent).status_code == 302
    assert words("In force") in get(manager, "/applications/delegations/")
    application = apply_for(me(nurse))
    inbox = get(other, "/applications/")
    assert words("You stand in for %(name)s:", name=me(manager).name) in inbox
    form = get(other, f"{page_of(application)}approve/")
    assert words("You decide for %(name)s. Both names are kept.", name=me(manager).name) in form
    key = f"1.1/planning_manager+safety_manager/1|{me(manager).id}"
    answer = other.post(f"{page_of(application)}approve/", {"version": "1", "comment": "", "right": key})
    assert answer.status_code == 302
    assert words("%(name)s for %(other)s", name=me(other).name, other=me(manager).name) in get(
        manager, page_of(application)
    )
    made = Delegation.objects.get()
    address = f"/applications/delegations/{made.pk}/end/"
    assert made.giver_name in get(other, address)
    assert other.post(address).status_code == 302
    assert words("Ended by %(name)s", name=me(other).name) in get(manager, "/applications/delegations/")
    assert nurse.get(address).status_code == 403
