"""From outbox and spools into the log: exactly once, whatever falls between two steps; what does not fit is said."""

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction

from sekisho.estate.actions import EstateAction
from sekisho.kernel.actor import Actor
from sekisho.register import queries
from sekisho.register.errors import CheckpointBroken, LogBehind, LogContradicts, LogDamaged, LogInUse, LogMissing
from sekisho.register.inbox import frame, inbox, part_name
from sekisho.register.log.files import Disk
from sekisho.register.models import Event, Head
from sekisho.register.queries import log_head, log_state, log_tree
from sekisho.register.rules import encode_entry, read_timestamp
from sekisho.register.services import append, integrate, sequencing
from sekisho.register.services.sequencing import Sequencer
from sekisho.trust.merkle import leaf_hash
from tests.register.test_inbox import document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def write(actor: Actor, count: int = 1) -> list[str]:
    with transaction.atomic():
        return [append(actor=actor, action=EstateAction.CHANGE, details={"n": number}) for number in range(count)]


def logged() -> list[dict[str, Any]]:
    """Return what the log holds, read from its files."""
    head = log_head()
    assert head is not None
    return [json.loads(entry) for entry in log_tree(head.size).entries(0, head.size)]


def places() -> list[tuple[int, str, int]]:
    rows = Event.objects.exclude(log_index=None).order_by("log_index")
    return list(rows.values_list("log_index", "source", "source_seq"))


def assert_agree() -> None:
    """Log and database hold the same, in the same places, and nothing twice; of spools the last number."""
    entries = logged()
    found = [(index, entry["source"], entry["source_seq"]) for index, entry in enumerate(entries)]
    assert places() == [place for place in found if place[1] == "outbox"]
    assert len({entry["id"] for entry in entries}) == len({place[1:] for place in found}) == len(entries)
    last = {source: number for _index, source, number in found}
    heads = Head.objects.filter(name__startswith="logged:")
    assert {head.name.removeprefix("logged:"): head.last for head in heads} == last
    state = log_state()
    assert state.fault is None
    assert state.known == len(entries)
    assert queries.changed_rows(log_tree(len(entries)), 0, len(entries)) == []


def test_events_of_the_outbox_and_of_spools_come_into_one_log(operator: Actor, settings: Any) -> None:
    written = write(operator, 3)
    with inbox(settings.INBOX_FOLDER, "gate-1") as one, inbox(settings.INBOX_FOLDER, "gate-2") as two:
        for number in range(4):
            one.append(document(number))
            two.append(document(number))
    assert integrate() == 11
    assert integrate() == 0
    assert [entry["id"] for entry in logged()][:3] == written
    assert_agree()
    assert [part.stat().st_size for part in (settings.INBOX_FOLDER / "gate-1").glob("*.part")] == [0]
    states = {source.name: (source.last, source.parts) for source in log_state().sources}
    assert states == {"outbox": (3, 0), "gate-1": (4, 0), "gate-2": (4, 0)}


def test_a_sequencer_that_stays_goes_on_where_it_was(operator: Actor) -> None:
    with Sequencer() as sequencer:
        for count in (1, 300, 5):
            write(operator, count)
            assert sequencer.turn() == count
    assert_agree()


def test_only_one_process_writes(operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "_PATIENCE", 0.0)
    with Sequencer(), pytest.raises(LogInUse):
        Sequencer()
    assert integrate() == 0


class Away(OperationalError):
    """The database went away."""


@pytest.mark.parametrize("source", ["outbox", "spool", "both"])
def test_a_crash_between_log_and_database_doubles_nothing(
    operator: Actor, settings: Any, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(operator, 2)
    integrate()
    if source != "spool":
        write(operator, 3)
    if source != "outbox":
        with inbox(settings.INBOX_FOLDER, "gate-1") as gate:
            gate.append(document(1))
            gate.append(document(2))

    def fail(_merge: object) -> None:
        raise Away

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "_mark", fail)
        with pytest.raises(Away):
            integrate()
    ahead = log_head()
    assert ahead is not None
    assert ahead.size == {"outbox": 5, "spool": 4, "both": 7}[source]
    assert integrate() == 0
    assert log_head() == ahead
    assert_agree()
    assert not Event.objects.filter(action__startswith="register.").exists()


