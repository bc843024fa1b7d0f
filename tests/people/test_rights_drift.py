"""The rights that a system shows are held against those that were granted; what cannot be seen is unknown."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.people.controls import rights_drift
from sekisho.people.rules.access_requests import FOR_ALL, Difference, Request, drift, rights_in, speaks_for
from sekisho.people.rules.owners import Seen
from sekisho.people.services.id_review import SnapshotData, store_snapshot
from tests.people.granting import CLERK, DAY, Ward, ask, granted, make_ward, note

TOLD = ("login", "rights", "administrator")


def finding(ward: Ward) -> Finding:
    return next(found for found in rights_drift.check() if found.subject.id == str(ward.emr.pk))


def show(ward: Ward, taken_on: date, *seen: Seen, columns: Any = TOLD) -> Finding:
    """Read a list of the system in, and look."""
    data = SnapshotData(taken_on, seen, columns, "利用者.csv")
    store_snapshot(actor=CLERK, system_id=ward.emr.pk, data=data)
    return finding(ward)


@pytest.mark.django_db
@pytest.mark.failing_fixture("people.rights_drift")
def test_rights_that_nobody_granted_are_named(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> None:
    """More, less, none at all, gone; and a list without rights, of nobody, or from long ago shows nothing."""
    ward = make_ward(signed_in)
    assert finding(ward).outcome is Outcome.UNKNOWN, "never read in"
    granted(ward)
    later = DAY + timedelta(days=1)
    at_nine.moment += timedelta(days=1)
    hanako, off = Seen("hanako", rights="看護記録", administrator=False), Seen("old", active=False, rights="管理者")
    assert show(ward, later, hanako, off).outcome is Outcome.PASS
    assert show(ward, later, hanako, columns=("login",)).outcome is Outcome.UNKNOWN, "of rights it says nothing"
    assert show(ward, later).outcome is Outcome.UNKNOWN, "nobody is there"
    ask(ward, role=ward.admin)  # asked for is not granted
    found = show(ward, later, Seen("HANAKO", rights="看護記録, 管理者", administrator=True), Seen("taro"))
    assert found.outcome is Outcome.FAIL
    assert found.facts["logins"] == {"HANAKO": ["more", "administrator"], "taro": ["ungranted"]}
    assert show(ward, later, Seen("hanako", rights="")).facts["logins"] == {"hanako": ["less"]}
    assert show(ward, later, Seen("old", active=False)).facts["logins"] == {"hanako": ["missing"]}
    entry = granted(ward, role=ward.admin, beyond="主任")
    at_nine.moment += timedelta(days=1)
    both = Seen("hanako", rights="管理者／看護記録", administrator=True)
    assert show(ward, later + timedelta(days=1), both).outcome is Outcome.PASS
    note(entry, withdrawn_on=later + timedelta(days=1))
    at_nine.moment += timedelta(days=1)
    assert finding(ward).outcome is Outcome.PASS, "on that day it was right"
    assert show(ward, later + timedelta(days=2), both).outcome is Outcome.FAIL, "withdrawn here, not there"
    at_nine.moment += timedelta(days=60)
    assert finding(ward).outcome is Outcome.UNKNOWN, "too old to know"


def test_what_was_cut_off_is_not_seen() -> None:
    """A list of rights as long as the longest that is kept may have gone on."""
    request = Request("a", "p", "r", administers=False, since=DAY - timedelta(days=1), until=None, withdrawn=None)
    found = drift([Seen("a", rights="r" * 200)], [request], names=(), columns=TOLD, day=DAY)
    assert (dict(found.found), found.blind) == ({}, True)


@pytest.mark.parametrize(("days", "says"), [(-1, ()), (0, ()), (1, (Difference.UNGRANTED,))])
def test_on_the_day_of_a_change_both_are_right(days: int, says: tuple[Difference, ...]) -> None:
    """Nobody knows which came first on that day; the day after it is known."""
    request = Request(
        "a", "p", "r", administers=False, since=DAY - timedelta(days=9), until=None, withdrawn=DAY - timedelta(days)
    )
    found = drift([Seen("a", rights="r")], [request], names=(), columns=TOLD, day=DAY)
    assert found.found.get("a", ()) == says
    absent = drift([Seen("b")], [request], names=(), columns=TOLD, day=DAY)
    assert ("a" in absent.found) == (days < 0)


@given(st.frozensets(st.sampled_from(Role)), st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 2]))
def test_only_ones_own_department_or_the_management_speaks(
    roles: frozenset[Role], own: int | None, department: int | None
) -> None:
    if speaks_for(roles, own, department):
        assert roles & FOR_ALL or (Role.DEPARTMENT_MANAGER in roles and own == department is not None)


@given(st.lists(st.sampled_from(["a", "b c", "d"]), unique=True), st.sampled_from("、,;/|"))
def test_rights_are_told_apart_however_they_are_written(words: list[str], separator: str) -> None:
    assert rights_in(f" {separator} ".join(words), ()) == set(words)
    whole = f"x{separator}y"
    assert rights_in(whole.upper(), {whole}) == {whole}, "one role whose name holds the sign"
