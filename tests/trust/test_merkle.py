"""Merkle trees: the known answers of certificate transparency, and proofs that hold for their tree and no other."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.trust.merkle import (
    EMPTY_ROOT,
    Node,
    ProofBroken,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of_inclusion,
    root_over,
    tree_root,
    verify_consistency,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rfc6962.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(text) for text in VECTORS["roots"]]


def plain_root(leaves: list[bytes]) -> bytes:
    """Return the root by the words of RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


def over(leaves: list[bytes]) -> Node:
    return lambda height, index: plain_root(leaves[index << height : (index + 1) << height])


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    assert root_over(LEAVES[:size]) == tree_root(size, over(LEAVES)) == ROOTS[size] == plain_root(LEAVES[:size])


def test_known_proofs() -> None:
    """PATH(0, D[8]), PATH(5, D[8]) and PROOF(6, D[8]) of the reference implementation, by their own definition."""
    assert inclusion_proof(0, 8, over(LEAVES)) == [LEAVES[1], plain_root(LEAVES[2:4]), plain_root(LEAVES[4:8])]
    assert inclusion_proof(5, 8, over(LEAVES)) == [LEAVES[4], plain_root(LEAVES[6:8]), ROOTS[4]]
    expected = [plain_root(LEAVES[4:6]), plain_root(LEAVES[6:8]), ROOTS[4]]
    assert consistency_proof(6, 8, over(LEAVES)) == expected
    assert consistency_proof(1, 8, over(LEAVES)) == [LEAVES[1], plain_root(LEAVES[2:4]), plain_root(LEAVES[4:8])]


@given(st.integers(1, 130), st.data())
def test_every_leaf_has_a_proof_and_it_is_of_no_other(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, over(leaves))
    root = plain_root(leaves)
    assert root_of_inclusion(index, size, leaves[index], proof) == root
    other = data.draw(st.integers(0, size - 1))
    for number, length, leaf, steps in (
        (other, size, leaves[index], proof),
        (index, size + 1, leaves[index], proof),
        (index, size, leaves[other], proof),
        (index, size, leaves[index], proof[:-1]),
        (index, size, leaves[index], [*proof, root]),
    ):
        if (number, length, leaf, steps) == (index, size, leaves[index], proof):
            continue
        try:
            found = root_of_inclusion(number, length, leaf, steps)
        except ProofBroken:
            continue
        # A proof may fit a larger tree of the same shape on this side; it never leads elsewhere to the root.
        assert found != root or (length != size and number == index)


@given(st.integers(0, 130), st.data())
def test_every_older_tree_begins_the_newer(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    proof = consistency_proof(old, size, over(leaves))
    before, after = plain_root(leaves[:old]), plain_root(leaves)
    verify_consistency(old, before, size, after, proof)
    strange = leaf_hash(b"strange")
    wrong = [(strange, after, proof), (before, after, [*proof, strange])]
    if old not in {0, size}:
        wrong += [(before, strange, proof), (before, after, proof[:-1])]
        wrong += [(before, after, [*proof[:place], strange, *proof[place + 1 :]]) for place in range(len(proof))]
    for first, second, steps in wrong:
        with pytest.raises(ProofBroken):
            verify_consistency(old, first, size, second, steps)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofBroken):
        inclusion_proof(index, size, over(leaves_of(3)))
    with pytest.raises(ProofBroken):
        root_of_inclusion(index, size, LEAVES[0], [])


def test_a_newer_tree_is_not_older() -> None:
    with pytest.raises(ProofBroken):
        consistency_proof(4, 3, over(leaves_of(4)))
    with pytest.raises(ProofBroken):
        verify_consistency(4, ROOTS[4], 3, ROOTS[3], [])
