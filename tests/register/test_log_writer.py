"""The log on a disk that loses, fills up and breaks: what was said to be in it is in it, once, in its place."""

import errno
import hashlib
from collections.abc import Sequence
from random import Random  # noqa: TID251  # a seed makes a round come again

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.register.errors import CheckpointBroken, EntryTooLarge, LogDamaged
from sekisho.register.log.layout import CHECKPOINT, WIDTH, Tile, edge_tiles, pack, read_path, require_size, unpack
from sekisho.register.log.tree import Tree, read_head, verify_bundle, verify_edge
from sekisho.register.log.writer import Log, create_log, open_log
from sekisho.trust.dsse import public_key
from sekisho.trust.merkle import leaf_hash, root_over
from sekisho.trust.notes import Checkpoint
from tests.register.losing_disk import LosingDisk, PowerCut

SEED = bytes(range(32))
PUBLIC = public_key(SEED)
ORIGIN = "sekisho-register/test"


def entry(number: int, attempt: int = 0) -> bytes:
    return b'{"n":%d,"try":%d,"x":"%s"}' % (number, attempt, b"x" * (number % 60))


def filled(disk: LosingDisk, counts: Sequence[int]) -> tuple[Log, list[bytes]]:
    log = create_log(disk, SEED, ORIGIN)
    said: list[bytes] = []
    for count in counts:
        batch = [entry(len(said) + number) for number in range(count)]
        log.append(batch)
        said += batch
    return log, said


def assert_whole(disk: LosingDisk, said: Sequence[bytes]) -> Checkpoint:
    """Check the whole log from its files alone, with the plainest arithmetic there is."""
    note = disk.read(CHECKPOINT)
    assert note is not None
    head = read_head(note, PUBLIC)
    tree = Tree(disk, head.size)
    assert list(tree.entries(0, head.size)) == list(said)
    assert head.root == root_over([leaf_hash(one) for one in said])
    verify_edge(tree, head)
    for index in range(-(-head.size // WIDTH)):
        verify_bundle(tree, index)
    return head


@pytest.mark.parametrize("counts", [[], [1], [255], [256], [257], [1, 1, 1], [300, 300], [70, 5000, 1, 600], [8192]])
def test_what_is_appended_is_in_the_log(counts: list[int]) -> None:
    disk = LosingDisk()
    log, said = filled(disk, counts)
    assert log.head == assert_whole(disk, said)
    again = open_log(disk, SEED)
    assert again is not None
    assert again.head == log.head
    more = [entry(len(said))]
    again.append(more)
    assert_whole(disk, [*said, *more])


def test_a_log_of_three_levels_has_the_tiles_of_the_specification() -> None:
    """The example of tlog-tiles: 70,000 entries."""
    disk = LosingDisk()
    log = create_log(disk, SEED, ORIGIN)
    for start in range(0, 70_000, 7_000):
        log.append([entry(number) for number in range(start, start + 7_000)])
    assert [tile.path for tile in edge_tiles(70_000)] == [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert {path: len(disk.read(path) or b"") for path in ("tile/0/272", "tile/1/000", "tile/1/001.p/17")} == {
        "tile/0/272": 8192,
        "tile/1/000": 8192,
        "tile/1/001.p/17": 544,
    }
    assert "272.p" not in disk.names("tile/0")
    assert_whole(disk, [entry(number) for number in range(70_000)])


def test_every_checkpoint_that_was_published_has_its_partial_tiles() -> None:
    disk = LosingDisk()
    filled(disk, [3, 4, 5])
    assert disk.names("tile/0/000.p") == ["12", "3", "7"]
    assert disk.names("tile/entries/000.p") == ["12", "3", "7"]


def test_who_reads_an_older_head_finds_its_tiles_in_the_full_ones() -> None:
    """A reader that took the checkpoint before the log grew is not told that the log is damaged."""
    disk = LosingDisk()
    log, said = filled(disk, [300])
    head = log.head
    log.append([entry(300 + number) for number in range(400)])
    assert disk.names("tile/entries/001.p") == []
    with pytest.raises(LogDamaged):
        verify_edge(Tree(disk, 300), head)
    verify_edge(Tree(disk, 300, grows=True), head)
    assert list(Tree(disk, 300, grows=True).entries(0, 300)) == said


def signed_paths(disk: LosingDisk, size: int, path: str) -> bool:
    """Tell whether a file belongs to the log of ``size`` entries."""
    tile = read_path(path)
    return tile is not None and tile.end <= size


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=4),
    st.integers(1, 60),
    st.sampled_from([None, errno.ENOSPC, errno.EIO]),
    st.integers(0, 2**32),
)
def test_nothing_said_is_lost_whatever_fails_when(counts: list[int], at: int, fault: int | None, seed: int) -> None:
    run_with_fault(counts, at, fault, Random(seed))


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(4))
def test_thousands_of_faults(part: int) -> None:
    chance = Random(part)
    for _round in range(2_500):
        counts = [chance.choice([1, 2, 7, 250, 256, 300, 700]) for _ in range(chance.randint(1, 4))]
        run_with_fault(counts, chance.randint(1, 70), chance.choice([None, errno.ENOSPC, errno.EIO]), chance)


