"""Where the parts of a log lie, and how entries are put into bundles (C2SP tlog-tiles). Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sekisho.register.errors import EntryTooLarge, LogDamaged

CHECKPOINT = "checkpoint"
DRAFT = "checkpoint.new"
WIDTH = 256
HIGHEST_LEVEL = 63
LARGEST_ENTRY = 65_535
ENTRIES = "entries"
_LENGTH_BYTES = 2
_TILE = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of hashes, or of entries where ``level`` is None. ``width`` counts them; 256 make it full."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """Where it lies below the folder of the log."""
        return self.full_path if self.width == WIDTH else f"{self.full_path}.p/{self.width}"

    @property
    def full_path(self) -> str:
        """Where it lies once it is full."""
        return f"tile/{ENTRIES if self.level is None else self.level}/{_number_path(self.index)}"

    @property
    def end(self) -> int:
        """How many entries a log must have for this tile to be part of it."""
        return (self.index * WIDTH + self.width) << 8 * (self.level or 0)


def _number_path(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)


def read_path(path: str) -> Tile | None:
    """Return the tile that ``path`` names; None where it is not exactly the path of one."""
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] == ENTRIES else int(found["level"])
    index = int(found["index"].replace("/", "").replace("x", ""))
    tile = Tile(level, index, int(found["width"] or WIDTH))
    is_one = (level or 0) <= HIGHEST_LEVEL and tile.path == path
    return tile if is_one else None


def edge_tiles(size: int) -> Iterator[Tile]:
    """Yield the partial tiles of hashes of a log of ``size`` entries, level 0 first; an empty level has none."""
    level = 0
    while size >> 8 * level:
        count = size >> 8 * level
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


def require_size(entry: bytes) -> bytes:
    """Return ``entry`` if a bundle can hold it. Raises EntryTooLarge."""
    if len(entry) > LARGEST_ENTRY:
        raise EntryTooLarge(bytes=len(entry), most=LARGEST_ENTRY)
    return entry


def pack(entries: Sequence[bytes]) -> bytes:
    """Return entries as a bundle: each after its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def unpack(data: bytes, path: str) -> list[bytes]:
    """Return the entries of the bundle at ``path``. Raises LogDamaged where the lengths do not fit the bytes."""
    entries, start = [], 0
    while start < len(data):
        begin = start + _LENGTH_BYTES
        start = begin + int.from_bytes(data[start:begin], "big")
        if start > len(data) or begin > len(data):
            raise LogDamaged(path=path)
        entries.append(data[begin:start])
    return entries


def unpack_one(data: bytes, at: int, path: str) -> bytes:
    """Return entry ``at`` of the bundle at ``path``. Raises LogDamaged where the bundle ends before it does."""
    start = 0
    try:
        for _before in range(at):
            start += _LENGTH_BYTES + (data[start] << 8 | data[start + 1])
        end = start + _LENGTH_BYTES + (data[start] << 8 | data[start + 1])
    except IndexError as error:
        raise LogDamaged(path=path) from error
    if end > len(data):
        raise LogDamaged(path=path)
    return data[start + _LENGTH_BYTES : end]
