"""Changing what is known of a person."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, Forbidden
from sekisho.people.errors.staff import PersonInvalid, StaffNumberTaken
from sekisho.people.models import Staff, User
from sekisho.people.services.staff import PersonData, add_staff, change_person
from sekisho.register.models import Event
from tests.conftest import actor_with

pytestmark = pytest.mark.django_db


def test_a_change_is_recorded_and_nobody_is_overwritten(operator: Actor) -> None:
    """Name and last day; the second writer of the same version is told."""
    staff = add_staff(PersonData(name="鈴木", staff_number="7"))
    data = PersonData(name="鈴木 一郎", staff_number="7", employed_until=date(2027, 3, 31))
    change_person(actor=operator, staff_id=staff.pk, version=1, data=data)
    entry = json.loads(Event.objects.get().entry)
    assert entry["details"]["changes"] == {
        "name": ["鈴木", "鈴木 一郎"],
        "employed_until": [None, "2027-03-31"],
    }
    with pytest.raises(Conflict):
        change_person(actor=operator, staff_id=staff.pk, version=1, data=PersonData(name="上書き"))
    stored = Staff.objects.get()
    assert (stored.name, stored.version, stored.search_key) == ("鈴木 一郎", 2, "鈴木 一郎 7")


def test_bad_data_changes_nothing(operator: Actor) -> None:
    """Empty and poisoned names, somebody else's number, no right."""
    staff = add_staff(PersonData(name="鈴木"))
    add_staff(PersonData(name="佐藤", staff_number="9"))
    for data, error in (
        (PersonData(name=""), PersonInvalid),
        (PersonData(name="鈴\x00木"), PersonInvalid),
        (PersonData(name="鈴木", staff_number="9"), StaffNumberTaken),
        (PersonData(name="鈴木", profession="wizard"), PersonInvalid),
    ):
        with pytest.raises(error):
            change_person(actor=operator, staff_id=staff.pk, version=1, data=data)
    with pytest.raises(Forbidden):
        change_person(actor=actor_with(Role.AUDITOR), staff_id=staff.pk, version=1, data=PersonData(name="x"))
    assert Staff.objects.get(pk=staff.pk).version == 1
    assert Event.objects.count() == 0


def test_the_page_changes_a_person(signed_in: Callable[..., Client], make_person: Callable[..., User]) -> None:
    """The form opens with what is known, and a lost race is said in words."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    person = make_person("suzuki").staff
    address = reverse("people:change", args=[person.pk])
    assert "suzuki" in client.get(address).content.decode()
    values = {"name": "鈴木 一郎", "profession": "nurse", "version": "1", "employed_until": "R9.3.31"}
    assert client.post(address, values).status_code == 302
    answer = client.post(address, values)
    assert answer.status_code == 409
    assert "他の人が先に変更しました" in answer.content.decode()
