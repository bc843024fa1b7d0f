"""What people offer to the rules of the review: accounts of other systems by their login, as their logs have it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sekisho.estate.models import System
from sekisho.kernel import clock
from sekisho.kernel.search import fold
from sekisho.people.models import Owner, Staff, SystemAccount
from sekisho.people.queries.ports import AccountsTable, StaffDirectory, StaffKana

pytestmark = pytest.mark.django_db


def account(login: str, staff: Staff | None, **more: Any) -> None:
    now, number = clock.now(), SystemAccount.objects.count() + 1
    system = System.objects.create(name=f"系統{number}", kind="chart", created_at=now, updated_at=now)
    SystemAccount.objects.create(
        number=number, system=system, login=login, login_key=fold(login), created_at=now, updated_at=now,
        confirmed_at=now, owner=Owner.objects.get(pk=staff.pk) if staff else None, **more,
    )  # fmt: skip


def person(make_person: Callable[..., Any], login: str, kana: str) -> Staff:
    staff: Staff = make_person(login).staff
    staff.kana = kana
    staff.save()
    return staff


def test_a_login_that_is_given_to_two_people_is_nobody_s(make_person: Callable[..., Any]) -> None:
    one, two = person(make_person, "one", "サトウ ハナ"), person(make_person, "two", "スズキ タロウ")
    account("C1", one)
    account("shared", one)
    account("shared", two)
    account("free", None)
    rows = dict(StaffKana().rows())
    assert rows["C1"] == "サトウ"
    assert not {"shared", "free"} & rows.keys()
    directory = StaffDirectory()
    found = directory.person_by_login("ｃ１", "")
    assert found is not None
    assert found.id == str(one.pk)
    assert [directory.person_by_login(login, "") for login in ("shared", "free", "nobody")] == [None] * 3


def test_an_account_ends_when_nobody_may_use_it_any_more(make_person: Callable[..., Any]) -> None:
    """The first of its own end, its closing and its owner's last day; a login goes on while one system keeps it."""
    owner = person(make_person, "one", "サトウ ハナ")
    left = person(make_person, "two", "スズキ タロウ")
    left.employed_until = date(2026, 3, 31)
    left.save()
    account("open", owner)
    account("expires", owner, expires_on=date(2026, 5, 31))
    account("leaver", left, expires_on=date(2026, 5, 31))
    account("half", owner, expires_on=date(2026, 5, 31))
    account("half", owner)
    account("closed", owner, closed_at=datetime(2026, 2, 1, 3, tzinfo=UTC))
    ends = {actor: ended for actor, _kind, ended in AccountsTable().rows()}

    def after(day: date) -> int:
        return int(datetime(day.year, day.month, day.day, 15, tzinfo=UTC).timestamp()) * 1_000_000  # midnight in Tokyo

    assert {name: ends[name] for name in ("open", "expires", "leaver", "half", "closed")} == {
        "open": 0,
        "expires": after(date(2026, 5, 31)),
        "leaver": after(date(2026, 3, 31)),
        "half": 0,
        "closed": after(date(2026, 2, 1)),
    }
