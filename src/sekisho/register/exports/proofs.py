"""The proof that one entry is in the log, as a file of its own (C2SP tlog-proof); the entry lies in it."""

import base64
from functools import lru_cache
from pathlib import Path

from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
from sekisho.trust.merkle import inclusion_proof

_HEADER = "c2sp.org/tlog-proof@v1"
_MOST_FILES = 512


class _KeptFiles(Disk):
    """A disk that keeps what was read last: proofs of neighbours need the same hashes. Signed tiles never change."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read = lru_cache(_MOST_FILES)(super().read)  # type: ignore[method-assign]  # the same, kept


class Prover:
    """Makes proofs against one checkpoint. ``note`` is the signed checkpoint over ``size`` entries."""

    def __init__(self, folder: Path, note: bytes, size: int) -> None:
        self._tree = Tree(_KeptFiles(folder), size)
        self._note = note

    def proof(self, place: int, entry: bytes) -> bytes:
        """Return the proof's file for the entry at ``place``. Raises LogDamaged, ProofBroken."""
        path = inclusion_proof(place, self._tree.size, self._tree.node)
        lines = [_HEADER, f"extra {_text(entry)}", f"index {place}", *map(_text, path), "", ""]
        return "\n".join(lines).encode() + self._note


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
