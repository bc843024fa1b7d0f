"""Reading single entries that the index has found: from the log, and checked there."""

from collections import OrderedDict

from sekisho.register.errors import LogDamaged
from sekisho.register.log.layout import WIDTH
from sekisho.register.log.tree import Tree
from sekisho.trust.merkle import leaf_hash

_MOST_BUNDLES = 32


class Entries:
    """Entries of the log by place, each checked against its hash; the bundles read last are kept."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._bundles: OrderedDict[int, tuple[list[bytes], list[bytes]]] = OrderedDict()

    def entry(self, place: int) -> bytes:
        """Return the bytes of an entry. Raises LogDamaged."""
        index, at = divmod(place, WIDTH)
        if index not in self._bundles:
            self._bundles[index] = self.tree.bundle(index), self.tree.hashes(0, index)
            if len(self._bundles) > _MOST_BUNDLES:
                self._bundles.popitem(last=False)
        entries, hashes = self._bundles[index]
        if leaf_hash(entries[at]) != hashes[at]:
            raise LogDamaged(path=self.tree.tile(None, index).path)
        return entries[at]
