"""Merkle trees of RFC 6962 section 2.1 over SHA-256. Pure; hashes are 32 bytes each."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
# A copy of a hash that has begun is faster than a new one over joined bytes.
_new_leaf, _new_node = sha256(b"\x00").copy, sha256(b"\x01").copy


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> bytes:
    """Return the joined hashes of entries."""
    found = []
    for entry in entries:
        made = _new_leaf()
        made.update(entry)
        found.append(made.digest())
    return b"".join(found)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: bytes) -> bytes:
    """Return the root over joined hashes whose number is a power of two."""
    while len(hashes) > HASH_BYTES:
        found = []
        for at in range(0, len(hashes), 2 * HASH_BYTES):
            made = _new_node()
            made.update(hashes[at : at + 2 * HASH_BYTES])
            found.append(made.digest())
        hashes = b"".join(found)
    return hashes


def peaks_of(hashes: bytes) -> list[bytes]:
    """Return the roots of the perfect trees, largest first, into which joined hashes fall."""
    found = []
    at, count = 0, len(hashes) // HASH_BYTES
    while count:
        width = 1 << (count.bit_length() - 1)
        found.append(perfect_root(hashes[at : at + width * HASH_BYTES]))
        at, count = at + width * HASH_BYTES, count - width
    return found


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose perfect parts, left to right, have these roots."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def path_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of entries whose roots make the inclusion proof, from the leaf upwards."""
    begin, end, ranges = 0, size, list[tuple[int, int]]()
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to, or None where its length is wrong.

    RFC 9162 section 2.1.3.2, which proves trees of RFC 6962 alike.
    """
    if not 0 <= index < size:
        return None
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None
