"""Files of a ledger's entries: hashed, in versions, never removed, never opened as a page of ours."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.test import Client

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.errors import AppendOnlyViolation, CommentMissing, EntryEnded, FileDamaged, FilesRefused
from sekisho.ledgers.models import BookFile, FileData
from sekisho.ledgers.queries.book_files import bytes_of
from sekisho.ledgers.services import applications, book_files, books
from sekisho.ledgers.services.applications import NewFile
from sekisho.register.models import Event
from tests.ledgers.reading import words
from tests.ledgers.trial_book import KEYS, LIST, declared, enter, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def attach(actor: Actor, entry: Any, name: str, data: bytes) -> BookFile:
    return book_files.attach_file(actor=actor, ledger=KEYS, entry_id=entry.pk, file=NewFile(name, data))


def events(entry: Any) -> list[tuple[str, Any]]:
    rows = Event.objects.filter(subject_id=str(entry.pk)).order_by("source_seq")
    return [(row.action, json.loads(row.entry)["details"]) for row in rows]


def test_versions_stay_and_what_is_withdrawn_says_so(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="旧館")
    address = f"{LIST}{entry.pk}/"

    def give(data: bytes) -> str:
        file = SimpleUploadedFile("写真.txt", data)
        assert keeper.post(f"{address}files/", {"file": file}).headers["Location"] == address
        return page(keeper, address)

    assert words("No files are attached.") in page(keeper, address)
    give(b"one")
    assert words("it is attached already, with the same content.") in give(b"one")
    shown = give(b"two")
    second, first = BookFile.objects.order_by("-version")
    assert (first.version, second.version) == (1, 2)
    assert words("Older version") in shown
    assert [keeper.get(f"{address}files/{file.pk}/").content for file in (first, second)] == [b"one", b"two"]

    withdraw = f"{address}files/{second.pk}/withdraw/"
    assert "写真.txt" in page(keeper, withdraw)
    assert keeper.post(withdraw, {"reason": ""}).status_code == 422
    assert keeper.post(withdraw, {"reason": "別の鍵の写真"}).headers["Location"] == address
    shown = page(keeper, address)
    assert "別の鍵の写真" in shown
    assert words("Older version") not in shown, "what came before it counts again"
    assert keeper.get(f"{address}files/{second.pk}/").content == b"two", "it stays readable"
    with pytest.raises(Conflict):
        book_files.withdraw_file(actor=operator, ledger=KEYS, entry_id=entry.pk, file_id=second.pk, reason="又")
    give(b"two")
    sha256 = hashlib.sha256(b"two").hexdigest()
    told = {"file": "写真.txt", "number": 2, "bytes": 3, "sha256": sha256}
    assert [name for name, _details in events(entry)] == ["key.add", *["key.attach"] * 2, "key.detach", "key.attach"]
    assert [details for _name, details in events(entry)][2:4] == [told, told]


def test_a_hostile_file_is_kept_and_handed_out_as_bytes_only(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="旧館")
    stored = attach(operator, entry, "..\\..\\etc/../鍵\u0304か\u3099.html", b"<script>alert(1)</script>")
    assert stored.name == "鍵\u0304が.html", "no folder, and one way to write it"
    answer = keeper.get(f"{LIST}{entry.pk}/files/{stored.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    other = enter(operator, name="新館")
    assert keeper.get(f"{LIST}{other.pk}/files/{stored.pk}/").status_code == 404, "only under its own entry"


def test_what_is_no_proper_file_is_refused(operator: Actor, keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = enter(operator, name="旧館")
    monkeypatch.setattr(applications, "LARGEST_FILE", 3)
    monkeypatch.setattr(book_files, "MOST_VERSIONS", 2)
    for name, data, error in (
        ("空.txt", b"", FilesRefused),
        ("..", b"x", FilesRefused),
        ("大.txt", b"four", FilesRefused),
        ("\u202ecod.exe", b"x", InvisibleCharacters),
    ):
        with pytest.raises(error):
            attach(operator, entry, name, data)
    assert keeper.post(f"{LIST}{entry.pk}/files/", {}).status_code == 302
    file = attach(operator, entry, "一.txt", b"1")
    attach(operator, entry, "二.txt", b"2")
    with pytest.raises(FilesRefused):
        attach(operator, entry, "三.txt", b"3")
    with pytest.raises((CommentMissing, InvalidInput)):
        book_files.withdraw_file(actor=operator, ledger=KEYS, entry_id=entry.pk, file_id=file.pk, reason="　")
    assert BookFile.objects.count() == 2


def test_nobody_takes_a_version_away(operator: Actor) -> None:
    file = attach(operator, enter(operator, name="旧館"), "証.pdf", b"%PDF-")
    with pytest.raises(AppendOnlyViolation):
        file.delete()
    for change in (lambda rows: rows._raw_delete("default"), lambda rows: rows._update([])):
        with pytest.raises((Error, AppendOnlyViolation, AttributeError)), transaction.atomic():
            change(BookFile.objects.filter(pk=file.pk))
            raise AttributeError("nothing was there to change")
    assert BookFile.objects.count() == 1
    file.data = FileData(sha256=file.data_id, data=b"%PDF-!")
    with pytest.raises(FileDamaged):
        bytes_of(file)


def test_who_may_look_takes_files_along_and_attaches_none(operator: Actor, signed_in: Callable[..., Client]) -> None:
    entry = enter(operator, name="旧館")
    file = attach(operator, entry, "証.pdf", b"%PDF-")
    auditor = signed_in(Role.AUDITOR)
    address = f"{LIST}{entry.pk}/"
    assert auditor.get(f"{address}files/{file.pk}/").content == b"%PDF-"
    assert "/withdraw/" not in page(auditor, address)
    assert auditor.post(f"{address}files/", {"file": SimpleUploadedFile("x", b"x")}).status_code == 403
    assert auditor.post(f"{address}files/{file.pk}/withdraw/", {"reason": "x"}).status_code == 403
    books.close_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=1, reason="廃止")
    attach(operator, entry, "廃棄証明.pdf", b"%PDF-2")
    books.strike_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=2, reason="誤記")
    with pytest.raises(EntryEnded):
        attach(operator, entry, "後.pdf", b"%PDF-3")
