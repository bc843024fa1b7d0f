"""The log over HTTPS and on the command line: hashes for everybody, entries for few and never unnoticed."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.test import Client

from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.commands import register
from sekisho.register.log.layout import unpack
from sekisho.register.models import Event
from sekisho.register.services import append, integrate
from sekisho.register.services.indexing import follow_log
from sekisho.trust.merkle import leaf_hash
from sekisho.trust.notes import read_checkpoint, verify_note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
LOG = "/register/log"


@pytest.fixture
def logged(operator: Actor) -> int:
    """A log of 300 entries."""
    with transaction.atomic():
        for number in range(300):
            append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
    return integrate()


def test_everybody_may_check_the_head_and_the_hashes(
    logged: int, browser_client: Callable[[], Client], settings: Any
) -> None:
    visitor = browser_client()
    note = visitor.get(f"{LOG}/checkpoint")
    assert note.headers["Content-Type"] == "text/plain; charset=utf-8"
    origin = note.content.decode().partition("\n")[0]
    assert read_checkpoint(verify_note(note.content, origin, settings.REGISTER_PUBLIC_KEY)).size == logged
    full = visitor.get(f"{LOG}/tile/0/000")
    assert (full.status_code, len(full.content)) == (200, 8192)
    assert full.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in full.headers["Cache-Control"]
    assert len(visitor.get(f"{LOG}/tile/0/001.p/44").content) == 44 * 32
    assert len(visitor.get(f"{LOG}/tile/1/000.p/1").content) == 32


@pytest.mark.parametrize(
    "place",
    ["0/002", "0/001", "0/001.p/45", "0/1", "64/000", "0/000/", "../checkpoint", "0/x000/000", "1/000", "0/001.p/43"],
)
def test_what_is_no_part_of_the_log_is_not_there(logged: int, browser_client: Callable[[], Client], place: str) -> None:
    assert browser_client().get(f"{LOG}/tile/{place}").status_code == 404


def test_no_other_file_of_the_folder_is_served(
    logged: int, browser_client: Callable[[], Client], log_folder: Path
) -> None:
    (log_folder / "tile" / "0" / "002").write_bytes(b"beyond the checkpoint")
    for place in ("checkpoint.new", ".lock", "tile/0/002", "tile/0/../../checkpoint", "tile/%2e%2e/checkpoint"):
        assert browser_client().get(f"{LOG}/{place}").status_code == 404, place


def test_entries_are_for_few_and_reading_them_is_an_event(logged: int, signed_in: Callable[..., Client]) -> None:
    before = Event.objects.count()
    assert signed_in(Role.STAFF).get(f"{LOG}/tile/entries/000").status_code == 403
    auditor = signed_in(Role.AUDITOR)
    answer = auditor.get(f"{LOG}/tile/entries/000")
    assert answer.headers["Cache-Control"] == "no-store"
    entries = unpack(answer.content, "")
    hashes = auditor.get(f"{LOG}/tile/0/000").content
    assert b"".join(map(leaf_hash, entries)) == hashes
    read = Event.objects.order_by("source_seq").last()
    assert read is not None
    assert (read.action, read.subject_id) == ("register.read_entries", "tile/entries/000")
    assert Event.objects.count() == before + 2  # the refusal is one too


def test_a_visitor_gets_no_entries_and_no_page(logged: int, browser_client: Callable[[], Client]) -> None:
    """A program that follows addresses must not take the sign-in page for a bundle."""
    answer = browser_client().get(f"{LOG}/tile/entries/000")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for place in ("checkpoint", "tile/0/000", "tile/entries/000"):
        assert browser_client().post(f"{LOG}/{place}").status_code in {403, 405}, place


def test_without_a_log_there_is_nothing_to_see(browser_client: Callable[[], Client]) -> None:
    for place in ("checkpoint", "tile/0/000"):
        assert browser_client().get(f"{LOG}/{place}").status_code == 404


def status(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(register, ["status", *arguments], standalone_mode=False)
    assert answer.exception is None, answer.exception
    return answer.return_value, answer.output


def test_the_status_says_how_the_log_stands(logged: int) -> None:
    code, output = status("--json")
    said = json.loads(output)
    assert code == 0
    assert said["fault"] is None
    assert (said["size"], said["known_to_database"], said["waiting"]) == (logged, logged, 0)
    assert said["sources"] == {"outbox": {"last": logged, "parts": 0}}
    assert said["key"].startswith(said["origin"] + "+")
    code, output = status()
    assert f"Entries in the log: {logged}" in output
    assert "Entries in the search index: ―" in output
    follow_log()
    assert json.loads(status("--json")[1])["indexed"] == logged


def test_the_status_of_a_log_that_went_back(logged: int, log_folder: Path) -> None:
    for path in sorted(log_folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    code, output = status()
    assert code == 1
    assert "is missing" in output
    assert "→" in output
    assert json.loads(status("--json")[1])["fault"] == "register.log_missing"


def test_the_status_says_that_nothing_goes_on(
    logged: int, operator: Actor, at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        append(actor=operator, action=RegisterAction.REINDEX)
    assert status()[0] == 0, "a moment ago"
    at_nine.moment += timedelta(minutes=3)
    code, output = status()
    assert (code, "for 3 minutes" in output) == (1, True)
    assert json.loads(status("--json")[1])["fault"] == "register.stands_still"
    full = SimpleNamespace(free=5 * 2**20)
    monkeypatch.setattr("sekisho.register.queries.log.shutil", SimpleNamespace(disk_usage=lambda _path: full))
    code, output = status()
    assert (code, "5 MB are left" in output) == (1, True)
    integrate()
    assert status()[0] == 0


def test_before_the_first_start_of_a_log(operator: Actor) -> None:
    code, output = status("--json")
    assert code == 0
    assert json.loads(output)["size"] is None
