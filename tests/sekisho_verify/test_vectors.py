"""Known answers of the specifications and of the reference implementations."""

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho_verify.errors import Malformed
from sekisho_verify.merkle import fold, leaf_hash, leaf_hashes, path_ranges, peaks_of, root_from_path
from sekisho_verify.notes import parse_checkpoint, parse_key, parse_note, time_of
from sekisho_verify.paths import Place, parse, place_of
from sekisho_verify.sources.folder import Folder
from sekisho_verify.tiles import Tiles
from tests.sekisho_verify.writer import Log, write

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text(encoding="utf8"))
LEAVES = [bytes.fromhex(one) for one in VECTORS["leaves"]]
NOTE = VECTORS["note"]


def test_the_roots_of_the_first_trees() -> None:
    """None to eight leaves."""
    for size, root in enumerate(VECTORS["roots"]):
        assert fold(peaks_of(leaf_hashes(LEAVES[:size]))).hex() == root


@pytest.mark.parametrize("known", VECTORS["inclusion"], ids=lambda known: f"{known['index']} of {known['size']}")
def test_inclusion_proofs(known: dict[str, Any], tmp_path: Path) -> None:
    """They lead to the root, they are what tiles give, and no shorter, longer or other one does."""
    path = [bytes.fromhex(one) for one in known["path"]]
    index, size, root = known["index"], known["size"], bytes.fromhex(VECTORS["roots"][known["size"]])
    leaf = leaf_hash(LEAVES[index])
    assert root_from_path(leaf, index, size, path) == root
    tiles = Tiles(Folder(write(tmp_path, Log(LEAVES[:size]).files)), size)
    assert [tiles.range_root(*span) for span in path_ranges(index, size)] == path
    assert root_from_path(leaf, index, size, [*path, leaf]) is None
    assert root_from_path(leaf, size, size, path) is None
    if path:
        assert root_from_path(leaf, index, size, path[:-1]) is None
        assert root_from_path(leaf, index, size, [leaf, *path[1:]]) != root


def test_the_note_of_the_reference() -> None:
    """It is accepted; with one letter changed, or by another key, it is not."""
    key = parse_key(NOTE["vkey"])
    data = (NOTE["text"] + "\n" + NOTE["line"]).encode()
    assert parse_note(data).signed_by(key) is True
    assert parse_note(data.replace(b"cryptography", b"cryptographY")).signed_by(key) is False
    assert parse_note(data.replace(b" PeterNeumann ", b" EnochRoot ")).signed_by(key) is None


@pytest.mark.parametrize(
    "data",
    [
        NOTE["text"],
        NOTE["text"] + "\n",
        NOTE["text"] + "\n" + NOTE["line"].removesuffix("\n"),
        "\x01" + NOTE["text"] + "\n" + NOTE["line"],
        NOTE["text"] + "\n" + NOTE["line"].replace("PeterNeumann", "Bad Name"),
        NOTE["text"] + "\n" + NOTE["line"].replace("PeterNeumann", "Bad+Name"),
        NOTE["text"] + "\n" + NOTE["line"] + "Unexpected line.\n",
        NOTE["text"] + "\n" + NOTE["line"].replace("=", ""),
        NOTE["text"] + "\n" + NOTE["line"].replace("JnAM=", "JnAN="),
        NOTE["text"] + "\n" + NOTE["line"].replace("\n", "\r\n"),
        NOTE["text"] + "\n" + NOTE["line"] * 101,
        NOTE["text"] + "\n— PeterNeumann AAAA\n",
    ],
)
def test_notes_that_are_none(data: str) -> None:
    """As the reference refuses them."""
    with pytest.raises(Malformed):
        parse_note(data.encode())


def test_notes_are_utf8() -> None:
    """Other bytes are refused."""
    with pytest.raises(Malformed):
        parse_note(b"\xff" + (NOTE["text"] + "\n" + NOTE["line"]).encode())


def test_every_slip_in_a_key_is_seen() -> None:
    """Each part of a key, and a key with any letter changed, is refused."""
    vkey = NOTE["vkey"]
    slips = [vkey[:begin] + chr(ord(vkey[begin]) + 1) + vkey[begin + 1 :] for begin in range(len(vkey))]
    parts = [vkey[begin:] for begin in range(1, len(vkey))] + [vkey[:end] for end in range(len(vkey))]
    for wrong in [*slips, *parts, *NOTE["bad_keys"]]:
        with pytest.raises(Malformed):
            parse_key(wrong)


def test_the_cosignature_of_the_specification() -> None:
    """Its key is not published: the line is taken apart as the text says."""
    known = VECTORS["cosignature"]
    head = parse_checkpoint(known["checkpoint"].encode())
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    line = next(one for one in head.note.signatures if one.name == known["witness"])
    assert (line.id.hex(), len(line.value), time_of(line.value)) == (known["id"], 72, known["time"])


@pytest.mark.parametrize(
    "lines",
    [
        "x\n1\n", "\n1\nROOT\n", "x\n01\nROOT\n", "x\n-1\nROOT\n", "x\n+1\nROOT\n", "x\n1 \nROOT\n", "x\n\nROOT\n",
        "x\n1\nROOT\n\nmore\n", "x\n1\nAAAA\n", "x\n１\nROOT\n", f"x\n{2**63}\nROOT\n", f"x\n{10**30}\nROOT\n",
    ],
)  # fmt: skip
def test_checkpoints_that_are_none(lines: str) -> None:
    """Sizes are plain decimal numbers, the root has 32 bytes, no line is empty."""
    text = lines.replace("ROOT", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    with pytest.raises(Malformed):
        parse_checkpoint((text + "\n" + NOTE["line"]).encode())


def test_where_tiles_lie() -> None:
    """The examples of the specification, both ways; nothing else is a tile."""
    assert Place(0, 1234067, 256).path == "tile/0/" + VECTORS["path_1234067"]
    assert {place.path for place in Tiles(Folder(Path()), 70000).partial()} <= set(VECTORS["tiles_of_70000"])
    for path in VECTORS["tiles_of_70000"]:
        place = parse(path)
        assert place is not None
        assert place_of(70000, place.level, place.number) == place
        assert place.path == path
    for wrong in ("tile/0/1", "tile/00/001", "tile/64/000", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256",
                  "tile/0/000.p/01", "tile/entries/000/", "tile/0/x001", "tile/0/1234", "tile/0/../000"):  # fmt: skip
        assert parse(wrong) is None, wrong
