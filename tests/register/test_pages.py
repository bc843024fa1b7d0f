"""The register's pages: events in the reader's words, never longer than a page bears."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import Calendar
from sekisho.people.actions import PeopleAction
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.register.views.wording import details
from sekisho.ui.display import Display

WAREKI = Display("ja", Calendar.WAREKI)


def document(kind: str = "system", reason: str = "", **more: Any) -> dict[str, Any]:
    return {"reason": reason, "subject": {"kind": kind, "id": "1", "label": "x"}, "details": more}


@pytest.mark.django_db
def test_one_event_cannot_make_a_page_huge(signed_in: Callable[..., Client], operator: Actor) -> None:
    with transaction.atomic():
        append(
            actor=operator,
            action=EstateAction.CHANGE,
            subject=SubjectRef("system", "1", "電子カルテ"),
            details={"changes": {"note": ["あ" * 2_000, "い" * 2_000]}, "roles": ["う" * 2_000] * 3},
            reason="え" * 2_000,
        )
    page = signed_in(Role.AUDITOR).get(reverse("register:list")).content.decode()
    for letter, count in (("あ", 200), ("い", 200), ("う", 200), ("え", 500)):
        assert f"{letter * count}…" in page
        assert letter * (count + 1) not in page


def test_a_short_value_stays_whole() -> None:
    text = "あ" * 200
    assert details(document(changes={"note": [None, text]}), WAREKI) == f"備考: {text}"


def test_days_are_written_in_the_reader_s_calendar() -> None:
    changed = document(changes={"renewal_on": ["2027-04-01", "2028-04-01"]})
    assert details(changed, WAREKI) == "次期更新予定日: 令和9年4月1日 → 令和10年4月1日"
    assert details(changed, Display("ja", Calendar.SEIREKI)).endswith("2027/04/01 → 2028/04/01")
    assert details(document(until="2027-04-01"), WAREKI) == "終了日: 令和9年4月1日"
    assert details(document(until="2027-13-41"), WAREKI) == "終了日: 2027-13-41"


def test_fields_of_a_person_have_the_names_of_the_form() -> None:
    changed = document("person", changes={"kana": [None, "スズキ"], "profession": ["other", "nurse"]})
    assert details(changed, WAREKI) == "フリガナ: スズキ / 職種: other → nurse"
    assert details(changed, WAREKI, {"profession": {"other": "その他", "nurse": "看護師"}}).endswith("その他 → 看護師")


def test_what_people_wrote_is_not_taken_for_a_code() -> None:
    """A remark that happens to be a code word stays the remark."""
    assert details(document(changes={"note": [None, "password"]}), WAREKI) == "備考: password"
    assert details(document(factor="password"), WAREKI).endswith("パスワード")


@pytest.mark.django_db
def test_a_visitor_is_named_by_where_they_came_from(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    browser_client().post(reverse("people:sign-in"), {"login": "nobody", "password": "x"})
    page = signed_in(Role.AUDITOR).get(reverse("register:list"), {"action": PeopleAction.SIGN_IN}).content.decode()
    assert "127.0.0.1" in page
