"""The page of all ledgers: what each holds, what of it needs a look, and who may do what."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock, registry
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.queries import keeping
from sekisho.ledgers.queries.book_conditions import Attention
from sekisho.ledgers.queries.book_index import standing_of
from sekisho.ledgers.queries.books import Look, action_of, books, entries
from sekisho.ledgers.views.book_context import route_of
from sekisho.ui.navigation import build_navigation
from tests.conftest import actor_with
from tests.ledgers.reading import main, words
from tests.ledgers.trial_book import KEYS, LIST, Key, declared, enter, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


def test_every_ledger_stands_on_one_page_with_what_needs_a_look(
    operator: Actor, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    for name, due_on in (("甲", date(2026, 11, 20)), ("乙", date(2026, 11, 21)), ("丙", None)):
        enter(operator, name=name, due_on=due_on)
    shown = page(signed_in(Role.SYSTEM_OPERATOR), "/ledgers/")
    assert [ledger.id for ledger in books() if f'href="{reverse(route_of(ledger, "list"))}"' not in shown] == []
    row = re.search(rf'<tr><th scope="row"><a href="{LIST}">鍵台帳.*?</tr>', shown)
    assert row
    assert re.findall(r'<td class="number">(.*?)</td>', row[0])[0] == "3"
    expired = re.search(r'href="([^"]+attention=expired)">1</a>', row[0])
    assert expired
    assert page(signed_in(Role.AUDITOR), expired[1]).count('<th scope="row"') == 1


def test_the_counts_are_those_of_the_control(operator: Actor, at_nine: clock.FixedClock) -> None:
    """Two ways to the same numbers: what the database counts, and what the control reads entry by entry."""
    for number in range(6):
        due_on = date(2026, 11, 19 + number % 4)
        entry = enter(operator, name=str(number), due_on=due_on)
        age = timedelta(days=364 + number)
        Key.objects.filter(pk=entry.pk).update(confirmed_at=clock.now() - age)
    found, standing = keeping.kept(KEYS), standing_of(KEYS)
    assert standing.entries == found.entries == 6
    assert standing.lacking[Attention.EXPIRED] == len(found.expired) > 0
    assert standing.lacking[Attention.STALE] == len(found.stale) > 0
    assert entries(KEYS, Look(attention=Attention.STALE)).count() == len(found.stale)
    assert standing.lacking[Attention.UNAPPROVED] == 0, "a ledger without approvals lacks none"
    asked = replace(KEYS, workflow="trial.keys_approval")
    assert standing_of(asked).lacking[Attention.UNAPPROVED] == 6


def test_who_may_look_at_none_is_told_whom_to_ask(signed_in: Callable[..., Client]) -> None:
    shown = page(signed_in(Role.STAFF), "/ledgers/")
    assert words("No ledger is open to your role.") in main(shown)
    assert "鍵台帳" not in shown


def test_the_menu_holds_one_entry_for_all_ledgers() -> None:
    """A ledger stands in the menu by itself only where it asks for it."""
    actor = actor_with(*GRANTABLE)
    groups = build_navigation(actor, registry.current().pages, "/", lambda route: route)
    shown = {entry.url for group in groups for entry in group.entries}
    routes = {ledger.id.replace(".", ":"): ledger.in_navigation for ledger in books() if ledger is not KEYS}
    assert "ledgers:books" in shown
    assert {route for route in routes if route in shown} == {route for route, asks in routes.items() if asks}
    assert sum(routes.values()) <= 2


def test_the_table_of_rights_is_what_the_actions_say(signed_in: Callable[..., Client]) -> None:
    shown = page(signed_in(Role.AUDITOR), f"{LIST}rights/")
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', shown)
    assert len(rows) == len(GRANTABLE)
    for role, row in zip(GRANTABLE, rows, strict=True):
        assert str(role.label) in row
        marks = ["badge ok" in cell for cell in re.findall(r"<td>(.*?)</td>", row)]
        assert marks == [role in action_of(KEYS, verb).roles for verb in Verb]
