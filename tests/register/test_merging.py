"""What is wrong with the events of a source when they are merged is noted, and the rest goes on."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.register.inbox import inbox, parts
from sekisho.register.models import Event
from sekisho.register.services import integrate
from sekisho.register.services.sequencing import Sequencer
from tests.register.test_inbox import document
from tests.register.test_sequencing import assert_agree, entry, logged, noted, places, spool, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def test_a_missing_number_is_noted_and_the_rest_goes_on(settings: Any) -> None:
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (3, entry(3))], 6: [(6, entry(6))], 7: []})
    assert integrate() == 3
    assert noted() == [
        ("register.gap", {"number": 2, "until": 2}),
        ("register.gap", {"number": 4, "until": 5}),
    ]
    assert integrate() == 2
    assert_agree()
    assert len(parts(settings.INBOX_FOLDER / "gate-1")) == 1


def test_a_missing_number_of_the_outbox_is_noted(operator: Actor) -> None:
    write(operator, 3)
    Event.objects.get(source_seq=2).delete()
    assert integrate() == 2
    assert noted() == [("register.gap", {"number": 2, "until": 2})]
    integrate()
    assert [number for _index, _source, number in places()] == [1, 3, 4]


@pytest.mark.parametrize(
    "broken", [b"", b"{}", b"\xff", b"x" * 70_000, b"[" * 5000, entry(2, source="gate-2"), entry(2, source_seq=9)]
)
def test_an_entry_that_cannot_be_read_is_noted_and_stops_nothing(settings: Any, broken: bytes) -> None:
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, broken), (3, entry(3))], 4: []})
    assert integrate() == 2
    assert [action for action, _details in noted()] == ["register.entry_unreadable", "register.gap"]
    assert [broken in part.read_bytes() for part in kept_aside(settings.INBOX_FOLDER)] == [True]
    integrate()
    assert_agree()


@pytest.mark.parametrize(
    "step",
    [
        "services.sequencing.store_notes",
        "log.writer.Log.append",
        "services.sequencing._mark",
        "services.sequencing._drop_parts",
    ],
)
def test_a_broken_entry_is_noted_and_kept_wherever_a_crash_comes(
    step: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, b"broken"), (3, entry(3))], 4: []})
    with monkeypatch.context() as crash, pytest.raises(KeyboardInterrupt):
        crash.setattr(f"sekisho.register.{step}", crashing)
        integrate()
    integrate()
    integrate()
    assert {action for action, _details in noted()} == {"register.entry_unreadable", "register.gap"}
    assert [b"broken" in part.read_bytes() for part in kept_aside(settings.INBOX_FOLDER)] == [True]
    assert parts(settings.INBOX_FOLDER / "gate-1")[0].stat().st_size == 0
    assert_agree()


def crashing(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_turn_that_fails_again_and_again_notes_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, b"broken"), (3, entry(3))], 4: []})

    def fails(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with Sequencer() as sequencer:
        with monkeypatch.context() as full:
            full.setattr("sekisho.register.log.writer.Log.append", fails)
            for _turn in range(3):
                with pytest.raises(OSError, match="no space"):
                    sequencer.turn()
        assert sequencer.turn() == 4
    assert [action for action, _details in noted()] == ["register.entry_unreadable", "register.gap"]
    assert_agree()


def test_a_writer_that_goes_wrong_for_ever_does_not_fill_the_disk(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.register.services.noting.MOST_ASIDE", 100)
    spool(settings.INBOX_FOLDER, {1: [(1, b"x" * 101)], 2: []})
    integrate()
    assert ("register.entry_unreadable", {"number": 1, "kept_in": ""}) in noted()
    assert kept_aside(settings.INBOX_FOLDER) == []


def kept_aside(inbox: Path) -> list[Path]:
    return sorted(inbox.glob("gate-1/aside/*"))


def test_an_id_that_comes_twice_is_noted(settings: Any) -> None:
    again = {"id": "00000000-0000-7000-8000-000000000001"}
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, entry(2, **again)), (3, entry(3))], 4: []})
    assert integrate() == 2
    assert [action for action, _details in noted()] == ["register.conflict", "register.gap"]


def test_another_event_under_a_number_of_the_log_is_noted(settings: Any) -> None:
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1))], 2: []})
    integrate()
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1, reason="forged"))], 2: []})
    assert integrate() == 0
    assert noted() == [("register.conflict", {"number": 1, "kept_in": "aside/00000000000000000001.part"})]
    (kept,) = kept_aside(settings.INBOX_FOLDER)
    assert b"forged" in kept.read_bytes()


def test_the_same_events_again_are_no_news(settings: Any) -> None:
    content = {1: [(1, entry(1)), (2, entry(2))], 3: []}
    spool(settings.INBOX_FOLDER, content)
    integrate()
    spool(settings.INBOX_FOLDER, content)
    assert integrate() == 0
    assert noted() == []
    assert_agree()


def test_an_id_that_was_merged_in_another_turn_is_noted(settings: Any) -> None:
    again = {"id": "00000000-0000-7000-8000-000000000001"}
    with Sequencer() as sequencer:
        spool(settings.INBOX_FOLDER, {1: [(1, entry(1))], 2: []})
        assert sequencer.turn() == 1
        spool(settings.INBOX_FOLDER, {2: [(2, entry(2, **again))], 3: [(3, entry(3))], 4: []})
        assert sequencer.turn() == 1
    assert [action for action, _details in noted()] == ["register.conflict", "register.gap"]


def test_an_id_of_the_outbox_is_noted_in_a_spool(operator: Actor, settings: Any) -> None:
    (known,) = write(operator)
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, entry(2, id=known))], 3: []})
    assert integrate() == 2
    assert [action for action, _details in noted()] == ["register.conflict", "register.gap"]


def test_ids_of_the_outbox_are_noted_however_many_lie_between(
    operator: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.register.services.merging.FEW", 2)
    known = [(number, entry(number, id=one)) for number, one in enumerate(write(operator, 3), start=2)]
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), *known], 5: []})
    assert integrate() == 4
    assert [action for action, _details in noted()] == [*3 * ["register.conflict"], "register.gap"]


def test_a_clock_that_goes_back_is_noted_per_source(operator: Actor, settings: Any, at_nine: clock.FixedClock) -> None:
    before = "2026-11-20T00:00:00.000000Z"
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, entry(2, recorded_at=before)), (3, entry(3))], 4: []})
    write(operator)
    assert integrate() == 4
    assert noted() == [
        (
            "register.clock_back",
            {"number": 2, "from": "2026-11-21T00:01:00+00:00", "until": "2026-11-20T00:00:00+00:00"},
        )
    ]
    assert_agree_after(1)


def assert_agree_after(more: int) -> None:
    assert integrate() == more
    assert_agree()


def test_a_part_with_more_than_one_turn_takes_is_merged_whole(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.register.services.merging.MOST_ENTRIES", 4)
    with inbox(settings.INBOX_FOLDER, "gate-1") as gate:
        for number in range(10):
            gate.append(document(number))
    assert [integrate() for _turn in range(4)] == [4, 4, 2, 0]
    assert_agree()
    assert noted() == []


def test_a_busy_source_holds_up_no_other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has waited longest comes first, in whole parts."""
    monkeypatch.setattr("sekisho.register.services.merging.MOST_ENTRIES", 2)
    busy = {number: [(number, entry(number)), (number + 1, entry(number + 1))] for number in (1, 3, 5)}
    spool(settings.INBOX_FOLDER, {**busy, 7: []})
    with inbox(settings.INBOX_FOLDER, "gate-2") as other:
        other.append(document())
    for age, part in enumerate(
        [*parts(settings.INBOX_FOLDER / "gate-1")[:1], *parts(settings.INBOX_FOLDER / "gate-2")]
    ):
        os.utime(part, (1_000_000 + age, 1_000_000 + age))
    assert [integrate() for _turn in range(5)] == [2, 1, 2, 2, 0]
    assert [one["source"] for one in logged()][:3] == ["gate-1", "gate-1", "gate-2"]
    assert_agree()


def test_a_spool_that_is_older_than_the_log_gives_no_number_twice(settings: Any) -> None:
    """A restored backup has its spools from before its log, which holds more of them; or a spool is gone whole."""
    older = {1: [(1, entry(1)), (2, entry(2))]}
    spool(settings.INBOX_FOLDER, {**older, 3: [(3, entry(3))], 4: []})
    with inbox(settings.INBOX_FOLDER, "gate-2") as gate:
        gate.append(document())
    assert integrate() == 4
    shutil.rmtree(settings.INBOX_FOLDER)
    spool(settings.INBOX_FOLDER, older)
    assert integrate() == 0
    for name, last in (("gate-1", 3), ("gate-2", 1)):
        with inbox(settings.INBOX_FOLDER, name) as gate:
            assert gate.append(document()) == last + 1
    assert integrate() == 2
    assert noted() == []
    assert_agree()
