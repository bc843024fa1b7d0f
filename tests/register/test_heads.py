"""Heads that leave the computer: into a folder, by syslog, by hand; and what they say when they come back."""

import base64
import io
import json
import re
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from sekisho.config.cli import main
from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import Forbidden
from sekisho.register.errors import HeadForeign, HeadNotKept
from sekisho.register.log.files import Disk
from sekisho.register.log.heads import Standing
from sekisho.register.log.writer import create_log
from sekisho.register.models import Event, HeldHead
from sekisho.register.queries import log_head
from sekisho.register.queries.heads import current_note
from sekisho.register.services import append, integrate, keeping
from sekisho.register.services.heads import compare_head, export_head, keep_heads
from sekisho.register.services.syslog import LARGEST_DATAGRAM, Collector, send, write_message
from sekisho.trust.notes import sign_note
from tests.network.servers import LOOPBACK

PATIENCE = 20.0


@pytest.fixture
def grow(operator: Actor) -> Callable[[int], int]:
    """Put more events into the log; return its size."""

    def more(count: int) -> int:
        with transaction.atomic():
            for number in range(count):
                append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
        while integrate():
            pass
        head = log_head()
        assert head
        return head.size

    return more


@pytest.fixture
def elsewhere(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that lies on another disk, as far as anybody can see."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    settings.HEADS_FOLDER = folder
    monkeypatch.setattr(keeping, "device_of", lambda path: int(path == folder))
    return folder


def keep(place: str) -> HeldHead:
    keep_heads(actor=platform("test"))
    return HeldHead.objects.get(place=place)


def forge(folder: Path, count: int) -> None:
    """Write the log anew with the installation's own key and under its own name."""
    head = log_head()
    assert head
    shutil.rmtree(folder / "tile")
    (folder / "checkpoint").unlink()
    log = create_log(Disk(folder), settings.REGISTER_KEY_FILE.read_bytes(), head.origin)
    log.append([f"forged {number}".encode() for number in range(count)])


# A folder


@pytest.mark.django_db(transaction=True)
def test_a_folder_gets_the_newest_head_of_each_day(
    grow: Callable[[int], int], elsewhere: Path, at_nine: clock.FixedClock
) -> None:
    for _turn in range(2):
        size = grow(5)
        row = keep("folder")
        assert (row.size, row.failure) == (size, "")
    found = current_note()
    assert found
    (only,) = elsewhere.iterdir()
    assert only.read_bytes() == found[0]
    at_nine.moment += timedelta(days=1)
    grow(5)
    keep("folder")
    assert len(list(elsewhere.iterdir())) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("database", ["newer", "as old"])
def test_a_log_that_was_put_back_is_noticed_and_the_kept_head_stays(
    grow: Callable[[int], int], elsewhere: Path, tmp_path: Path, log_folder: Path, database: str
) -> None:
    grow(10)
    shutil.copytree(log_folder, tmp_path / "older")
    grow(10)
    keep("folder")
    (kept,) = elsewhere.iterdir()
    before = kept.read_bytes()
    shutil.rmtree(log_folder)
    shutil.copytree(tmp_path / "older", log_folder)
    if database == "as old":
        HeldHead.objects.all().delete()
    assert keep("folder").failure == "ahead"
    assert kept.read_bytes() == before


@pytest.mark.django_db(transaction=True)
def test_a_log_written_anew_is_noticed(grow: Callable[[int], int], elsewhere: Path, log_folder: Path) -> None:
    grow(10)
    keep("folder")
    forge(log_folder, 50)
    assert keep("folder").failure == "differs"
    assert Event.objects.filter(action="register.head_place", outcome="failure").count() == 1
    keep("folder")
    assert Event.objects.filter(action="register.head_place", outcome="failure").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_folder_on_the_same_disk_or_none_at_all_keeps_nothing(
    grow: Callable[[int], int], settings: Any, tmp_path: Path
) -> None:
    grow(1)
    settings.HEADS_FOLDER = tmp_path / "none"
    assert keep("folder").failure == "missing"
    settings.HEADS_FOLDER.mkdir()
    row = keep("folder")
    assert (row.failure, row.held_at) == ("same_disk", None)


@pytest.mark.django_db(transaction=True)
def test_what_else_lies_in_the_folder_is_left_alone(grow: Callable[[int], int], elsewhere: Path) -> None:
    grow(1)
    head = log_head()
    assert head
    stem = head.origin.rpartition("/")[2][:8]
    for name, content in ((f"sekisho-{stem}-99990101.checkpoint", b"rubbish"), ("letter.txt", b"dear")):
        (elsewhere / name).write_bytes(content)
    assert keep("folder").failure == ""
    assert (elsewhere / "letter.txt").read_bytes() == b"dear"


@pytest.mark.django_db(transaction=True)
def test_only_the_platform_sends_heads_out(operator: Actor) -> None:
    with pytest.raises(Forbidden):
        keep_heads(actor=operator)


# Syslog


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=50))
def test_a_message_has_the_form_of_rfc_5424(words: str) -> None:
    message = write_message(words, "register-head", "host.example", datetime(2026, 4, 1, tzinfo=UTC)).decode()
    form = r"<109>1 2026-04-01T00:00:00\.000000Z host\.example sekisho [0-9]+ register-head - (\ufeff?)(.*)"
    found = re.fullmatch(form, message, re.DOTALL)
    assert found
    assert found[2] == words
    assert bool(found[1]) != words.isascii()


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Take one connection on loopback and keep what it says until it ends."""
    got: list[bytes] = []
    with socket.create_server((LOOPBACK, 0)) as server:
        server.settimeout(PATIENCE)

        def take() -> None:
            try:
                channel = server.accept()[0]
                with context.wrap_socket(channel, server_side=True) if context else channel as taken:
                    while part := taken.recv(65536):
                        got.append(part)
            except OSError:
                return

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], got
        thread.join(PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_a_collector_gets_the_head_whole(
    grow: Callable[[int], int], settings: Any, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    grow(3)
    with receiving() as (port, got):
        settings.HEADS_SYSLOG = f"tcp://{LOOPBACK}:{port}"
        assert keep("syslog").failure == ""
    length, _space, message = b"".join(got).partition(b" ")
    assert int(length) == len(message)
    note = base64.b64decode(message.rpartition(b"note=")[2])
    found = current_note()
    assert found
    assert note == found[0]
    grow(3)
    assert keep("syslog").failure == ""  # not yet its turn: nobody listens any more
    at_nine.moment += timedelta(minutes=5)
    assert keep("syslog").failure == "unreachable"


def test_a_datagram_is_never_longer_than_receivers_take() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((LOOPBACK, 0))
        server.settimeout(PATIENCE)
        send(Collector("udp", LOOPBACK, server.getsockname()[1]), b"x" * 5000)
        assert len(server.recv(65536)) == LARGEST_DATAGRAM


def test_a_tls_collector_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with receiving() as (port, got), pytest.raises(HeadNotKept):
        send(Collector("tls", LOOPBACK, port), b"secret")
    assert b"secret" not in b"".join(got)


# By hand


@pytest.mark.django_db(transaction=True)
def test_a_head_taken_away_is_held_against_the_log(
    grow: Callable[[int], int], tmp_path: Path, log_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = grow(10)
    file = tmp_path / "held"
    assert main(["register", "export-head", str(file)]) == 0
    shutil.copytree(log_folder, tmp_path / "older")
    grow(10)
    capsys.readouterr()
    assert main(["register", "compare-head", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "consistent"
    scanned = tmp_path / "scanned"
    scanned.write_bytes(file.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    assert main(["register", "compare-head", str(scanned)]) == 0
    main(["register", "export-head", str(tmp_path / "newer")])
    shutil.rmtree(log_folder)
    shutil.copytree(tmp_path / "older", log_folder)
    assert main(["register", "compare-head", str(tmp_path / "newer")]) == 1
    forge(log_folder, 50)
    capsys.readouterr()
    assert main(["register", "compare-head", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "size": size,
        "root": _root_in(file),
        "standing": "differs",
    }
    outcomes = Event.objects.filter(action="register.compare_head").order_by("source_seq")
    assert list(outcomes.values_list("outcome", flat=True)) == ["success", "success", "failure", "failure"]


def _root_in(file: Path) -> str:
    return base64.b64decode(file.read_text(encoding="utf8").split("\n")[2]).hex()


@pytest.mark.django_db(transaction=True)
def test_a_head_of_another_log_says_nothing(grow: Callable[[int], int], operator: Actor) -> None:
    grow(2)
    head = log_head()
    assert head
    for note in (b"", b"rubbish\n", sign_note(head.text(), head.origin, bytes(32))):
        with pytest.raises(HeadForeign):
            compare_head(actor=operator, note=note)


@pytest.mark.django_db(transaction=True)
def test_a_log_that_is_gone_has_gone_back(grow: Callable[[int], int], operator: Actor, log_folder: Path) -> None:
    grow(2)
    note = export_head(actor=operator, to="test")
    shutil.rmtree(log_folder)
    assert compare_head(actor=operator, note=note)[1] is Standing.AHEAD


@pytest.mark.django_db(transaction=True)
def test_exporting_without_a_log_says_so(log_folder: Path, tmp_path: Path) -> None:
    assert main(["register", "export-head", str(tmp_path / "held")]) == 66
    assert main(["register", "compare-head", str(tmp_path / "nothing")]) == 65


@pytest.mark.django_db(transaction=True)
def test_the_head_on_paper_can_be_typed_in_again(
    grow: Callable[[int], int], operator: Actor, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.AUDITOR)
    grow(3)
    found = current_note()
    assert found
    answer = client.get("/register/head.pdf")
    assert answer["Content-Type"] == "application/pdf"
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    plain = re.sub(r"[\s\u200b]", "", words)
    for line in found[0].decode().split("\n"):
        assert re.sub(r"\s", "", line) in plain
    assert Event.objects.filter(action="register.export_head").count() == 1
