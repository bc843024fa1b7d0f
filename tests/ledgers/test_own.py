"""One's own application, and what follows a decision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import CommentMissing, NotYourPart, OwnApplication
from sekisho.ledgers.models import Application, Decision
from sekisho.ledgers.queries import approved, get_application, other_approvers, waiting_for
from sekisho.ledgers.rules import Step
from sekisho.people.models import RoleGrant, User
from tests.ledgers.working import PURCHASE, acting, apply_for, last_event, stored, take

pytestmark = pytest.mark.django_db


def test_nobody_approves_their_own_while_another_could(approver: Actor, other_approver: Actor) -> None:
    """The others are named; one of them approves, and no mark stays."""
    application = apply_for(approver)
    with pytest.raises(OwnApplication, match="田中 次郎") as caught:
        take(Step.APPROVE, approver, application)
    assert "鈴木" not in str(caught.value)
    assert stored(application).state == "submitted"
    take(Step.APPROVE, other_approver, application)
    assert not Decision.objects.get().own
    assert "own" not in last_event()["details"]


def test_one_s_own_is_approved_with_words_and_marked_where_nobody_else_could(approver: Actor) -> None:
    """A clinic of one: the mark stands with the decision, in the register, and with what counts."""
    application = apply_for(approver)
    with pytest.raises(CommentMissing):
        take(Step.APPROVE, approver, application, "  ")
    take(Step.APPROVE, approver, application, "ほかに承認者がいないため")
    assert Decision.objects.get().own
    assert last_event()["details"]["own"] is True
    assert approved(PURCHASE.id)[0].own


def test_two_accounts_of_one_person_are_one_person(approver: Actor, make_person: Callable[..., User]) -> None:
    """A second account is no second pair of eyes."""
    user = User.objects.get(pk=approver.id)
    second = acting(User.objects.create(staff=user.staff, login="suzuki2", password="!", created_at=clock.now()))
    assert second.roles == approver.roles
    application = apply_for(approver)
    with pytest.raises(CommentMissing):
        take(Step.APPROVE, second, application, "")
    make_person("tanaka", Role.SAFETY_MANAGER, name="田中 次郎")
    with pytest.raises(OwnApplication, match="田中 次郎"):
        take(Step.APPROVE, second, application)
    assert take(Step.WITHDRAW, second, application).state == "withdrawn", "it is their own, by whatever account"


def test_a_role_that_ended_makes_nobody_else(approver: Actor, other_approver: Actor) -> None:
    """Who could approve yesterday does not stand in the way today."""
    application = apply_for(approver)
    RoleGrant.objects.filter(role=Role.SAFETY_MANAGER).update(revoked_at=clock.now())
    assert take(Step.APPROVE, approver, application, "ほかにいないため").state == "approved"


def test_what_follows_runs_after_each_decision_and_undoes_none(
    applicant: Actor, approver: Actor, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Only when it is stored for good; a fault in it is logged."""
    ran = []

    def follow() -> None:
        ran.append(Application.objects.get().state)
        raise OSError("the verdicts cannot be computed")

    before = registry.current()
    registry.install(replace(before, workflows=(replace(PURCHASE, after=follow),)))
    with django_capture_on_commit_callbacks(execute=True):
        application = apply_for(applicant)
    assert ran == []
    for step, actor in ((Step.SEND_BACK, approver), (Step.AMEND, applicant), (Step.APPROVE, approver)):
        with django_capture_on_commit_callbacks(execute=True):
            take(step, actor, application)
    assert ran == ["sent_back", "approved"]
    assert stored(application).state == "approved"


def test_who_cannot_sign_in_does_not_stand_in_the_way(approver: Actor, other_approver: Actor) -> None:
    """A disabled account, and a role of somebody whose work has not begun: neither could approve."""
    application = apply_for(approver)
    other = User.objects.get(pk=other_approver.id)
    for blocked in (other, other.staff):
        User.objects.filter(pk=other.pk).update(is_active=blocked is not other)
        other.staff.employed_from = None if blocked is other else clock.now().date() + timedelta(days=30)
        other.staff.save()
        assert other_approvers(PURCHASE, approver.id) == []
    assert take(Step.APPROVE, approver, application).state == "approved"


def test_what_waits_is_what_one_can_act_on(approver: Actor, other_approver: Actor, applicant: Actor) -> None:
    """One's own waits for the other; in a clinic of one it waits for oneself; sent back, for the applicant."""
    own = apply_for(approver)
    assert list(waiting_for(approver)) == []
    assert list(waiting_for(other_approver)) == [own]
    RoleGrant.objects.filter(staff__accounts=other_approver.id).delete()
    assert list(waiting_for(approver)) == [own]
    theirs = apply_for(applicant)
    take(Step.SEND_BACK, approver, theirs)
    assert list(waiting_for(applicant)) == [theirs]
    assert list(waiting_for(approver)) == [own]


def test_a_second_account_sees_what_the_first_applied_for(applicant: Actor) -> None:
    """It is the same person's application."""
    user = User.objects.get(pk=applicant.id)
    second = acting(User.objects.create(staff=user.staff, login="sato2", password="!", created_at=clock.now()))
    application = apply_for(applicant)
    assert get_application(second, application.pk) == application


def test_who_lost_the_role_to_apply_cannot_mend(applicant: Actor, approver: Actor) -> None:
    """The workflow asks again."""
    application = apply_for(applicant)
    take(Step.SEND_BACK, approver, application)
    moved = replace(applicant, roles=frozenset({Role.MAINTAINER}))
    with pytest.raises(NotYourPart):
        take(Step.AMEND, moved, application)