class Full(Disk):
    """A disk that is full at the given call of ``store``."""

    left = 0

    def store(self, path: str, data: bytes) -> None:
        if Full.left == 0:
            raise OSError(errno.ENOSPC, "full")
        Full.left -= 1
        super().store(path, data)


@pytest.mark.parametrize("calls", range(8))
def test_a_full_disk_stops_the_log_and_nothing_else(
    operator: Actor, log_folder: Path, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(operator, 300)
    Full.left = calls
    with Sequencer(Full(log_folder)) as sequencer:
        if calls < 7:
            with pytest.raises(OSError, match="full"):
                sequencer.turn()
        write(operator, 2)
        Full.left = 100
        assert sequencer.turn() in {302, 2}
        assert sequencer.turn() == 0
    assert_agree()


def test_an_older_copy_of_the_folder_is_named_and_not_written(
    operator: Actor, log_folder: Path, tmp_path: Path
) -> None:
    write(operator, 3)
    integrate()
    shutil.copytree(log_folder, tmp_path / "older")
    write(operator, 2)
    integrate()
    shutil.rmtree(log_folder)
    shutil.copytree(tmp_path / "older", log_folder)
    write(operator)
    before = {path: path.read_bytes() for path in log_folder.rglob("*") if path.is_file()}
    with pytest.raises(LogBehind) as caught:
        integrate()
    assert "went back: it has 3 entries, the database has seen 5" in str(caught.value.text)
    assert {path: path.read_bytes() for path in log_folder.rglob("*") if path.is_file()} == before
    state = log_state()
    assert isinstance(state.fault, LogBehind)
    assert state.waiting == 1


def test_an_older_copy_of_the_folder_under_a_running_sequencer_is_named(
    operator: Actor, log_folder: Path, tmp_path: Path
) -> None:
    write(operator, 3)
    with Sequencer() as sequencer:
        sequencer.turn()
        shutil.copytree(log_folder, tmp_path / "older")
        write(operator, 2)
        sequencer.turn()
        shutil.copytree(log_folder, tmp_path / "newer")
        for folder, waits in (("older", 1), ("newer", 0)):
            shutil.copytree(tmp_path / folder, log_folder, dirs_exist_ok=True)
            write(operator, waits)
            if waits:
                with pytest.raises(LogBehind):
                    sequencer.turn()
        assert sequencer.turn() == 1
    assert_agree()


def test_a_folder_that_is_gone_is_not_begun_anew(operator: Actor, log_folder: Path) -> None:
    write(operator)
    integrate()
    shutil.rmtree(log_folder)
    with pytest.raises(LogMissing):
        integrate()
    assert not (log_folder / "checkpoint").exists()
    assert isinstance(log_state().fault, LogMissing)


def test_a_damaged_end_stops_the_log(operator: Actor, log_folder: Path) -> None:
    write(operator, 3)
    integrate()
    path = log_folder / "tile/entries/000.p/3"
    path.write_bytes(path.read_bytes().replace("試験".encode(), "誰某".encode()))
    with pytest.raises(LogDamaged):
        integrate()
    assert isinstance(log_state().fault, LogDamaged)


def test_the_log_of_another_installation_is_refused(operator: Actor, settings: Any, tmp_path: Path) -> None:
    write(operator, 3)
    integrate()
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))
    settings.REGISTER_KEY_FILE = other
    with pytest.raises(CheckpointBroken):
        integrate()


def test_an_event_that_was_changed_in_the_database_is_named(operator: Actor) -> None:
    write(operator, 3)
    integrate()
    row = Event.objects.get(log_index=2)
    Event.objects.filter(pk=row.pk).update(entry=row.entry.replace("試験", "誰某"))
    assert queries.changed_rows(log_tree(3), 0, 3) == [2]
    with pytest.raises(LogContradicts) as caught:
        integrate()
    assert "outbox number 3" in str(caught.value.text)


