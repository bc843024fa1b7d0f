"""Nobody both operates and audits, and nobody approves access for another department: caught when it is done."""

from collections.abc import Callable

import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import approve
from sekisho.people.errors.accounts import NotTheirManager
from sekisho.people.errors.staff import BothDuties
from sekisho.people.models import RoleGrant, Staff, User
from sekisho.people.queries import roles_of
from sekisho.people.services.links import invite_person
from sekisho.people.services.operators import restore_operator
from sekisho.people.services.roles import grant_role, revoke_role
from sekisho.people.services.staff import PersonData
from sekisho.register.models import Event
from tests.people.granting import ask, decide, make_ward, role, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_operating_and_auditing_stay_in_different_hands(
    make_person: Callable[..., User], operator: Actor, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    """Whichever comes first, also by an invitation; nothing of the refused grant stays."""
    first = make_person("yamada", Role.SYSTEM_OPERATOR).staff
    second = make_person("suzuki", Role.AUDITOR).staff
    for staff, wanted in ((first, Role.AUDITOR), (second, Role.SYSTEM_OPERATOR)):
        with pytest.raises(BothDuties):
            grant_role(actor=operator, proved_at=clock.now(), staff_id=staff.pk, role=wanted)
        grant_role(actor=operator, proved_at=clock.now(), staff_id=staff.pk, role=Role.PLANNING_MANAGER)
    assert roles_of(first.pk) == {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER}
    both = (Role.AUDITOR, Role.SYSTEM_OPERATOR)
    with pytest.raises(BothDuties):
        invite_person(actor=operator, data=PersonData("新人"), roles=both)
    assert not Staff.objects.filter(name="新人").exists()
    grant = RoleGrant.objects.get(staff=second, role=Role.AUDITOR)
    revoke_role(actor=operator, staff_id=second.pk, grant_id=grant.pk)
    grant_role(actor=operator, proved_at=clock.now(), staff_id=second.pk, role=Role.SYSTEM_OPERATOR)
    client = signed_in(Role.SYSTEM_OPERATOR, login="sato")
    answer = client.post(f"/people/{second.pk}/roles/grant/", {"role": "auditor", "until": "", "reason": ""})
    assert answer.status_code == 409
    assert "would both operate systems and audit them" in answer.content.decode()
    form = {"name": "新人", "profession": "other", "roles": ["auditor", "system_operator"]}
    assert "would both operate" in client.post("/people/invite/", form).content.decode()


def test_who_is_recovered_as_operator_audits_no_more(make_person: Callable[..., User]) -> None:
    staff = make_person("suzuki", Role.AUDITOR).staff
    assert restore_operator(staff)
    assert roles_of(staff.pk) == {Role.SYSTEM_OPERATOR}


def test_who_operates_another_system_does_not_audit_here(signed_in: Callable[..., Client], operator: Actor) -> None:
    """As the requests for access say it."""
    ward = make_ward(signed_in)
    ask(ward, role=role(ward.emr, "サーバ管理", duty="operate"))
    with pytest.raises(BothDuties):
        grant_role(actor=operator, proved_at=clock.now(), staff_id=ward.nurse.pk, role=Role.AUDITOR)


def test_the_wrong_department_is_stopped_at_its_own_step(
    signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """Not when the operator grants: the approval is not stored, and the right manager goes on with the application."""
    ward = make_ward(signed_in)
    entry = ask(ward)
    with pytest.raises(NotTheirManager):
        decide(entry, ward.stranger)
    application = Application.objects.get()
    assert (application.state, application.stage) == ("submitted", 0)
    assert not Event.objects.filter(action="application.approve_part").exists()
    page = ward.stranger.post(f"/applications/{application.pk}/approve/", {"version": application.version})
    assert "does not speak for the department" in page.content.decode()
    for client in (ward.head, ward.operator):
        approve(actor=who(client), application_id=application.pk, version=application.version)
    assert Application.objects.get().state == "approved"
