"""Roles and accounts: who holds what from when, and that an operator always remains."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict
from sekisho.kernel.ports import Directory, ReferenceTable
from sekisho.people.errors.staff import EmploymentReversed, EndsBeforeToday, LastOperator, RoleHeld, RoleNotGrantable
from sekisho.people.models import RoleGrant, User
from sekisho.people.queries import roles_of
from sekisho.people.services import roles
from sekisho.people.services.staff import PersonData, change_person


@pytest.mark.django_db
def test_a_role_runs_from_today_until_its_end(
    make_person: Callable[..., User], operator: Actor, at_nine: clock.FixedClock
) -> None:
    """The last day is included; afterwards it can be granted anew."""
    staff = make_person("suzuki").staff
    roles.grant_role(
        actor=operator, proved_at=clock.now(), staff_id=staff.pk, role=Role.AUDITOR, until=date(2026, 11, 22)
    )
    with pytest.raises(RoleHeld):
        roles.grant_role(actor=operator, proved_at=clock.now(), staff_id=staff.pk, role=Role.AUDITOR)
    assert roles_of(staff.pk) == {Role.AUDITOR}
    at_nine.moment += timedelta(days=2)
    assert roles_of(staff.pk) == frozenset()
    roles.grant_role(actor=operator, proved_at=clock.now(), staff_id=staff.pk, role=Role.AUDITOR)
    assert roles_of(staff.pk) == {Role.AUDITOR}
    assert RoleGrant.objects.filter(staff=staff).count() == 2, "the history stays"


@pytest.mark.django_db
def test_the_last_operator_cannot_be_lost(make_person: Callable[..., User], operator: Actor) -> None:
    """Neither by taking the role nor by disabling the account; an operator without an account does not count."""
    user = make_person("yamada", Role.SYSTEM_OPERATOR)
    grant = user.staff.grants.get()
    with pytest.raises(LastOperator):
        roles.revoke_role(actor=operator, staff_id=user.staff_id, grant_id=grant.pk)
    with pytest.raises(LastOperator):
        roles.disable_account(actor=operator, user_id=user.pk)
    other = make_person("suzuki", Role.SYSTEM_OPERATOR)
    roles.disable_account(actor=operator, user_id=other.pk)
    with pytest.raises(LastOperator):
        roles.disable_account(actor=operator, user_id=user.pk)
    roles.enable_account(actor=operator, user_id=other.pk)
    roles.disable_account(actor=operator, user_id=user.pk)
    with pytest.raises(Conflict):
        roles.disable_account(actor=operator, user_id=user.pk)


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_remove_each_other_at_once(make_person: Callable[..., User], operator: Actor) -> None:
    """Exactly one succeeds."""
    users = [make_person(login, Role.SYSTEM_OPERATOR) for login in ("yamada", "suzuki")]
    barrier = threading.Barrier(2, timeout=20)

    def disable(user: User) -> bool:
        barrier.wait()
        try:
            roles.disable_account(actor=operator, user_id=user.pk)
        except LastOperator:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, users)) == [False, True]


@pytest.mark.django_db
def test_taking_a_role_back_twice_is_a_conflict(make_person: Callable[..., User], operator: Actor) -> None:
    """The second of two clicks learns that it was done."""
    staff = make_person("suzuki", Role.AUDITOR).staff
    grant = staff.grants.get()
    roles.revoke_role(actor=operator, staff_id=staff.pk, grant_id=grant.pk)
    with pytest.raises(Conflict):
        roles.revoke_role(actor=operator, staff_id=staff.pk, grant_id=grant.pk)


@pytest.mark.django_db
def test_the_directory_port_answers_lower_rooms(make_person: Callable[..., User]) -> None:
    """Who is who, and the staff table for review rules."""
    user = make_person("suzuki", Role.AUDITOR, name="鈴木 一郎")
    (directory,) = registry.current().offers(Directory)
    person = directory.person(str(user.staff_id))
    assert person is not None
    assert (person.name, person.roles, person.active) == ("鈴木 一郎", {Role.AUDITOR}, True)
    assert [holder.name for holder in directory.holders(Role.AUDITOR)] == ["鈴木 一郎"]
    assert directory.holders(Role.INSPECTOR) == []
    table = next(table for table in registry.current().offers(ReferenceTable) if table.name == "staff")
    assert [dict(zip(table.columns, row, strict=True))["name"] for row in table.rows()] == ["鈴木 一郎"]


@pytest.mark.django_db
def test_the_last_operator_does_not_end_by_a_date(make_person: Callable[..., User], operator: Actor) -> None:
    """An employment or a grant that ends some day keeps nobody's place."""
    user = make_person("yamada", Role.SYSTEM_OPERATOR)
    data = PersonData(name="山田", employed_until=date(2030, 1, 1))
    with pytest.raises(LastOperator):
        change_person(actor=operator, staff_id=user.staff_id, version=1, data=data)
    other = make_person("suzuki")
    roles.grant_role(
        actor=operator,
        proved_at=clock.now(),
        staff_id=other.staff_id,
        role=Role.SYSTEM_OPERATOR,
        until=date(2030, 1, 1),
    )
    with pytest.raises(LastOperator):
        roles.disable_account(actor=operator, user_id=user.pk)
    lasting = make_person("sato", Role.SYSTEM_OPERATOR)
    assert lasting.is_active
    change_person(actor=operator, staff_id=user.staff_id, version=1, data=data)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CONSOLE, Role.PLATFORM, Role.ANONYMOUS])
def test_roles_that_stand_for_no_person_are_not_granted(
    make_person: Callable[..., User], operator: Actor, role: Role
) -> None:
    """The service refuses, not only the form."""
    user = make_person("suzuki")
    with pytest.raises(RoleNotGrantable):
        roles.grant_role(actor=operator, proved_at=clock.now(), staff_id=user.staff_id, role=role)


@pytest.mark.django_db
def test_an_end_in_the_past_is_refused(make_person: Callable[..., User], operator: Actor) -> None:
    """A grant that is over before it begins is a mistake; so is an employment that ends before it begins."""
    user = make_person("suzuki")
    with pytest.raises(EndsBeforeToday):
        roles.grant_role(
            actor=operator, proved_at=clock.now(), staff_id=user.staff_id, role=Role.AUDITOR, until=date(2020, 1, 1)
        )
    data = PersonData(name="鈴木", employed_from=date(2027, 4, 1), employed_until=date(2027, 3, 31))
    with pytest.raises(EmploymentReversed):
        change_person(actor=operator, staff_id=user.staff_id, version=1, data=data)
