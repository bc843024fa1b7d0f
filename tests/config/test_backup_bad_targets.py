"""Targets that fail and generations that were spoilt: each is named, and what lay there before stays as it was."""

import errno
import hashlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.config.backup.errors import BackupBroken
from sekisho.config.backup.locks import Opening
from sekisho.config.backup.manifest import FILE, PARTS, Manifest, Part
from sekisho.config.backup.sealed import CHUNK, PartWriter
from sekisho.config.backup.target import Draft
from sekisho.config.backup.verify import verify
from tests.config import test_backup
from tests.config.running import COMMAND, until, variables
from tests.config.test_backup import Place
from tests.config.test_backup_rules import KEY, manifest
from tests.conftest import examples

place = test_backup.place
SIZES = {"database": CHUNK + 7, "register": 2 * CHUNK, "files": 900, "keys": 0}


def part_of(name: str, folder: Path) -> Part:
    """Write one sealed part: half of it dense, half of it not."""
    with (folder / name).open("wb") as file, PartWriter(name, KEY, file.write) as writer:
        writer.write(os.urandom(SIZES[name] // 2) + bytes(SIZES[name] - SIZES[name] // 2))
        return writer.finish(1)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generation with all its parts; whoever spoils it puts it right again."""
    made: Manifest = manifest()
    folder = tmp_path_factory.mktemp("target") / made.name
    folder.mkdir()
    whole = replace(made, parts=tuple(part_of(name, folder) for name in PARTS)).sealed_with(KEY)
    (folder / FILE).write_bytes(whole.to_bytes())
    return folder


def broken_in(generation: Path, known: Opening) -> object:
    with pytest.raises(BackupBroken) as caught:
        verify(generation, known)
    return caught.value.params["part"]


@settings(max_examples=examples(25, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from((*PARTS, FILE)), share=st.floats(0, 1, exclude_max=True), way=st.sampled_from(("cut", "flip"))
)
def test_wherever_it_is_cut_or_changed_the_part_is_named(generation: Path, part: str, share: float, way: str) -> None:
    """At every place, between chunks too; with the key, and by its hashes alone."""
    path, known = generation / part, Opening(made={generation.name: KEY})
    content = path.read_bytes()
    place = int(share * len(content))
    spoilt = content[:place] if way == "cut" else content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    path.write_bytes(spoilt)
    try:
        assert broken_in(generation, known) == part
        if part != FILE:
            assert broken_in(generation, Opening()) == part
    finally:
        path.write_bytes(content)
    assert verify(generation, known).name == generation.name


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.ESTALE, errno.EDQUOT])
def test_a_target_that_fails_drops_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Whatever the system answers; the other one gets its generation, and no half one is left where it failed."""
    drafts = [Draft(folder, "sekisho-20261122T030000Z-00010203") for folder in made(tmp_path, "good", "bad")]
    for draft in drafts:
        draft.begin("database")
    real = os.write
    failing = drafts[1]._file

    def write(file: int, data: bytes) -> int:
        if file == failing:
            raise OSError(number, os.strerror(number))
        return real(file, data)

    monkeypatch.setattr(os, "write", write)
    for draft in drafts:
        draft.write(b"sealed")
        draft.end()
        draft.publish()
        draft.close()
    assert [draft.fault and draft.fault.errno for draft in drafts] == [None, number]
    assert [len(list(folder.iterdir())) for folder in (tmp_path / "good", tmp_path / "bad")] == [1, 0]


def made(base: Path, *names: str) -> list[Path]:
    """Make folders."""
    for name in names:
        (base / name).mkdir()
    return [base / name for name in names]


def test_a_target_that_goes_away_in_the_middle_gets_nothing(tmp_path: Path) -> None:
    """Its folder is empty then: nothing is put there as if it were the disk."""
    (target,) = made(tmp_path, "disk")
    draft = Draft(target, "sekisho-20261122T030000Z-00010203")
    draft.begin("database")
    draft.write(b"sealed")
    target.rename(tmp_path / "pulled")
    target.mkdir()
    draft.end()
    draft.begin("keys")
    draft.write(b"more")
    draft.publish()
    draft.close()
    assert draft.fault is not None
    assert draft.fault.errno == errno.ENOENT
    assert list(target.iterdir()) == []


def digests(*folders: Path) -> dict[str, str]:
    """Return the hash of every file below folders."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def disk(home: Path) -> Iterator[Path]:
    """A disk that can be pulled: what lies on it is in the folder ``inside`` beside it all the same."""
    mountpoint, inside = home.parent / "disk", home.parent / "inside"
    mountpoint.mkdir()
    inside.mkdir()
    if subprocess.run(["mount", "--bind", inside, mountpoint], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a disk here")
    yield mountpoint
    while subprocess.run(["umount", "--lazy", mountpoint], capture_output=True, check=False).returncode == 0:
        continue


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.timeout(300)
def test_a_disk_that_is_pulled_or_read_only_harms_nothing_old(place: Place, disk: Path) -> None:
    """The real command: its exit code and words, the other target's generation, and every old byte as it was."""
    inside = disk.parent / "inside"
    place.targets[1] = disk
    place.create()
    old = digests(inside, place.targets[0])
    subprocess.run(["mount", "-o", "remount,ro,bind", disk], check=True)
    answer = place.run("create")
    assert (answer.returncode, "Read-only file system" in answer.stderr) == (74, True)
    assert "safe from Sekisho" in place.run("list").stdout, "write once, as long as it lasts"
    subprocess.run(["mount", "-o", "remount,rw,bind", disk], check=True)

    (place.home / "evidence").write_bytes(os.urandom(96 * 1024 * 1024))
    running = subprocess.Popen(
        [*COMMAND, "backup", "create"],
        env=variables(place.home, place.settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
    )  # fmt: skip
    until(lambda: list(disk.glob(".partial-*/files")), 60, "half a backup")
    running.send_signal(signal.SIGSTOP)
    subprocess.run(["umount", "--lazy", disk], check=True)
    running.send_signal(signal.SIGCONT)
    said = running.communicate(timeout=120)[1].decode()
    assert (running.returncode, str(disk) in said, "[config.backup_failed]" in said) == (74, True, True)
    assert list(disk.iterdir()) == [], "nothing on the disk of the computer itself"
    assert len(list(place.targets[0].glob("sekisho-*"))) == 3
    assert {path: value for path, value in digests(inside, place.targets[0]).items() if path in old} == old
    subprocess.run(["mount", "--bind", inside, disk], check=True)
    answer = place.run("create")
    assert answer.returncode == 0, answer.stderr
    assert not list(inside.glob(".partial-*")), "what the pulled disk still had of it went with the next one"
    for generation in place.generations():
        assert place.run("verify", str(generation)).returncode == 0, generation