def run_with_fault(counts: list[int], at: int, fault: int | None, chance: Random) -> None:
    """Append batches while the fault strikes at call ``at``; then open what is left and go on with other entries."""
    disk = LosingDisk()
    disk.choose = lambda: chance.random() < 0.5
    disk.fails_at, disk.fault = at, fault
    said: list[bytes] = []
    tried: list[bytes] = []
    seen: list[bytes] = []
    try:
        log = create_log(disk, SEED, ORIGIN)
        disk.covered = lambda path: signed_paths(disk, len(said), path)
        for count in counts:
            tried = [entry(len(said) + number) for number in range(count)]
            log.append(tried)
            said, tried = said + tried, []
    except (PowerCut, OSError):
        if (visible := disk.read(CHECKPOINT)) is not None:
            seen.append(visible)
        if fault is None:
            disk = disk.after_power_cut()
            disk.choose = lambda: chance.random() < 0.5
    disk.fails_at = -1
    reopen_and_go_on(disk, said, tried, seen)


def reopen_and_go_on(disk: LosingDisk, said: list[bytes], tried: list[bytes], seen: list[bytes]) -> None:
    log = open_log(disk, SEED)
    if log is None:
        assert not said
        log = create_log(disk, SEED, ORIGIN)
    assert log.head.size in {len(said), len(said) + len(tried)}
    kept = said + tried if log.head.size > len(said) else said
    for note in seen:  # what anybody could read was not taken back
        head = read_head(note, PUBLIC)
        assert head.size <= log.head.size
        assert head.root == root_over([leaf_hash(one) for one in kept[: head.size]])
    assert_whole(disk, kept)
    size = log.head.size
    disk.covered = lambda path: signed_paths(disk, size, path)
    other = [entry(len(kept) + number, attempt=1) for number in range(3)]
    log.append(other)
    assert_whole(disk, kept + other)
    size = log.head.size
    more = [entry(len(kept) + 3 + number, attempt=1) for number in range(400)]
    log.append(more)
    assert_whole(disk, kept + other + more)
    assert_nothing_strange(disk, len(kept) + 403, kept + other + more)


