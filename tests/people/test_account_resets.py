"""An operator lets somebody set up their account anew: identity first, one link, and at a leak everything stops now."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous, console
from sekisho.people.errors.sign_in import OwnFactor, ProofNeeded
from sekisho.people.errors.staff import LastOperatorLeaks
from sekisho.people.ledgers.resets import credential_resets
from sekisho.people.models import AccountReset, Session, User
from sekisho.people.queries import actor_of, roles_of, today
from sekisho.people.services.account_resets import ResetGrounds, reset_account
from sekisho.people.services.emergency import SealPlan, make_seal
from sekisho.people.services.links import Enrolment, enrol, offer_recovery
from sekisho.people.services.roles import grant_role
from sekisho.people.services.temporary_factors import Grounds, issue_factor
from sekisho.register.models import Event
from tests.conftest import PASSWORD, SEED, code_now

pytestmark = pytest.mark.django_db


def test_the_way_of_a_suspected_leak(signed_in: Callable[..., Client], browser_client: Callable[[], Client]) -> None:
    """The person's sessions end with the form, the link is shown once and opens, and the register knows why."""
    operator, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF)
    user: User = nurse.user  # type: ignore[attr-defined]
    address = f"/people/{user.staff_id}/accounts/{user.pk}/reset/"
    values = {"proof": "official", "document": "", "reason": "A mail asked for it.", "leak_suspected": "on"}
    assert operator.post(address, values).status_code == 422  # which paper, and where its copy is
    assert nurse.get("/").status_code == 200
    values["document"] = "Driving licence, binder 3"
    assert operator.post(address, values).headers["Location"] == f"{address}link/"
    assert nurse.get("/").status_code == 302
    assert not Session.objects.filter(user=user).exists()
    assert not User.objects.get(pk=user.pk).is_active
    link = operator.get(f"{address}link/").context["address"]
    assert operator.get(f"{address}link/").context["address"] == ""
    token = link.rstrip("/").rsplit("/", 1)[-1]
    assert browser_client().get(f"/invitation/{token}/").status_code in {200, 302}
    entry = Event.objects.get(action="account.reset").entry
    assert "Driving licence" in entry
    assert token not in entry
    assert AccountReset.objects.get().leak_suspected
    assert [member.missing for member in credential_resets()] == [()]


def reset(by: Actor, user: User, *, leak: bool) -> str:
    grounds = ResetGrounds("seen", "", "x", leak_suspected=leak, telling="print")
    return reset_account(actor=by, proved_at=clock.now(), user_id=user.pk, grounds=grounds)[1]


def test_a_reset_makes_nobody_operator(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """Once the only operator's role has ended, an older print brings a password back, and no role."""
    chief, deputy = make_person("chief", Role.SYSTEM_OPERATOR), make_person("deputy")
    nurse = make_person("nurse", Role.STAFF)
    by = actor_of(chief, session=None, network=None, assurance=2)
    grant_role(actor=by, proved_at=clock.now(), staff_id=deputy.staff_id, role=Role.SYSTEM_OPERATOR, until=today())
    second = actor_of(deputy, session=None, network=None, assurance=2)
    token = reset(second, nurse, leak=False)
    with pytest.raises(LastOperatorLeaks) as refused:
        reset(second, chief, leak=True)
    assert "sekisho people recover" in str(refused.value.hint)
    assert User.objects.get(pk=chief.pk).is_active
    chief.staff.grants.update(revoked_at=clock.now())  # however it came to this
    at_nine.moment += timedelta(hours=20)
    enrol(actor=anonymous("192.0.2.1"), token=token, enrolment=Enrolment("nurse", PASSWORD + "2", SEED, code_now()))
    assert roles_of(nurse.staff_id) == {Role.STAFF}
    _user, token = offer_recovery(actor=console(), login="chief")
    enrol(actor=anonymous("192.0.2.1"), token=token, enrolment=Enrolment("chief", PASSWORD + "3", SEED, code_now()))
    assert Role.SYSTEM_OPERATOR in roles_of(chief.staff_id)  # the console's way stays


def test_rights_ask_for_the_second_factor_again(
    make_person: Callable[..., User], signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """A session left open does not hand out ways in: forms lead to the proof, and the services refuse."""
    operator, user = signed_in(Role.SYSTEM_OPERATOR), make_person("boss", Role.PLANNING_MANAGER)
    by = actor_of(operator.user, session=None, network=None, assurance=2)  # type: ignore[attr-defined]
    at_nine.moment += timedelta(minutes=11)
    person = f"/people/{user.staff_id}/"
    forms = (f"{person}accounts/{user.pk}/reset/", f"{person}accounts/{user.pk}/factor/", "/emergency/new/")
    for address in forms:
        for answer in (operator.get(address), operator.post(address, {})):
            assert answer.headers["Location"].startswith("/my/sign-in/proof/?next=")
    answer = operator.post(f"{person}roles/grant/", {"role": "staff", "reason": "x"})
    assert answer.headers["Location"].startswith("/my/sign-in/proof/?next=")
    old, grounds = at_nine.moment - timedelta(minutes=11), ResetGrounds("seen", "", "x", leak_suspected=False)
    refused: list[Callable[[], object]] = [
        lambda: reset_account(actor=by, proved_at=old, user_id=user.pk, grounds=grounds),
        lambda: issue_factor(actor=by, proved_at=None, user_id=user.pk, grounds=Grounds("x", "seen", 1)),
        lambda: grant_role(actor=by, proved_at=old, staff_id=user.staff_id, role=Role.STAFF),
        lambda: make_seal(actor=by, proved_at=None, plan=SealPlan("x", frozenset({Role.STAFF}))),
    ]
    for act in refused:
        with pytest.raises(ProofNeeded):
            act()
    assert not AccountReset.objects.exists()
    assert roles_of(user.staff_id) == {Role.PLANNING_MANAGER}


def test_nobody_resets_themselves(make_person: Callable[..., User]) -> None:
    """The console is the way for the only operator."""
    user = make_person("operator", Role.SYSTEM_OPERATOR)
    acting = actor_of(user, session=None, network=None, assurance=2)
    with pytest.raises(OwnFactor):
        reset_account(
            actor=acting,
            proved_at=clock.now(),
            user_id=user.pk,
            grounds=ResetGrounds("seen", "", "x", leak_suspected=False),
        )
