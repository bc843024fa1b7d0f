"""Reading single entries that the index has found: from the log, and checked there."""

from collections import OrderedDict

from sekisho.register.errors import LogDamaged
from sekisho.register.log.layout import WIDTH, unpack_one
from sekisho.register.log.tree import Tree
from sekisho.trust.merkle import HASH_BYTES, leaf_hash

_MOST_BUNDLES = 32


class Entries:
    """Entries of the log by place, each checked against its hash; the bundles read last are kept.

    A bundle is not taken apart for the sake of one entry: whoever reads a patient's history over years needs one or two
    of the 256 in each.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._bundles: OrderedDict[int, tuple[bytes, bytes]] = OrderedDict()

    def entry(self, place: int) -> bytes:
        """Return the bytes of an entry. Raises LogDamaged."""
        index, at = divmod(place, WIDTH)
        if index not in self._bundles:
            self._bundles[index] = self.tree.bytes_of(None, index), self.tree.bytes_of(0, index)
            if len(self._bundles) > _MOST_BUNDLES:
                self._bundles.popitem(last=False)
        bundle, hashes = self._bundles[index]
        path = self.tree.tile(None, index).path
        entry = unpack_one(bundle, at, path)
        if leaf_hash(entry) != hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]:
            raise LogDamaged(path=path)
        return entry
