"""Reading a file in takes turns: what is asked for again, and what breaks off in the middle."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.kernel.access import Role
from sekisho.ledgers.models import BookNumber, ImportDraft
from sekisho.ledgers.services import book_import
from sekisho.ledgers.views import book_import as views
from sekisho.register.models import Event
from tests.ledgers.trial_book import LIST, Key, declared, page

pytestmark = pytest.mark.django_db
THREE = "鍵の名称,保管場所\r\n甲,鍵箱\r\n乙,鍵箱\r\n丙,金庫\r\n"


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def give(client: Client) -> str:
    """Give the file and return the address under which it is taken over."""
    shown = client.post(f"{LIST}import/", {"file": SimpleUploadedFile("鍵.csv", THREE.encode())}).content.decode()
    found = re.search(r'action="([^"]+/import/[0-9a-f-]+/)"', shown)
    assert found
    return found[1]


def test_the_address_of_a_kept_file_can_be_asked_for_again(keeper: Client, signed_in: Callable[..., Client]) -> None:
    address = give(keeper)
    shown = page(keeper, address)
    assert address in shown
    assert "丙" in shown
    forms = re.findall(r"<form[^>]*>", shown[shown.index("<main") :])
    stores = [form for form in forms if f'action="{address}"' in form]
    reads = [form for form in forms if f'action="{LIST}import/"' in form]
    assert (len(stores), len(reads)) == (1, 2), "another file or another reading never stores this one"
    other = signed_in(Role.SYSTEM_OPERATOR, login="other")
    assert other.get(address).headers["Location"] == f"{LIST}import/", "what somebody else gave is not shown"
    assert keeper.post(address).headers["Location"] == LIST
    assert keeper.get(address).headers["Location"] == f"{LIST}import/", "taken over once"
    assert Key.objects.count() == 3


def test_what_breaks_off_in_the_middle_has_done_nothing(keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = give(keeper)
    events, add = Event.objects.count(), book_import.add_entry

    def break_off(**row: Any) -> Any:
        if Key.objects.count() == 2:
            raise ConnectionResetError
        return add(**row)

    monkeypatch.setattr(book_import, "add_entry", break_off)
    assert keeper.post(address).status_code == 500
    assert (Key.objects.count(), BookNumber.objects.count(), Event.objects.count()) == (0, 0, events)
    assert ImportDraft.objects.count() == 1, "the file is still there"
    monkeypatch.setattr(book_import, "add_entry", add)
    keeper.post(address)
    assert list(Key.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_a_long_file_shows_that_it_is_being_read(keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_AT_ONCE", 3)

    def given(text: str) -> str:
        answer = keeper.post(f"{LIST}import/", {"file": SimpleUploadedFile("鍵.csv", text.encode())})
        found = re.search(r'hx-get="([^"]+)"', answer.content.decode())
        assert found
        assert "<progress" in answer.content.decode()
        assert f'<a href="{found[1]}">' in answer.content.decode(), "without a script there is a link"
        return found[1]

    assert "丙" in page(keeper, given(THREE))
    assert keeper.get(given("\x00\x01\x02\x03")).headers["Location"] == f"{LIST}import/"
    assert ImportDraft.objects.count() == 1, "what cannot be read is not kept"