def assert_nothing_strange(disk: LosingDisk, size: int, said: Sequence[bytes]) -> None:
    """Every file of hashes or entries that lies there is part of the log, in its full or one of its partial forms."""
    leaves = [leaf_hash(one) for one in said]
    for index in range(size // WIDTH + 40):
        for level in (None, 0):
            folder = f"{Tile(level, index, WIDTH).full_path}.p"
            for tile in [Tile(level, index, WIDTH), *(Tile(level, index, int(name)) for name in disk.names(folder))]:
                data = disk.read(tile.path)
                if data is None:
                    continue
                assert tile.end <= size, tile.path
                start = index * WIDTH
                rows = leaves if level == 0 else said
                expected = rows[start : start + tile.width]
                assert data == (b"".join(expected) if level == 0 else pack(expected)), tile.path


def test_a_full_disk_that_stays_full_loses_nothing() -> None:
    disk = LosingDisk()
    log, said = filled(disk, [300])
    disk.fails_at, disk.fault, disk.stays_full = disk.calls + 3, errno.ENOSPC, True
    with pytest.raises(OSError, match="struck"):
        log.append([entry(300), entry(301)])
    with pytest.raises(OSError, match="struck"):
        open_log(disk, SEED)
    disk.fails_at, disk.stays_full = -1, False
    again = open_log(disk, SEED)
    assert again is not None
    again.append([entry(300, 2)])
    assert_whole(disk, [*said, entry(300, 2)])


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44", CHECKPOINT])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_damaged_end_is_named(path: str, harm: str) -> None:
    disk = LosingDisk()
    filled(disk, [300])
    folder, name = disk._parent(path)
    data = disk.read(path)
    assert data
    if harm == "gone":
        del folder.names[name]
    else:
        folder.names[name].data = data[:-1] if harm == "cut" else data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]
    wanted = CheckpointBroken if path == CHECKPOINT else LogDamaged
    with pytest.raises(wanted) as caught:
        open_log(disk, SEED)
    if harm == "gone" and wanted is LogDamaged:
        assert path in str(caught.value.text)


def test_damage_before_the_end_is_found_by_looking_there() -> None:
    disk = LosingDisk()
    log, _said = filled(disk, [1000])
    data = disk.read("tile/entries/001")
    assert data
    disk._parent("tile/entries/001")[0].names["001"].data = data[:9] + bytes([data[9] ^ 4]) + data[10:]
    for index in (0, 2, 3):
        verify_bundle(log.tree, index)
    with pytest.raises(LogDamaged) as caught:
        verify_bundle(log.tree, 1)
    assert "tile/entries/001" in str(caught.value.text)


def test_another_key_does_not_open_the_log() -> None:
    disk = LosingDisk()
    filled(disk, [3])
    with pytest.raises(CheckpointBroken):
        open_log(disk, bytes(32))


def test_tiles_without_a_checkpoint_are_no_new_log() -> None:
    disk = LosingDisk()
    filled(disk, [3])
    del disk.root.names[CHECKPOINT]
    with pytest.raises(CheckpointBroken):
        open_log(disk, SEED)


@given(st.integers(0, 10**12), st.integers(1, 256), st.sampled_from([None, 0, 1, 7, 63]))
def test_a_path_names_one_tile(index: int, width: int, level: int | None) -> None:
    tile = Tile(level, index, width)
    assert read_path(tile.path) == tile


def test_paths_of_the_specification() -> None:
    assert Tile(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert Tile(None, 273, 112).path == "tile/entries/273.p/112"
    for wrong in (
        "tile/0/1", "tile/00/001", "tile/64/001", "tile/0/x000/001", "tile/0/001.p/256", "tile/0/001.p/0",
        "tile/0/001.p/01", "tile/0/../001", "tile/-1/001", "tile/0/x001/x234/x067", "tile/0/001/", "checkpoint",
    ):  # fmt: skip
        assert read_path(wrong) is None, wrong


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_give_back_what_was_packed(entries: list[bytes]) -> None:
    packed = pack(entries)
    assert unpack(packed, "x") == entries
    for cut in range(1, min(len(packed), 3)):
        try:
            assert unpack(packed[:-cut], "x") != entries
        except LogDamaged:
            pass


def test_an_entry_that_no_bundle_can_hold_is_refused() -> None:
    assert require_size(b"x" * 65_535)
    with pytest.raises(EntryTooLarge):
        require_size(b"x" * 65_536)


def test_the_empty_log_has_the_root_of_nothing() -> None:
    disk = LosingDisk()
    create_log(disk, SEED, ORIGIN)
    note = disk.read(CHECKPOINT)
    assert note
    assert read_head(note, PUBLIC) == Checkpoint(ORIGIN, 0, hashlib.sha256(b"").digest())
