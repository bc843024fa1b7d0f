"""Views of a ledger under a name, and adding one entry after the other."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.assets.ledgers import DEVICES
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.errors import ViewRefused
from sekisho.ledgers.forms.books import entry_form
from sekisho.ledgers.models import BookView
from sekisho.ledgers.queries.book_conditions import Attention
from sekisho.ledgers.queries.books import Look, Shelf
from sekisho.ledgers.services import book_views
from sekisho.ledgers.views.book_looks import look_of, query_of
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.ledgers.reading import words
from tests.ledgers.trial_book import KEYS, LIST, Key, declared, enter, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def kept(client: Client, name: str, query: str, **more: str) -> str:
    answer = client.post(f"{LIST}views/", {"name": name, "query": query, **more})
    address: str = answer.headers["Location"]
    return address


def test_a_look_is_kept_under_a_name_and_found_above_the_list(keeper: Client, operator: Actor) -> None:
    enter(operator, name="甲", place="safe")
    enter(operator, name="乙")
    assert words("Keep this view") not in page(keeper, LIST)
    query = "place=safe&order=-copies"
    assert words("Keep this view") in page(keeper, f"{LIST}?{query}")
    address = kept(keeper, "金庫だけ", f"{query}&page=9&csrf=x")
    assert address == f"{LIST}?{query}", "what is no part of a look is left out"
    shown = page(keeper, LIST)
    link = re.search(r'href="\?([^"]+)">金庫だけ', shown)
    assert link
    assert page(keeper, f"{LIST}?{link[1].replace('&amp;', '&')}").count('<th scope="row"') == 1
    kept(keeper, "金庫だけ", "place=safe")
    view = BookView.objects.get()
    assert view.query == "place=safe", "the same name is the same view"
    remove = f"{LIST}views/{view.pk}/remove/"
    assert "金庫だけ" in page(keeper, remove)
    assert keeper.post(remove).headers["Location"] == LIST
    assert not BookView.objects.exists()
    assert list(Event.objects.order_by("source_seq").values_list("action", flat=True))[2:] == [
        "ledger.keep_view",
        "ledger.keep_view",
        "ledger.drop_view",
    ]


def test_views_are_shared_by_the_owner_role_only(keeper: Client, signed_in: Callable[..., Client]) -> None:
    auditor = signed_in(Role.AUDITOR)
    kept(auditor, "監査用", "place=safe", shared="on")
    kept(keeper, "全員用", "place=box", shared="on")
    assert [view.shared for view in BookView.objects.order_by("kept_at")] == [False, True]
    assert "全員用" in page(auditor, LIST)
    assert "監査用" in page(auditor, LIST)
    assert "監査用" in page(auditor, LIST), "a message of before is not what is seen"
    assert "監査用" not in page(keeper, LIST)
    own, shared = BookView.objects.order_by("kept_at")
    assert auditor.post(f"{LIST}views/{shared.pk}/remove/").status_code == 404
    assert keeper.post(f"{LIST}views/{own.pk}/remove/").status_code == 404
    other = signed_in(Role.SYSTEM_OPERATOR, login="other")
    assert other.post(f"{LIST}views/{shared.pk}/remove/").status_code == 302, "the owner role keeps what is shared"


def test_a_view_needs_a_name_and_there_are_not_too_many(
    keeper: Client, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "　", "あ" * 61):
        kept(keeper, name, "place=safe")
    monkeypatch.setattr(book_views, "MOST_VIEWS", 1)
    keep: dict[str, Any] = {"actor": operator, "ledger": KEYS, "query": "", "shared": False}
    book_views.keep_view(name="一", **keep)
    with pytest.raises(ViewRefused):
        book_views.keep_view(name="二", **keep)
    with pytest.raises(NotFound):
        stranger = actor_with(Role.AUDITOR, actor_id="00000000-0000-7000-8000-000000000002")
        book_views.drop_view(actor=stranger, ledger=KEYS, view_id=BookView.objects.get().pk)
    assert BookView.objects.count() == 1


LOOKS = st.builds(
    Look,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    shelf=st.sampled_from(Shelf),
    narrowed=st.fixed_dictionaries(
        {"place": st.sampled_from(["", "safe", "&=%"]), "spare": st.sampled_from(["", "yes"])}
    ),
    order=st.sampled_from(["number", "-number", "copies", "x&y"]),
    year=st.none() | st.integers(1950, 2999),
    attention=st.none() | st.sampled_from(Attention),
)


@given(LOOKS)
def test_an_address_says_what_the_look_was(look: Look) -> None:
    assert look_of(KEYS, QueryDict(query_of(look))) == look


def test_one_entry_after_the_other_with_the_keyboard_alone(keeper: Client, operator: Actor) -> None:
    form = page(keeper, f"{LIST}new/")
    first_field = re.search(r"<input[^>]*autofocus[^>]*>", form)
    assert first_field
    assert 'name="name"' in first_field[0]
    answer = keeper.post(f"{LIST}new/", {"name": "甲", "place": "box", "copies": "1", "then": "next"})
    assert answer.headers["Location"] == f"{LIST}new/?then=next"
    again = page(keeper, answer.headers["Location"])
    buttons = re.findall(r'<button class="button[^>]*>', again[again.index("data-guard") :])
    assert 'value="next"' in buttons[0], "Enter presses the first button: one stays in the form"
    assert "autofocus" in again


def test_an_entry_is_the_template_of_the_next(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="甲", place="safe", copies=3, spare=True, note="控え", due_on="2027-03-31")
    assert f"{LIST}new/?like={entry.pk}" in page(keeper, f"{LIST}{entry.pk}/")
    form = page(keeper, f"{LIST}new/?like={entry.pk}")
    for part in ('value="甲"', 'value="safe" selected', 'value="3"', "checked", "控え"):
        assert part in form
    assert "2027" not in form[form.index('name="due_on"') :][:200], "a day is true of one entry only"
    assert keeper.get(f"{LIST}new/?like=00000000-0000-7000-8000-000000000000").status_code == 404
    assert Key.objects.count() == 1


def test_a_model_s_own_words_for_nothing_stay() -> None:
    choices: Any = entry_form(DEVICES)().fields["protection"]
    assert words("Not known") == str(choices.choices[0][1])
