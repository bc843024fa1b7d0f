"""Writing the log: entries become durable first, then the checkpoint that speaks of them; docs/adr/0015 tells why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.register.errors import CheckpointBroken, LogDamaged
from sekisho.register.log.files import Files
from sekisho.register.log.layout import CHECKPOINT, DRAFT, WIDTH, Tile, pack
from sekisho.register.log.tree import Tree, edge_root, read_head, verify_edge
from sekisho.trust.dsse import public_key
from sekisho.trust.merkle import EMPTY_ROOT, leaf_hash, root_over
from sekisho.trust.notes import Checkpoint, sign_note

MOST_ENTRIES = 8192


@dataclass(slots=True)
class _Batch:
    """What one append makes: the files to store, the new edge and the entries of the last, partial bundle."""

    files: dict[Tile, bytes]
    edge: list[list[bytes]]
    tail: list[bytes]
    size: int


class Log:
    """An open log. After any exception of ``append`` it must be opened anew: what the disk holds is not known."""

    def __init__(self, files: Files, seed: bytes, head: Checkpoint, edge: list[list[bytes]], tail: list[bytes]) -> None:
        self._files = files
        self._seed = seed
        self.head = head
        self._edge = edge
        self._tail = tail
        self._is_swept = False
        self._cosigned: frozenset[str] = frozenset()

    @property
    def tree(self) -> Tree:
        """The log as it may be read."""
        return Tree(self._files, self.head.size)

    def is_published(self) -> bool:
        """Tell whether the checkpoint on the disk is still that of this head. Raises OSError."""
        note = self._files.read(CHECKPOINT)
        return note is not None and note.startswith(f"{self.head.text()}\n".encode())

    def append(self, entries: Sequence[bytes]) -> Checkpoint:
        """Append up to 8,192 entries in their order; return the checkpoint when it is durable. Raises OSError."""
        if not self._is_swept:
            self._sweep()
        batch = self._batch(entries)
        self._store(batch.files)
        head = Checkpoint(self.head.origin, batch.size, edge_root(batch.edge))
        publish(self._files, sign_note(head.text(), head.origin, self._seed))
        self.head, self._edge, self._tail = head, batch.edge, batch.tail
        self._cosigned = frozenset()
        self._drop_partials(batch.files)
        return head

    def cosign(self, lines: Sequence[str]) -> None:
        """Publish the present head again with the lines of witnesses under the log's own signature. Raises OSError.

        ``lines`` are verified and are about this very head. Nobody waits for them: they come when the log rests.
        """
        if not set(lines) <= self._cosigned:
            own = sign_note(self.head.text(), self.head.origin, self._seed)
            publish(self._files, own + "".join(f"{line}\n" for line in lines).encode())
            self._cosigned = frozenset(lines)

    def _batch(self, entries: Sequence[bytes]) -> _Batch:
        size = self.head.size
        batch = _Batch({}, [list(row) for row in self._edge], list(self._tail), size + len(entries))
        grown: set[int] = set()
        for number, entry in enumerate(entries, start=size):
            batch.tail.append(entry)
            _add_hash(batch, grown, 0, number, leaf_hash(entry))
            if len(batch.tail) == WIDTH:
                batch.files[Tile(None, number // WIDTH, WIDTH)] = pack(batch.tail)
                batch.tail = []
        for level in sorted(grown):
            if row := batch.edge[level]:
                batch.files[Tile(level, (batch.size >> 8 * level) // WIDTH, len(row))] = b"".join(row)
        if batch.tail:
            batch.files[Tile(None, batch.size // WIDTH, len(batch.tail))] = pack(batch.tail)
        return batch

    def _store(self, files: dict[Tile, bytes]) -> None:
        """Store tiles and make their names durable. A tile that the present checkpoint speaks of is never written."""
        touched: set[str] = set()
        for tile in files:
            if tile.end <= self.head.size:
                raise LogDamaged(path=tile.path)
            self._make_folders(tile.path, touched)
        self._files.store_all({tile.path: data for tile, data in files.items()})
        for folder in sorted(touched, reverse=True):
            self._files.sync_folder(folder)

    def _make_folders(self, path: str, touched: set[str]) -> None:
        folders = _folders_above(path)
        for folder in folders:
            if folder and folder not in touched:
                self._files.make_folder(folder)
        touched.update(folders)

    def _drop_partials(self, files: Iterable[Tile]) -> None:
        """Remove the partial forms of tiles that are full and signed now; left over, they do no harm."""
        for tile in files:
            if tile.width == WIDTH:
                _remove_folder(self._files, f"{tile.full_path}.p")

    def _sweep(self) -> None:
        """Remove what an append that did not come to its end has left beyond the checkpoint. Nothing of it counts."""
        level, size = 0, self.head.size
        reach = MOST_ENTRIES // WIDTH + 2
        for kind in (None, 0):
            for index in range(size // WIDTH, size // WIDTH + reach):
                self._sweep_tile(kind, index)
        while size >> 8 * level or level < 2:
            level += 1
            count = size >> 8 * level
            for index in (count // WIDTH, count // WIDTH + 1):
                self._sweep_tile(level, index)
        self._is_swept = True

    def _sweep_tile(self, level: int | None, index: int) -> None:
        full = Tile(level, index, WIDTH)
        folder = f"{full.full_path}.p"
        for name in self._files.names(folder):
            if not name.isdecimal() or Tile(level, index, int(name)).end > self.head.size:
                self._files.remove(f"{folder}/{name}")
        self._files.remove(full.full_path)


def _add_hash(batch: _Batch, grown: set[int], level: int, number: int, value: bytes) -> None:
    """Put hash ``number`` of ``level`` into its tile; a tile that becomes full is one hash of the level above."""
    if level == len(batch.edge):
        batch.edge.append([])
    row = batch.edge[level]
    row.append(value)
    grown.add(level)
    if len(row) == WIDTH:
        batch.files[Tile(level, number // WIDTH, WIDTH)] = b"".join(row)
        batch.edge[level] = []
        _add_hash(batch, grown, level + 1, number // WIDTH, root_over(row))


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["", *("/".join(parts[: count + 1]) for count in range(len(parts)))]


def _remove_folder(files: Files, folder: str) -> None:
    names = files.names(folder)
    for name in names:
        files.remove(f"{folder}/{name}")
    if names:
        files.remove(folder)


def publish(files: Files, note: bytes) -> None:
    """Make ``note`` the checkpoint. Raises OSError.

    The signed draft is durable under its own name before anybody can read it as the checkpoint. So whoever saw it
    will find a log that goes on from it, whatever moment the power fails at.
    """
    files.store(DRAFT, note)
    files.sync_folder("")
    files.rename(DRAFT, CHECKPOINT)
    files.sync_folder("")


def create_log(files: Files, seed: bytes, origin: str) -> Log:
    """Begin a log: a checkpoint over nothing. Raises OSError."""
    head = Checkpoint(origin, 0, EMPTY_ROOT)
    publish(files, sign_note(head.text(), origin, seed))
    return Log(files, seed, head, [], [])


def open_log(files: Files, seed: bytes) -> Log | None:
    """Open the log that is there; None where there is no checkpoint at all.

    A signed draft beyond the checkpoint is what a crash left: its tiles are durable, so it becomes the checkpoint.
    Raises CheckpointBroken, LogDamaged, OSError.
    """
    public = public_key(seed)
    note, draft = files.read(CHECKPOINT), files.read(DRAFT)
    head = read_head(note, public) if note is not None else None
    newer = _draft_head(draft, public, head)
    chosen, written = (newer, draft) if newer else (head, note)
    if chosen is None or written is None:
        if files.names("tile"):
            raise CheckpointBroken
        return None  # nothing, or the very first draft, cut short
    tree = Tree(files, chosen.size)
    edge = verify_edge(tree, chosen)
    tail = tree.bundle(chosen.size // WIDTH) if chosen.size % WIDTH else []
    publish(files, written)  # what an earlier process read may never have reached the disk
    return Log(files, seed, chosen, edge, tail)


def _draft_head(draft: bytes | None, public: bytes, head: Checkpoint | None) -> Checkpoint | None:
    """Return the head in a whole draft that goes beyond ``head``; a draft that was cut short is none."""
    if draft is None:
        return None
    try:
        found = read_head(draft, public)
    except CheckpointBroken:
        return None
    if head is not None and (found.size <= head.size or found.origin != head.origin):
        return None
    return found
