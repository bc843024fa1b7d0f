"""A disk that loses what was not synced: the file layer of the log, in memory, with crashes and faults at any call.

Contents are durable when ``store`` returns. Names (new files and folders, renames, removals) are durable after
``sync_folder`` of their folder; until then a crash keeps any of them, in their order, as ``choose`` says.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Choose = Callable[[], bool]


class PowerCut(BaseException):
    """The power fails. No program can catch it and go on."""


@dataclass
class Node:
    """A file or a folder. ``pending`` are changes of names since the last sync: (name, what it names from then on)."""

    data: bytes | None = None
    names: dict[str, "Node"] = field(default_factory=dict)
    durable: dict[str, "Node"] = field(default_factory=dict)
    pending: list[dict[str, "Node | None"]] = field(default_factory=list)


class LosingDisk:
    """One disk. ``fails_at`` is the call at which ``fault`` strikes: a power cut, or an errno that is raised."""

    def __init__(self, root: Node | None = None) -> None:
        self.root = root or Node()
        self.calls = 0
        self.fails_at = -1
        self.fault: int | None = None
        self.stays_full = False
        self.choose: Choose = lambda: False
        self.log: list[str] = []
        self.covered: Callable[[str], bool] = lambda path: False

    def _step(self, what: str) -> bool:
        """Count a call; tell whether the fault strikes now."""
        self.calls += 1
        self.log.append(what)
        return self.calls == self.fails_at or (self.stays_full and 0 < self.fails_at < self.calls)

    def _strike(self) -> None:
        if self.fault is None:
            raise PowerCut
        raise OSError(self.fault, "struck")

    def _at(self, path: str) -> Node | None:
        node = self.root
        for part in filter(None, path.split("/")):
            found = node.names.get(part)
            if found is None:
                return None
            node = found
        return node

    def _parent(self, path: str) -> tuple[Node, str]:
        folder, _slash, name = path.rpartition("/")
        node = self._at(folder)
        if node is None:
            raise FileNotFoundError(path)
        return node, name

    def _change(self, folder: Node, change: "dict[str, Node | None]") -> None:
        folder.pending.append(change)
        for name, node in change.items():
            if node is None:
                folder.names.pop(name, None)
            else:
                folder.names[name] = node

    def read(self, path: str) -> bytes | None:
        node = self._at(path)
        return None if node is None else node.data

    def names(self, folder: str) -> list[str]:
        node = self._at(folder)
        return sorted(node.names) if node is not None else []

    def store(self, path: str, data: bytes) -> None:
        assert not self.covered(path), f"{path} is signed and written again"
        struck = self._step(f"store {path}")
        folder, name = self._parent(path)
        node = folder.names.get(name)
        if node is None:
            node = Node(data=b"")
            if not struck or self.choose():
                self._change(folder, {name: node})
        if struck:
            node.data = data[: len(data) // 2] if self.choose() else data if self.choose() else b""
            self._strike()
        node.data = data

    def store_all(self, files: Mapping[str, bytes]) -> None:
        """Store files at once: when one is struck, of those behind it some were written, some cut short, some not."""
        order: list[str] = []
        for path in sorted(files):
            order.insert(0 if self.choose() else len(order), path)
        struck: BaseException | None = None
        for path in order:
            if struck is None:
                try:
                    self.store(path, files[path])
                except (PowerCut, OSError) as error:
                    struck = error
            elif self.choose():
                assert not self.covered(path), f"{path} is signed and written again"
                folder, name = self._parent(path)
                length = len(files[path])
                self._change(folder, {name: Node(data=files[path][: length if self.choose() else length // 2])})
        if struck is not None:
            raise struck

    def rename(self, old: str, new: str) -> None:
        struck = self._step(f"rename {new}")
        folder, name = self._parent(old)
        if not struck or (self.fault is None and self.choose()):
            self._change(folder, {name: None, new.rpartition("/")[2]: folder.names[name]})
        if struck:
            self._strike()

    def remove(self, path: str) -> None:
        struck = self._step(f"remove {path}")
        try:
            folder, name = self._parent(path)
        except FileNotFoundError:
            return
        if name in folder.names and (not struck or self.choose()):
            if folder.names[name].names:
                raise OSError(errno.ENOTEMPTY, path)
            self._change(folder, {name: None})
        if struck:
            self._strike()

    def make_folder(self, folder: str) -> None:
        struck = self._step(f"folder {folder}")
        above, name = self._parent(folder)
        if name not in above.names and (not struck or self.choose()):
            self._change(above, {name: Node()})
        if struck:
            self._strike()

    def sync_folder(self, folder: str) -> None:
        struck = self._step(f"sync {folder}")
        node = self._at(folder)
        if node is None:
            raise FileNotFoundError(folder)
        if not struck or self.choose():
            node.durable, node.pending = dict(node.names), []
        if struck:
            self._strike()

    def after_power_cut(self) -> "LosingDisk":
        """Return the disk as it comes up again: of what was not synced, some is there and some is not."""
        return LosingDisk(self._survivor(self.root))

    def _survivor(self, node: Node) -> Node:
        if node.data is not None:
            return Node(data=node.data)
        names = dict(node.durable)
        for change in node.pending:
            if self.choose():
                for name, target in change.items():
                    if target is None:
                        names.pop(name, None)
                    else:
                        names[name] = target
        kept = {name: self._survivor(inner) for name, inner in names.items()}
        return Node(names=dict(kept), durable=dict(kept))
