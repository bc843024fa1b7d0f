"""The inbox of a hot writer: acknowledged is durable, numbers have no holes, a full disk is a refusal and no loss."""

import asyncio
import errno
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sekisho.register.errors import EntryTooLarge, InboxFails, InboxFull, SourceInUse
from sekisho.register.inbox import (
    DiskPart,
    Inbox,
    finished_parts,
    first_of,
    frame,
    frames,
    inbox,
    part_name,
    parts,
    writer,
)


def document(number: int = 0, **more: Any) -> dict[str, Any]:
    """Return an entry as a gate would make it."""
    return {
        "occurred_at": "2026-11-21T00:30:00.000000Z",
        "actor": {"kind": "person", "id": "p-1", "name": "試験 太郎", "roles": ["staff"], "assurance": 2},
        "session": None,
        "action": "session.sign_in",
        "subject": None,
        "patient": None,
        "system": None,
        "device": None,
        "network": "192.0.2.1",
        "outcome": "success",
        "reason": "",
        "details": {"n": number},
        "commitment": None,
        **more,
    }


def stored(folder: Path, source: str) -> list[tuple[int, bytes]]:
    """Return what a source has durable and finished, in order."""
    return [pair for part in finished_parts(folder, source) for pair in part.entries]


def test_what_was_acknowledged_is_there_after_the_process_is_gone(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1") as opened:
        assert [opened.append(document(number)) for number in range(5)] == [1, 2, 3, 4, 5]
    pairs = stored(tmp_path, "gate-1")
    assert [number for number, _entry in pairs] == [1, 2, 3, 4, 5]
    read = [json.loads(entry) for _number, entry in pairs]
    assert [(one["source"], one["source_seq"], one["details"]["n"]) for one in read] == [
        ("gate-1", number + 1, number) for number in range(5)
    ]
    assert len({one["id"] for one in read}) == 5


def test_numbers_go_on_where_the_last_life_ended(tmp_path: Path) -> None:
    for life in range(3):
        with inbox(tmp_path, "gate-1") as opened:
            assert opened.append(document()) == life + 1


def test_numbers_go_on_after_everything_was_merged_and_removed(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1") as opened:
        opened.append(document())
    for part in finished_parts(tmp_path, "gate-1"):
        part.path.unlink()
    assert [first_of(part) for part in parts(tmp_path / "gate-1")] == [2]
    with inbox(tmp_path, "gate-1") as opened:
        assert opened.append(document()) == 2


def test_many_coroutines_and_threads_share_one_inbox(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1") as opened:

        async def clients() -> list[int]:
            return await asyncio.gather(*(opened.append_async(document(number)) for number in range(300)))

        with ThreadPoolExecutor(5) as pool:
            threads = [pool.submit(opened.append, document(number)) for number in range(100)]
            numbers = asyncio.run(clients()) + [one.result() for one in threads]
    assert sorted(numbers) == list(range(1, 401))
    assert [number for number, _entry in stored(tmp_path, "gate-1")] == list(range(1, 401))


def test_a_client_that_has_gone_harms_nobody(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1") as opened:

        async def leave() -> int:
            impatient = asyncio.create_task(opened.append_async(document()))
            await asyncio.sleep(0)
            impatient.cancel()
            return await opened.append_async(document())

        assert asyncio.run(leave()) == 2


def test_two_processes_cannot_share_a_source(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1"), pytest.raises(SourceInUse):
        Inbox(tmp_path, "gate-1")


@pytest.mark.parametrize("name", ["", "Gate", "a/b", "..", "1gate", "x" * 49])
def test_a_source_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        Inbox(tmp_path, name)


def test_what_is_too_large_takes_no_number(tmp_path: Path) -> None:
    with inbox(tmp_path, "gate-1") as opened:
        with pytest.raises(EntryTooLarge):
            opened.append(document(reason="x" * 70_000))
        assert opened.append(document()) == 1


def test_a_part_being_written_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "IDLE", 60.0)
    with inbox(tmp_path, "gate-1") as opened:
        opened.append(document())
        assert stored(tmp_path, "gate-1") == []


def test_a_lone_event_is_finished_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "IDLE", 0.01)
    with inbox(tmp_path, "gate-1") as opened:
        opened.append(document())
        for _look in range(1000):
            if len(parts(tmp_path / "gate-1")) == 2:
                break
            threading.Event().wait(0.01)
        assert [number for number, _entry in stored(tmp_path, "gate-1")] == [1]


class Moody(DiskPart):
    """A part on a disk that can be made to fail, and to keep part of what it refused."""

    faults: dict[str, int] = {}
    keeps = 0

    def write(self, data: bytes) -> None:
        if "write" in self.faults:
            super().write(data[: self.keeps])
            raise OSError(self.faults["write"], "moody")
        super().write(data)

    def sync(self) -> None:
        if "sync" in self.faults:
            raise OSError(self.faults["sync"], "moody")
        super().sync()


@pytest.mark.parametrize("fault", [{"write": errno.ENOSPC}, {"sync": errno.EIO}, {"write": errno.EIO}])
@pytest.mark.parametrize("keeps", [0, 30, 10_000])
def test_a_failing_disk_refuses_and_what_it_kept_does_not_count(
    tmp_path: Path, fault: dict[str, int], keeps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Moody, "faults", {})
    monkeypatch.setattr(Moody, "keeps", keeps)
    opened = Inbox(tmp_path, "gate-1", Moody)
    try:
        assert opened.append(document(1)) == 1
        monkeypatch.setattr(Moody, "faults", fault)
        for _attempt in range(3):
            with pytest.raises(InboxFails) as caught:
                opened.append(document(666))
            assert os.strerror(next(iter(fault.values()))) in str(caught.value.text)
        monkeypatch.setattr(Moody, "faults", {})
        assert opened.append(document(2)) == 2
    finally:
        opened.close()
    assert [json.loads(entry)["details"]["n"] for _number, entry in stored(tmp_path, "gate-1")] == [1, 2]


def test_whoever_comes_while_too_many_wait_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = threading.Event()

    class Slow(DiskPart):
        began = threading.Event()

        def sync(self) -> None:
            self.began.set()
            slow.wait(30)
            super().sync()

    monkeypatch.setattr(writer, "MOST_WAITING", 3)
    opened = Inbox(tmp_path, "gate-1", Slow)

    async def crowd() -> list[object]:
        first = asyncio.create_task(opened.append_async(document()))
        assert await asyncio.to_thread(Slow.began.wait, 30)
        others = [asyncio.create_task(opened.append_async(document())) for _ in range(5)]
        await asyncio.sleep(0.05)
        slow.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    answers = asyncio.run(crowd())
    opened.close()
    assert sum(isinstance(answer, InboxFull) for answer in answers) == 2
    assert sorted(answer for answer in answers if isinstance(answer, int)) == [1, 2, 3, 4]


def test_a_closed_inbox_refuses(tmp_path: Path) -> None:
    opened = Inbox(tmp_path, "gate-1")
    opened.close()
    with pytest.raises(InboxFails):
        opened.append(document())


@pytest.mark.parametrize("cut", [1, 8, 15, 40])
def test_a_frame_that_a_crash_cut_short_is_none(cut: int) -> None:
    whole = frame(1, b"one") + frame(2, b"two" * 20)
    assert list(frames(whole)) == [(1, b"one"), (2, b"two" * 20)]
    assert list(frames(whole[:-cut])) == [(1, b"one")]
    assert list(frames(whole[:-cut] + bytes([whole[-cut] ^ 1]) + whole[len(whole) - cut + 1 :])) == [(1, b"one")]


def test_an_abandoned_source_is_finished_by_who_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "gate-1"
    folder.mkdir()
    (folder / part_name(1)).write_bytes(frame(1, b"a") + frame(2, b"b") + frame(3, b"c")[:-1])
    assert stored(tmp_path, "gate-1") == [(1, b"a"), (2, b"b")]
    assert [first_of(part) for part in parts(folder)] == [1, 3]