def put_back_database(size: int) -> None:
    """Put the database back to where the log had ``size`` entries, all of the outbox, as an older copy would be."""
    last = logged()[size - 1]
    Event.objects.filter(log_index__gte=size).delete()
    Head.objects.exclude(name__in=["log", "outbox", "logged:outbox"]).delete()
    Head.objects.filter(name="log").update(last=size, leaf=leaf_hash(encode_entry(last)).hex())
    recorded_at = read_timestamp(last["recorded_at"])
    Head.objects.filter(name__in=["outbox", "logged:outbox"]).update(last=last["source_seq"], recorded_at=recorded_at)


def test_an_older_database_gets_back_what_the_log_has(operator: Actor) -> None:
    """A restored backup: its numbers go on after those of the log, and none is given twice."""
    ids = write(operator, 5)
    integrate()
    put_back_database(3)
    assert integrate() == 0
    assert [str(row.pk) for row in Event.objects.order_by("log_index")] == ids
    write(operator)
    assert integrate() == 1
    assert [number for _index, _source, number in places()] == [1, 2, 3, 4, 5, 6]
    assert_agree()


def test_an_older_database_learns_how_far_the_spools_were(operator: Actor, settings: Any) -> None:
    """The parts that the log has already may lie in the spool again; nothing of them comes twice."""
    content = {1: [(1, entry(1)), (2, entry(2))], 3: [(3, entry(3))], 4: []}
    write(operator, 2)
    integrate()
    spool(settings.INBOX_FOLDER, content)
    write(operator, 2)
    assert integrate() == 5
    put_back_database(2)
    spool(settings.INBOX_FOLDER, content)
    assert integrate() == 0
    assert_agree()
    assert noted() == []
    assert Head.objects.get(name="logged:gate-1").recorded_at == read_timestamp(json.loads(entry(3))["recorded_at"])


def test_a_spool_that_is_further_in_the_database_than_in_the_log_is_named(operator: Actor, settings: Any) -> None:
    write(operator, 2)
    integrate()
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, entry(2))], 3: []})
    integrate()
    heads = list(Head.objects.filter(name="logged:gate-1"))
    put_back_database(2)
    Head.objects.bulk_create(heads)
    with pytest.raises(LogContradicts):
        integrate()


def test_another_event_at_the_end_of_the_log_than_the_database_saw_is_named(settings: Any) -> None:
    """Of a spooled event the database keeps no row; the hash of the last entry tells all the same."""
    spool(settings.INBOX_FOLDER, {1: [(1, entry(1)), (2, entry(2))], 3: []})
    integrate()
    Head.objects.filter(name="log").update(leaf=leaf_hash(entry(2, reason="other")).hex())
    with pytest.raises(LogContradicts):
        integrate()
    assert isinstance(log_state().fault, LogContradicts)


def test_numbers_given_twice_after_a_restore_are_named(operator: Actor) -> None:
    write(operator, 5)
    integrate()
    put_back_database(3)
    write(operator)
    with pytest.raises(LogContradicts):
        integrate()


def noted() -> list[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(action__startswith="register.").order_by("source_seq")
    return [(row.action, json.loads(row.entry)["details"]) for row in rows]


def entry(number: int, **more: Any) -> bytes:
    base = {"id": f"00000000-0000-7000-8000-{number:012d}", "source": "gate-1", "source_seq": number}
    moment = f"2026-11-21T00:{number:02d}:00.000000Z"
    return encode_entry({**document(number), **base, "recorded_at": moment, **more})


def spool(folder: Path, content: dict[int, list[tuple[int, bytes]]]) -> None:
    """Write the parts of a source as they are given: first number -> frames."""
    (folder / "gate-1").mkdir(parents=True, exist_ok=True)
    for first, pairs in content.items():
        (folder / "gate-1" / part_name(first)).write_bytes(b"".join(frame(number, data) for number, data in pairs))
