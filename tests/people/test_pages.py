"""The pages of people: two who change at once, the link that is shown once, reasons, the history."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from sekisho.estate import ledgers
from sekisho.estate.models import Department
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import OneTimeLink, Staff, User
from sekisho.people.services import roles, staff
from sekisho.people.services.staff import PersonData
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db
INVITED = {"name": "鈴木 一郎", "profession": "clerk", "roles": ["planning_manager"]}


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


def words(msgid: str) -> str:
    """Return a text as the pages of these tests show it, escaped."""
    with override("ja"):
        return gettext(msgid).replace("'", "&#x27;")


def hidden_version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def last_reason() -> str:
    import json

    return str(json.loads(Event.objects.latest("source_seq").entry)["reason"])


def test_two_who_change_a_person_at_once_see_both_values(
    client: Client, make_person: Callable[..., User], operator: Actor
) -> None:
    person = make_person("suzuki", name="鈴木 一郎").staff
    address = reverse("people:change", args=[person.pk])
    theirs = PersonData(name="鈴木 一郎", kana="スズキ", profession="nurse", employed_until=date(2030, 3, 31))
    staff.change_person(actor=operator, staff_id=person.pk, version=1, data=theirs)
    mine = {"name": "佐藤 一郎", "profession": "clerk", "version": "1"}
    answer = client.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>鈴木 一郎</del>" in page
    assert "<ins>佐藤 一郎</ins>" in page
    assert "<del>看護師</del>" in page
    assert "<ins>事務職員</ins>" in page
    assert "令和12年3月31日</time></del>" in page
    assert Staff.objects.get(pk=person.pk).name == "鈴木 一郎"
    assert client.post(address, {**mine, "version": hidden_version(page)}).status_code == 302
    assert Staff.objects.get(pk=person.pk).name == "佐藤 一郎"


def test_a_fault_of_a_person_is_no_lost_race(client: Client, make_person: Callable[..., User]) -> None:
    taken = make_person("sato").staff
    Staff.objects.filter(pk=taken.pk).update(staff_number="007")
    person = make_person("suzuki").staff
    values = {"name": "x", "profession": "other", "version": "1"}
    for fault, field in (
        ({"staff_number": "007"}, "staff_number"),
        ({"employed_from": "2026/4/2", "employed_until": "2026/4/1"}, "employed_until"),
        ({"name": "a\u200bb"}, "name"),
    ):
        answer = client.post(reverse("people:change", args=[person.pk]), {**values, **fault})
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.content.decode()
        assert words("Stored now") not in answer.content.decode()


def test_a_closed_department_is_not_dropped(client: Client, make_person: Callable[..., User], operator: Actor) -> None:
    ward = add_entry(actor=operator, ledger=ledgers.DEPARTMENTS, values={"name": "3階東病棟"})
    person = make_person("suzuki").staff
    Staff.objects.filter(pk=person.pk).update(department=ward)
    Department.objects.update(closed_at=ward.created_at)
    address = reverse("people:change", args=[person.pk])
    page = client.get(address).content.decode()
    shown = words("%(name)s (closed)") % {"name": "3階東病棟"}
    assert f'<option value="{ward.pk}" selected>{shown}</option>' in page
    values = {"name": "鈴木", "profession": "nurse", "version": "1", "department": str(ward.pk)}
    assert client.post(address, values).status_code == 302
    assert Staff.objects.get(pk=person.pk).department_id == ward.pk
    assert str(ward.pk) not in client.get(reverse("people:invite")).content.decode()


def test_the_link_is_shown_once_and_invites_once(client: Client) -> None:
    answer = client.post(reverse("people:invite"), INVITED)
    person = Staff.objects.get(name="鈴木 一郎")
    page_of_link = reverse("people:link", args=[person.pk])
    assert answer.headers["Location"] == page_of_link
    assert client.head(page_of_link).status_code == 200, "looking at the headers uses nothing up"
    first = client.get(page_of_link)
    found = re.search(r'id="one-time-link">([^<]+)<', first.content.decode())
    assert found is not None
    assert re.fullmatch(rf"{re.escape(settings.ORIGIN)}/invitation/[\w-]{{43}}/", found[1])
    assert "no-store" in first.headers["Cache-Control"]
    again = client.get(page_of_link).content.decode()
    assert "/invitation/" not in again
    assert words("The link is not shown again.") in again
    assert Staff.objects.filter(name="鈴木 一郎").count() == OneTimeLink.objects.count() == 1


def test_a_link_is_shown_for_its_own_person_only(client: Client) -> None:
    client.post(reverse("people:invite"), INVITED)
    person = Staff.objects.get(name="鈴木 一郎")
    renewed = client.post(reverse("people:renew-link", args=[person.pk]))
    assert renewed.headers["Location"] == reverse("people:link", args=[person.pk])
    other = client.user.staff  # type: ignore[attr-defined]
    assert "/invitation/" not in client.get(reverse("people:link", args=[other.pk])).content.decode()
    assert "/invitation/" in client.get(reverse("people:link", args=[person.pk])).content.decode()


def test_who_has_an_account_gets_no_link(client: Client, make_person: Callable[..., User]) -> None:
    person = make_person("suzuki").staff
    answer = client.post(reverse("people:renew-link", args=[person.pk]), follow=True)
    assert 'class="toast ng"' in answer.content.decode()
    assert OneTimeLink.objects.count() == 0


def test_taking_a_role_back_needs_a_reason(client: Client, make_person: Callable[..., User]) -> None:
    person = make_person("suzuki", Role.AUDITOR).staff
    grant = person.grants.get()
    address = reverse("people:revoke", args=[person.pk, grant.pk])
    assert address in client.get(reverse("people:person", args=[person.pk])).content.decode()
    assert "監査者" in client.get(address).content.decode()
    for reason in ("", "a\x00b", "\u202eb"):
        answer = client.post(address, {"reason": reason})
        assert answer.status_code == 422
        assert 'id="id_reason_error"' in answer.content.decode()
    assert client.post(address, {"reason": "異動のため"}).status_code == 302
    assert last_reason() == "異動のため"
    assert client.post(address, {"reason": "もう一度"}).status_code == 409


def test_disabling_needs_a_reason_and_enabling_takes_one(client: Client, make_person: Callable[..., User]) -> None:
    user = make_person("suzuki", Role.STAFF)
    page = reverse("people:person", args=[user.staff_id])
    disable, enable = (reverse(f"people:{name}", args=[user.staff_id, user.pk]) for name in ("disable", "enable"))
    assert disable in client.get(page).content.decode()
    assert client.post(disable, {}).status_code == 422
    assert client.post(disable, {"reason": ""}).status_code == 422
    assert User.objects.get(pk=user.pk).is_active
    assert client.post(disable, {"reason": "退職"}).headers["Location"] == page
    assert last_reason() == "退職"
    assert enable in client.get(page).content.decode()
    assert "suzuki" in client.get(enable).content.decode()
    assert client.post(enable, {"reason": ""}).status_code == 302
    assert User.objects.get(pk=user.pk).is_active


def test_the_last_operator_is_refused_with_the_reason_kept(client: Client) -> None:
    me = client.user  # type: ignore[attr-defined]
    answer = client.post(reverse("people:disable", args=[me.staff_id, me.pk]), {"reason": "試しに"})
    assert answer.status_code == 409
    assert "試しに</textarea>" in answer.content.decode()


def test_a_right_is_looked_for_at_its_person(client: Client, make_person: Callable[..., User]) -> None:
    """An address put together of two people leads nowhere."""
    one, other = make_person("suzuki", Role.AUDITOR), make_person("sato", Role.AUDITOR)
    grant = other.staff.grants.get()
    assert client.post(reverse("people:revoke", args=[one.staff_id, grant.pk]), {"reason": "x"}).status_code == 404
    assert client.post(reverse("people:disable", args=[one.staff_id, other.pk]), {"reason": "x"}).status_code == 404


def test_no_role_is_chosen_beforehand(client: Client, make_person: Callable[..., User]) -> None:
    person = make_person("suzuki").staff
    page = client.get(reverse("people:person", args=[person.pk])).content.decode()
    choices = re.search(r'<select name="role".*?</select>', page, re.DOTALL)
    assert choices is not None
    assert re.search(r"<option[^>]*>([^<]*)</option>", choices[0])[1] == "選択してください"  # type: ignore[index]
    assert client.post(reverse("people:grant", args=[person.pk]), {"role": ""}).status_code == 422
    assert client.post(reverse("people:grant", args=[person.pk]), {"role": "staff"}).status_code == 302


def test_the_history_tells_of_the_person_and_their_accounts(
    client: Client, make_person: Callable[..., User], operator: Actor
) -> None:
    user = make_person("suzuki", name="鈴木 一郎")
    data = PersonData(name="鈴木 一郎", profession="nurse", employed_until=date(2030, 3, 31))
    staff.change_person(actor=operator, staff_id=user.staff_id, version=1, data=data)
    roles.disable_account(actor=operator, user_id=user.pk, reason="休職のため")
    roles.grant_role(actor=operator, proved_at=clock.now(), staff_id=user.staff_id, role=Role.AUDITOR)
    page = client.get(reverse("people:person", args=[user.staff_id])).content.decode()
    history = page[page.index(words("What happened to this person")) :]
    order = [history.index(text) for text in ("役割の付与", "休職のため", "職種: その他 → 看護師")]
    assert order == sorted(order), "the newest first, whoever it is about"
    assert "在籍終了日: 令和12年3月31日" in history
    client.cookies["sekisho_calendar"] = "seireki"
    assert "在籍終了日: 2030/03/31" in client.get(reverse("people:person", args=[user.staff_id])).content.decode()


@pytest.mark.parametrize(("role", "seen"), [(Role.AUDITOR, True), (Role.DEPARTMENT_MANAGER, False)])
def test_the_history_is_for_readers_of_the_register(
    signed_in: Callable[..., Client], make_person: Callable[..., User], role: Role, seen: bool
) -> None:
    person = make_person("suzuki").staff
    page = signed_in(role).get(reverse("people:person", args=[person.pk])).content.decode()
    assert "suzuki" in page
    assert ("<h2>履歴</h2>" in page) is seen
    assert "<textarea" not in page
    assert "/disable/" not in page
