"""Several entries of a ledger at once, without a script: chosen, looked at, stored all or none."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import ChoiceRefused
from sekisho.ledgers.forms.book_bulk import CONFIRM, read_chosen, write_chosen
from sekisho.ledgers.services import books
from sekisho.ledgers.services.book_bulk import MOST_AT_ONCE, Chosen, confirm_entries
from sekisho.register.models import Event
from tests.ledgers.reading import words
from tests.ledgers.trial_book import KEYS, LIST, Key, declared, enter, page

pytestmark = pytest.mark.django_db
BULK = f"{LIST}bulk/"


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def hidden(shown: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', shown)
    assert found, shown
    return found[1]


def asked(client: Client, entries: list[Any], do: str) -> str:
    """Tick entries in the list and say what is to be done; returns what the page carries on."""
    ticks = "&".join(f"bulk-entry={entry.pk}" for entry in entries)
    shown = page(client, f"{BULK}?bulk-do={do}&{ticks}")
    return hidden(shown, "chosen")


def actions() -> list[str]:
    return list(Event.objects.order_by("source_seq").values_list("action", flat=True))


def test_one_value_for_several_entries_is_looked_at_and_then_stored(
    at_nine: clock.FixedClock, keeper: Client, operator: Actor
) -> None:
    now, before = clock.now(), clock.now() - timedelta(days=1)
    at_nine.moment = before
    first, second, third = (
        enter(operator, name=name, place=place) for name, place in zip("甲乙丙", ("box", "safe", "box"), strict=True)
    )
    at_nine.moment = now
    listed = page(keeper, LIST)
    assert listed.count('name="bulk-entry"') == 3
    assert '<option value="place">' in listed
    chosen = asked(keeper, [first, second], "place")
    assert keeper.post(BULK, {"do": "place", "chosen": chosen, "value": "机"}).status_code == 422
    looked = keeper.post(BULK, {"do": "place", "chosen": chosen, "value": "safe"}).content.decode()
    assert "金庫" in looked
    assert words("Unchanged") in looked
    assert Key.objects.get(pk=first.pk).place == "box", "looking stores nothing"
    sent = {name: hidden(looked, name) for name in ("do", "chosen", "value")}
    assert keeper.post(BULK, {**sent, "sure": "1"}).headers["Location"] == LIST
    first, second, third = Key.objects.order_by("number")
    assert [key.place for key in (first, second, third)] == ["safe", "safe", "box"]
    assert [key.version for key in (first, second, third)] == [2, 1, 1], "what says so already is not touched"
    assert (first.updated_at, first.confirmed_at) == (clock.now(), before), "nobody looked at the rest of it"
    assert actions() == [*["key.add"] * 3, "key.change"]
    assert json.loads(Event.objects.get(action="key.change").entry)["details"] == {
        "changes": {"place": ["box", "safe"]}
    }


@pytest.mark.parametrize(
    ("field", "value", "stored"), [("spare", "yes", True), ("due_on", "R9.3.31", None), ("note", "二行\nある", None)]
)
def test_every_kind_of_column_survives_the_second_look(
    keeper: Client, operator: Actor, field: str, value: str, stored: object
) -> None:
    entries = [enter(operator, name=name) for name in "甲乙"]
    looked = keeper.post(BULK, {"do": field, "chosen": asked(keeper, entries, field), "value": value}).content.decode()
    sent = {name: hidden(looked, name) for name in ("do", "chosen", "value")}
    keeper.post(BULK, {**sent, "sure": "1"})
    found = {getattr(key, field) for key in Key.objects.all()}
    assert len(found) == 1
    assert found != {getattr(entries[0], field)}
    assert stored is None or found == {stored}


def test_a_change_in_between_keeps_all_of_them_as_they_were(keeper: Client, operator: Actor) -> None:
    first, second = enter(operator, name="甲"), enter(operator, name="乙")
    chosen = asked(keeper, [first, second], "copies")
    books.change_entry(actor=operator, ledger=KEYS, entry_id=second.pk, version=1, values={"name": "丙"})
    keeper.post(BULK, {"do": "copies", "chosen": chosen, "value": "9", "sure": "1"})
    assert "KY-00002" in page(keeper, LIST), "which one stood in the way is said"
    assert set(Key.objects.values_list("copies", flat=True)) == {1}
    chosen = asked(keeper, [first, second], CONFIRM)
    books.close_entry(actor=operator, ledger=KEYS, entry_id=second.pk, version=2, reason="廃止")
    keeper.post(BULK, {"do": CONFIRM, "chosen": chosen, "sure": "1"})
    assert "key.confirm" not in actions()


def test_all_that_match_are_confirmed(at_nine: clock.FixedClock, keeper: Client, operator: Actor) -> None:
    now = clock.now()
    at_nine.moment = now - timedelta(days=366)
    for name in "甲乙丙":
        enter(operator, name=name, place="safe" if name == "乙" else "box")
    at_nine.moment = now
    stale = f"{LIST}?attention=stale"
    assert page(keeper, stale).count('name="bulk-entry"') == 3
    shown = page(keeper, f"{BULK}?bulk-do={CONFIRM}&bulk-all=1&place=box&attention=stale")
    assert "KY-00002" not in shown
    sent = {name: hidden(shown, name) for name in ("do", "chosen")}
    keeper.post(BULK, {**sent, "sure": "1"})
    assert list(Key.objects.filter(confirmed_at=clock.now()).values_list("name", flat=True)) == ["甲", "丙"]
    assert page(keeper, stale).count('name="bulk-entry"') == 1
    assert actions()[3:] == ["key.confirm"] * 2


@pytest.mark.parametrize(
    "query", ["", "bulk-do=place", "bulk-do=place&bulk-entry=x", "bulk-do=password&bulk-all=1", "bulk-all=1"]
)
def test_nothing_chosen_is_nothing_done(keeper: Client, operator: Actor, query: str) -> None:
    enter(operator, name="甲")
    assert keeper.get(f"{BULK}?{query}").headers["Location"].startswith(LIST)
    assert keeper.post(BULK, {"do": "place", "chosen": "x", "value": "safe", "sure": "1"}).headers["Location"] == LIST
    assert actions() == ["key.add"]


def test_no_more_than_what_somebody_can_look_at(operator: Actor) -> None:
    many = [Chosen(uuid4(), 1)] * (MOST_AT_ONCE + 1)
    for chosen in ([], many):
        with pytest.raises(ChoiceRefused):
            confirm_entries(actor=operator, ledger=KEYS, chosen=chosen)


@given(st.lists(st.tuples(st.uuids(), st.integers(1, 2**31)), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))
def test_what_the_form_carries_is_read_back(pairs: list[tuple[Any, int]]) -> None:
    entries = [type("Entry", (), {"pk": pk, "version": version}) for pk, version in pairs]
    assert read_chosen(write_chosen(entries)) == [Chosen(pk, version) for pk, version in pairs]


@pytest.mark.parametrize(
    "text", ["", "x", "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000:x"]
)
def test_what_carries_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_chosen(text)
