"""Reads tiles and bundles of a tree of a known size, by the rules of C2SP tlog-tiles."""

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho_verify.errors import Malformed, Refused
from sekisho_verify.merkle import HASH_BYTES, fold, node_hash, peaks_of, perfect_root
from sekisho_verify.paths import WIDTH, Place, place_of, span_of
from sekisho_verify.sources import Source

MOST_ENTRY_BYTES = 0xFFFF
LENGTH_BYTES = 2
MOST_TILE_BYTES = WIDTH * HASH_BYTES
MOST_BUNDLE_BYTES = WIDTH * (LENGTH_BYTES + MOST_ENTRY_BYTES)


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of a tree of ``size`` entries in a source."""

    source: Source
    size: int

    def tile(self, level: int, number: int) -> bytes:
        """Return a tile's joined hashes. Raises Refused where it is missing or has a wrong length."""
        place = place_of(self.size, level, number)
        data = self.source.read(place.path, MOST_TILE_BYTES)
        if data is None and place.width < WIDTH:
            # A log may take a partial tile away once there is a full one.
            data = self.source.read(place.full.path, MOST_TILE_BYTES)
            data = data[: place.width * HASH_BYTES] if data and len(data) == MOST_TILE_BYTES else data
        if data is None:
            raise Refused("tile.missing", place.path)
        if len(data) != place.width * HASH_BYTES:
            raise Refused("tile.length", place.path)
        return data

    def bundle(self, number: int) -> bytes:
        """Return a bundle's bytes, cut to the entries of this tree. Raises Refused."""
        place = place_of(self.size, None, number)
        data = self.source.read(place.path, MOST_BUNDLE_BYTES)
        if data is None and place.width < WIDTH:
            data = self.source.read(place.full.path, MOST_BUNDLE_BYTES)
            data = data and _first_entries(data, place)
        if data is None:
            raise Refused("bundle.missing", place.path)
        return data

    def partial(self) -> Iterator[Place]:
        """Yield the partial tiles at the right edge, highest level first: left to right."""
        levels = [level for level in range(8) if self.size // span_of(level) % WIDTH]
        for level in reversed(levels):
            yield place_of(self.size, level, self.size // span_of(level + 1))

    def root(self) -> bytes:
        """Return the root that the partial tiles lead to. Raises Refused."""
        return fold([peak for place in self.partial() for peak in peaks_of(self.tile(place.level or 0, place.number))])

    def range_root(self, begin: int, end: int) -> bytes:
        """Return the root over entries ``begin`` to ``end``, a range of an inclusion proof. Raises Refused."""
        height = (end - begin - 1).bit_length()
        if end - begin == 1 << height and begin % (1 << height) == 0:
            return self._perfect(begin, height)
        middle = begin + (1 << (height - 1))
        return node_hash(self.range_root(begin, middle), self.range_root(middle, end))

    def _perfect(self, begin: int, height: int) -> bytes:
        level, rest = divmod(height, 8)
        # A tile's own root stands in the tile above; that one may be missing only for the tree's root itself.
        at = begin >> (8 * level)
        hashes = self.tile(level, at // WIDTH)
        first = at % WIDTH * HASH_BYTES
        return perfect_root(hashes[first : first + HASH_BYTES * (1 << rest)])

    def prefix(self, size: int) -> "Prefix":
        """Return this tree as it was at ``size`` entries."""
        return Prefix(self, size)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first ``size`` entries of a tree, read from the tiles of the whole."""

    tiles: Tiles
    size: int

    def root(self) -> bytes:
        """Return the root that the tree had then. Raises Refused."""
        peaks = []
        for place in Tiles(self.tiles.source, self.size).partial():
            hashes = self.tiles.tile(place.level or 0, place.number)
            peaks += peaks_of(hashes[: place.width * HASH_BYTES])
        return fold(peaks)


def split_bundle(data: bytes) -> list[bytes]:
    """Return a bundle's entries. Raises Malformed where lengths and bytes do not agree."""
    entries, at, end = [], 0, len(data)
    while at < end:
        begin = at + LENGTH_BYTES
        at = begin + (data[at] << 8 | data[at + 1]) if begin <= end else end + 1
        if at > end:
            raise Malformed("bundle.form")
        entries.append(data[begin:at])
    return entries


def _first_entries(data: bytes, place: Place) -> bytes:
    at = 0
    for _ in range(place.width):
        if at + LENGTH_BYTES > len(data):
            return data
        at += LENGTH_BYTES + (data[at] << 8 | data[at + 1])
    return data[:at]
