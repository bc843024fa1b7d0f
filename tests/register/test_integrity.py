"""The control of the register: it passes on a sound log, and what was done to a log it says."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate.actions import EstateAction
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.register.controls.integrity import PIECE, TAIL, check, pieces
from sekisho.register.inbox import frame, part_name
from sekisho.register.models import Event, HeldHead
from sekisho.register.services import append, integrate
from sekisho.register.services.heartbeat import beat
from tests.register.test_sequencing import entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture
def sound(operator: Actor) -> int:
    """A log of some hundred entries about which nothing is wrong, and the platform as a system."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    with transaction.atomic():
        for number in range(600):
            append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
    beat(actor=platform("test"))
    return integrate()


def finding() -> Finding:
    (one,) = check()
    return one


def test_a_sound_log_passes_and_says_what_was_compared(sound: int) -> None:
    found = finding()
    assert found.outcome is Outcome.UNKNOWN  # without a head elsewhere nobody can tell
    assert found.facts["heads_kept_elsewhere"] == 0
    HeldHead.objects.create(place="witness:w1", size=sound, root="00" * 32, held_at=clock.now())
    found = finding()
    assert found.outcome is Outcome.PASS
    assert found.subject.facts["kind"] == "platform"
    assert found.facts["size"] == sound
    assert found.facts["looked_at"] == [[0, sound]]
    assert found.facts["heads_kept_elsewhere"] == 1


def test_an_empty_log_shows_nothing() -> None:
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    Event.objects.all().delete()
    integrate()
    assert finding().outcome is Outcome.UNKNOWN


def flip(folder: Path, path: str, place: int = 100) -> None:
    data = bytearray((folder / path).read_bytes())
    data[place] ^= 1
    (folder / path).write_bytes(bytes(data))


HARM: dict[str, Callable[[Path], object]] = {
    "a byte of an entry": lambda folder: flip(folder, "tile/entries/000"),
    "a byte of a hash": lambda folder: flip(folder, "tile/0/001"),
    "a byte of the last entries": lambda folder: flip(folder, next_partial(folder, "entries")),
    "a byte of a higher hash": lambda folder: flip(folder, "tile/1/000.p/2", 40),
    "a byte of the checkpoint": lambda folder: flip(folder, "checkpoint", -10),
    "a tile is gone": lambda folder: (folder / "tile/0/000").unlink(),
    "a bundle is gone": lambda folder: (folder / "tile/entries/001").unlink(),
    "the checkpoint is gone": lambda folder: (folder / "checkpoint").unlink(),
    "everything is gone": shutil.rmtree,
}


def next_partial(folder: Path, level: str) -> str:
    (path,) = (folder / "tile" / level / "002.p").iterdir()
    return str(path.relative_to(folder))


@pytest.mark.failing_fixture("register.integrity")
@pytest.mark.parametrize("harm", HARM)
def test_what_was_done_to_the_log_is_said(sound: int, log_folder: Path, harm: str) -> None:
    HARM[harm](log_folder)
    found = finding()
    assert found.outcome is Outcome.FAIL, found.facts
    assert found.facts["fault"] in {"register.log_damaged", "register.checkpoint_broken", "register.log_missing"}


@pytest.mark.failing_fixture("register.integrity")
def test_an_older_copy_of_the_folder_is_said(sound: int, operator: Actor, log_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(log_folder, tmp_path / "older")
    with transaction.atomic():
        append(actor=operator, action=EstateAction.CHANGE)
    integrate()
    shutil.rmtree(log_folder)
    shutil.copytree(tmp_path / "older", log_folder)
    assert finding().facts["fault"] == "register.log_behind"


@pytest.mark.failing_fixture("register.integrity")
def test_a_row_that_was_changed_or_removed_is_named(sound: int) -> None:
    row = Event.objects.get(log_index=77)
    Event.objects.filter(pk=row.pk).update(entry=row.entry.replace("試験", "誰某"))
    Event.objects.get(log_index=300).delete()
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert found.facts["changed"] == [77, 300]


@pytest.mark.failing_fixture("register.integrity")
def test_a_hole_in_a_source_is_said(sound: int, settings: Any) -> None:
    folder = settings.INBOX_FOLDER / "gate-1"
    folder.mkdir(parents=True)
    (folder / part_name(1)).write_bytes(frame(1, entry(1)) + frame(3, entry(3)))
    (folder / part_name(4)).touch()
    integrate()
    integrate()
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert found.facts["noted"] == ["register.gap gate-1"]


@pytest.mark.failing_fixture("register.integrity")
def test_events_that_wait_for_long_are_said(sound: int, operator: Actor) -> None:
    with transaction.atomic():
        append(actor=operator, action=EstateAction.CHANGE, occurred_at=clock.now() - timedelta(minutes=11))
    assert finding().outcome is Outcome.FAIL


@given(st.integers(1, 5_000_000), st.integers(0, 10**6))
def test_the_work_is_bounded_and_comes_round(size: int, turn: int) -> None:
    found = pieces(size, turn)
    assert sum(last - first for first, last in found) <= TAIL + PIECE
    count = -(-size // 256)
    assert found[-1][1] == count
    turns = -(-max(0, count - TAIL) // PIECE) or 1
    if turns < 60:
        seen = {
            index for number in range(turns) for first, last in pieces(size, number) for index in range(first, last)
        }
        assert seen == set(range(count))
