"""Reading a log: its hashes, its entries, and whether they are what the checkpoint has signed."""

from collections.abc import Iterator

from sekisho.register.errors import CheckpointBroken, LogDamaged
from sekisho.register.log.files import Files
from sekisho.register.log.layout import WIDTH, Tile, edge_tiles, unpack
from sekisho.trust.merkle import HASH_BYTES, fold, leaf_hash, peaks_over, root_over
from sekisho.trust.notes import Checkpoint, NoteBroken, NoteUnsigned, read_checkpoint, read_note, verify_note


def read_head(note: bytes, public: bytes) -> Checkpoint:
    """Return the checkpoint in ``note``, signed under its own origin with ``public``. Raises CheckpointBroken."""
    try:
        head = read_checkpoint(read_note(note).text)
        verify_note(note, head.origin, public)
    except (NoteBroken, NoteUnsigned) as error:
        raise CheckpointBroken from error
    return head


class Tree:
    """The hashes and entries of a log of ``size`` entries. What is missing or of the wrong length raises LogDamaged.

    Of a log that ``grows`` meanwhile, a partial tile may have gone because the full one is there; that is read then.
    """

    def __init__(self, files: Files, size: int, *, grows: bool = False) -> None:
        self._files = files
        self.size = size
        self._grows = grows

    def tile(self, level: int | None, index: int) -> Tile:
        """Return the tile ``index`` of ``level`` as wide as it is in a log of this size."""
        count = self.size // WIDTH ** (level or 0) - index * WIDTH
        return Tile(level, index, min(count, WIDTH))

    def hashes(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of a tile."""
        tile = self.tile(level, index)
        data, is_full = self._read(tile)
        if is_full:
            data = data[: tile.width * HASH_BYTES]
        if len(data) != tile.width * HASH_BYTES:
            raise LogDamaged(path=tile.path)
        return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]

    def bytes_of(self, level: int | None, index: int) -> bytes:
        """Return the bytes of a tile, or of a bundle, as they lie on the disk; nothing about them is checked."""
        return self._read(self.tile(level, index))[0]

    def bundle(self, index: int) -> list[bytes]:
        """Return the entries of a bundle."""
        tile = self.tile(None, index)
        data, is_full = self._read(tile)
        entries = unpack(data, tile.path)
        if is_full:
            entries = entries[: tile.width]
        if len(entries) != tile.width:
            raise LogDamaged(path=tile.path)
        return entries

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the entries from ``start`` up to ``end``."""
        while start < end:
            bundle = self.bundle(start // WIDTH)
            begin = start % WIDTH
            yield from bundle[begin : begin + end - start]
            start += len(bundle) - begin

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of the complete subtree ``index`` of 2**height leaves, for proofs."""
        level, inner = divmod(height, 8)
        place = index << inner
        row = self.hashes(level, place // WIDTH)
        begin = place % WIDTH
        return root_over(row[begin : begin + (1 << inner)])

    def edge(self) -> list[list[bytes]]:
        """Return, level by level, the hashes that stand in no full tile yet."""
        found: list[list[bytes]] = []
        for tile in edge_tiles(self.size):
            found += [[] for _empty in range(len(found), tile.level or 0)]
            found.append(self.hashes(tile.level or 0, tile.index))
        return found

    def _read(self, tile: Tile) -> tuple[bytes, bool]:
        """Return the bytes of a tile, and whether they are those of the full one in the place of a partial one."""
        data = self._files.read(tile.path)
        if data is not None:
            return data, False
        full = self._files.read(tile.full_path) if self._grows and tile.width < WIDTH else None
        if full is None:
            raise LogDamaged(path=tile.path)
        return full, True


def edge_root(edge: list[list[bytes]]) -> bytes:
    """Return the root of the log with this edge."""
    return fold(peak for row in reversed(edge) for peak in peaks_over(row))


def verify_bundle(tree: Tree, index: int) -> None:
    """Check one bundle against its hashes, and these against the hashes above them, up to the edge.

    Raises LogDamaged naming the file: the bundle where only the entries differ from the hashes.
    """
    row = tree.hashes(0, index)
    if [leaf_hash(entry) for entry in tree.bundle(index)] != row:
        raise LogDamaged(path=tree.tile(None, index).path)
    level = 0
    while tree.tile(level, index).width == WIDTH:
        root = root_over(row)
        above, place = divmod(index, WIDTH)
        path = tree.tile(level, index).path
        level, index = level + 1, above
        row = tree.hashes(level, index)
        if row[place] != root:
            raise LogDamaged(path=path)


def verify_edge(tree: Tree, head: Checkpoint) -> list[list[bytes]]:
    """Return the edge after checking that it has the root that was signed, and the last bundle too.

    Raises LogDamaged. The work is bounded: one tile a level and one bundle.
    """
    edge = tree.edge()
    if edge_root(edge) != head.root:
        last = next(iter(edge_tiles(head.size)), None)
        raise LogDamaged(path=last.path if last else "checkpoint")
    if head.size:
        verify_bundle(tree, (head.size - 1) // WIDTH)
    return edge
