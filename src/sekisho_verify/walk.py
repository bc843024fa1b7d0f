"""Goes through the whole tree once, left to right: every tile against the one above, every entry against its tile."""

from collections.abc import Callable
from dataclasses import dataclass

from sekisho_verify.errors import CannotCheck, Malformed, Refused
from sekisho_verify.merkle import HASH_BYTES, fold, leaf_hashes, peaks_of, perfect_root
from sekisho_verify.notes import Checkpoint
from sekisho_verify.paths import WIDTH, Place, place_of, span_of
from sekisho_verify.report import Part, Report
from sekisho_verify.tiles import Tiles, split_bundle

Look = Callable[[int, list[bytes]], None]
Split = Callable[[bytes], list[bytes]]


@dataclass(slots=True)
class Walk:
    """One walk.

    ``look`` is called with the first index and the entries of each bundle that fits its tile, ``skip``
    where one does not; ``minimum`` is the index before which a pruned log need not hold anything.
    ``split`` cuts a bundle into entries; it may keep what it saw for ``look``, which is called with the same list.
    """

    tiles: Tiles
    report: Report
    look: Look
    skip: Callable[[], None]
    minimum: int = 0
    split: Split = split_bundle
    entries: int = 0
    closed: bool = False

    def go(self, head: Checkpoint) -> None:
        """Check everything against the root of ``head``; what is wrong goes into the report."""
        self.report.looked_at(Part.TREE)
        hashes = {place: self._read(place) for place in self.tiles.partial()}
        whole = {place: data for place, data in hashes.items() if data is not None}
        right = len(whole) == len(hashes) and (_root(whole) == head.root or self._mend(whole, head.root))
        for place, data in whole.items():
            self._below(place, data, trusted=right)
        if len(whole) == len(hashes) and not right:
            self.report.bad(Part.TREE, "tree.root", size=head.size)

    def _mend(self, hashes: dict[Place, bytes], root: bytes) -> bool:
        """Find the one tile at the edge without whose change the root would be right; report it and put it right."""
        for suspect in hashes:
            true = self._recomputed(suspect)
            if true is not None and _root(hashes | {suspect: true}) == root:
                self.report.bad(Part.TREE, "tile.altered", path=suspect.path)
                hashes[suspect] = true
                return True
        return False

    def _recomputed(self, place: Place) -> bytes | None:
        """Return the hashes that a tile should hold, made from what lies below it."""
        level, first = place.level or 0, place.number * WIDTH
        try:
            if level == 0:
                return leaf_hashes(split_bundle(self.tiles.bundle(place.number)))
            return b"".join([perfect_root(self.tiles.tile(level - 1, first + at)) for at in range(place.width)])
        except (Refused, Malformed, CannotCheck):
            return None

    def _read(self, place: Place) -> bytes | None:
        """Return a tile's hashes; those of a tile that is not there are made anew where that can be done."""
        try:
            return self.tiles.tile(place.level or 0, place.number)
        except Refused as refused:
            if refused.code != "tile.missing" or self._end(place) > self.minimum:
                self._lost(place, refused)
            return self._recomputed(place)

    def _end(self, place: Place) -> int:
        return (place.number * WIDTH + place.width) * span_of(place.level or 0)

    def _lost(self, place: Place, refused: Refused) -> None:
        begin = place.number * WIDTH * span_of(place.level or 0)
        self.report.bad(Part.STRUCTURE, refused.code, path=refused.path, first=begin, last=self._end(place) - 1)
        self.skip()

    def _below(self, place: Place, hashes: bytes, *, trusted: bool) -> None:
        """Check what lies below a tile. ``trusted`` says that its hashes lead to the signed root."""
        if place.level == 0:
            self._bundle(place, hashes, trusted=trusted)
            return
        level = (place.level or 0) - 1
        for at in range(place.width):
            child = place_of(self.tiles.size, level, place.number * WIDTH + at)
            if self._end(child) <= self.minimum and not self._anything(child):
                continue
            data = self._read(child)
            if data is not None:
                wanted = hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
                self._child(child, data, wanted, place, trusted=trusted)

    def _child(self, child: Place, data: bytes, wanted: bytes, parent: Place, *, trusted: bool) -> None:
        fits = perfect_root(data) == wanted
        if not fits and not trusted:
            self.report.bad(Part.TREE, "tile.parent", path=child.path, parent=parent.path)
        if not fits and trusted:
            self.report.bad(Part.TREE, "tile.altered", path=child.path)
            true = self._recomputed(child)
            fits = true is not None and perfect_root(true) == wanted
            data = true if fits and true is not None else data
        self._below(child, data, trusted=trusted and fits)

    def _anything(self, place: Place) -> bool:
        """Tell whether a pruned log still holds this tile."""
        try:
            return self.tiles.source.read(place.path, WIDTH * HASH_BYTES) is not None
        except Refused:
            return True

    def _bundle(self, place: Place, hashes: bytes, *, trusted: bool) -> None:
        first = place.number * WIDTH
        try:
            entries = self.split(self.tiles.bundle(place.number))
        except Refused as refused:
            if refused.code != "bundle.missing" or first + place.width > self.minimum:
                self._lost(Place(None, place.number, place.width), refused)
            return
        except Malformed as malformed:
            self.report.bad(Part.STRUCTURE, malformed.code, path=Place(None, place.number, place.width).path)
            self.skip()
            return
        except CannotCheck as closed:
            if closed.code != "url.closed":
                raise
            self._closed(closed)
            return
        found = leaf_hashes(entries)
        if found == hashes:
            self.entries += len(entries)
            self.look(first, entries)
        else:
            self._differs(place, found, hashes, trusted=trusted)

    def _closed(self, closed: CannotCheck) -> None:
        if not self.closed:
            self.report.unknown(Part.ENTRIES, "entries.closed", **closed.facts)
        self.closed = True
        self.skip()

    def _differs(self, place: Place, found: bytes, hashes: bytes, *, trusted: bool) -> None:
        """Name the entries that do not fit a tile."""
        path = Place(None, place.number, place.width).path
        code = "entry.altered" if trusted else "entry.tile"
        count = len(found) // HASH_BYTES
        if count != place.width:
            self.report.bad(Part.TREE, "bundle.count", path=path, found=count, wanted=place.width)
        for at in range(min(count, place.width)):
            span = slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
            if found[span] != hashes[span]:
                self.report.bad(Part.TREE, code, index=place.number * WIDTH + at, path=path)
                if count != place.width:
                    break  # everything behind an inserted or dropped entry has moved
        self.skip()


def _root(hashes: dict[Place, bytes]) -> bytes:
    return fold([peak for value in hashes.values() for peak in peaks_of(value)])
