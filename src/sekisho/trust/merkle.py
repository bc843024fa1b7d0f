"""Merkle trees over SHA-256 as certificate transparency has them (RFC 6962 section 2.1, RFC 9162 section 2.1).

A tree is asked through ``node(height, index)``: the hash of the complete subtree over the leaves
``index * 2**height`` up to the next such; where it comes from (memory, tiles on a disk) is the caller's business.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]


class ProofBroken(InvalidInput):
    """A proof does not lead from what it starts with to the root it was asked for."""

    code = "trust.proof_broken"
    message = _("The proof does not belong to this tree.")


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(peaks: Iterable[bytes]) -> bytes:
    """Return the root over complete subtrees, the largest first; that of an empty tree where there are none."""
    root: bytes | None = None
    for peak in reversed(list(peaks)):
        root = peak if root is None else node_hash(peak, root)
    return EMPTY_ROOT if root is None else root


def peaks_over(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the largest complete subtrees over a row of hashes, from left to right."""
    found, start = [], 0
    for height in reversed(range(len(hashes).bit_length())):
        width = 1 << height
        if len(hashes) & width:
            found.append(_whole(hashes[start : start + width]))
            start += width
    return found


def root_over(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a row of hashes that stand for leaves or for complete subtrees of one height."""
    return fold(peaks_over(hashes))


def _whole(hashes: Sequence[bytes]) -> bytes:
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[number], row[number + 1]) for number in range(0, len(row), 2)]
    return row[0]


def tree_root(size: int, node: Node) -> bytes:
    """Return the root of the tree of ``size`` leaves."""
    return _range_root(0, size, node) if size else EMPTY_ROOT


def _range_root(start: int, end: int, node: Node) -> bytes:
    """Return the hash over the leaves from ``start`` to ``end``; ``start`` is where a subtree may begin."""
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(node(height, start >> height))
        start += 1 << height
    return fold(peaks)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes that lead from leaf ``index`` to the root of ``size`` leaves. Raises ProofBroken."""
    if not 0 <= index < size:
        raise ProofBroken
    found: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(_range_root(middle, end, node))
            end = middle
        else:
            found.append(_range_root(start, middle, node))
            start = middle
    return found[::-1]


def root_of_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that ``proof`` leads to from the hash ``leaf`` (RFC 9162, 2.1.3.2). Raises ProofBroken."""
    if not 0 <= index < size:
        raise ProofBroken
    place, last, root = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofBroken
        if place & 1 or place == last:
            root = node_hash(step, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofBroken
    return root


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes that show that the tree of ``old`` leaves begins that of ``size``. Raises ProofBroken."""
    if not 0 <= old <= size:
        raise ProofBroken
    if old in {0, size}:
        return []
    found: list[bytes] = []
    start, end, is_known = 0, size, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(_range_root(middle, end, node))
            end = middle
        else:
            found.append(_range_root(start, middle, node))
            start, is_known = middle, False
    if not is_known:
        found.append(_range_root(start, end, node))
    return found[::-1]


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``old`` leaves begins that of ``size`` (RFC 9162, 2.1.4.2). Raises ProofBroken."""
    if not 0 <= old <= size:
        raise ProofBroken
    if old in {0, size}:
        if proof or (old == size and old_root != root) or (old == 0 and old_root != EMPTY_ROOT):
            raise ProofBroken
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps or _grown(old, size, steps) != (old_root, root):
        raise ProofBroken


def _grown(old: int, size: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the old and of the new tree that ``steps`` lead to. Raises ProofBroken."""
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofBroken
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofBroken
    return before, after


def _split(count: int) -> int:
    """Return the largest power of two below ``count``, which is above 1."""
    return 1 << (count - 1).bit_length() - 1
