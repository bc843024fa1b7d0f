"""Showing the head of the log to a witness (C2SP tlog-witness): what it answers is believed only with its signature."""

from pathlib import Path

from sekisho.register.errors import HeadNotKept
from sekisho.register.log.heads import Standing
from sekisho.register.log.tree import Tree
from sekisho.register.log.witness import Status, write_request
from sekisho.register.log.witness_policy import WitnessAddress
from sekisho.register.services.posting import GARBLED, Answer, post
from sekisho.trust.cosignatures import Cosignature, read_cosignature
from sekisho.trust.merkle import consistency_proof
from sekisho.trust.notes import Checkpoint, NoteBroken, NoteUnsigned

UNKNOWN_LOG = "unknown_log"
REFUSED = "refused"
FALSE_SIGNATURE = "false_signature"
_KIND = "text/plain; charset=utf-8"
_REFUSALS = {Status.UNKNOWN_LOG: UNKNOWN_LOG, Status.INCONSISTENT: str(Standing.DIFFERS)}


def ask_witness(
    witness: WitnessAddress, note: bytes, head: Checkpoint, tree: Tree, known: int, ca: Path | None
) -> Cosignature:
    """Return the witness's cosignature over ``head``, which the log's own key signed in ``note``.

    ``known`` is the size that it cosigned last, as far as we know; it says it if it knows another one. Raises
    HeadNotKept, whose reason is a Standing where the witness has seen another past than the log has; LogFault.
    """
    answer = _ask(witness, note, head, tree, min(known, head.size), ca)
    if answer.status == Status.CONFLICT:
        size = _size(answer, witness)
        if size > head.size:
            raise HeadNotKept(place=witness.url, reason=str(Standing.AHEAD))
        answer = _ask(witness, note, head, tree, size, ca)
        if answer.status == Status.CONFLICT:
            raise HeadNotKept(place=witness.url, reason=_still(answer, head, witness))
    if answer.status != Status.COSIGNED:
        reasons: dict[int, str] = {int(status): reason for status, reason in _REFUSALS.items()}
        raise HeadNotKept(place=witness.url, reason=reasons.get(answer.status, REFUSED))
    try:
        return read_cosignature(head.text(), answer.body, witness.key)
    except (NoteBroken, NoteUnsigned) as error:
        raise HeadNotKept(place=witness.url, reason=FALSE_SIGNATURE) from error


def _ask(witness: WitnessAddress, note: bytes, head: Checkpoint, tree: Tree, old: int, ca: Path | None) -> Answer:
    proof = consistency_proof(old, head.size, tree.node)
    return post(f"{witness.url}/add-checkpoint", write_request(old, proof, note), _KIND, ca=ca)


def _size(answer: Answer, witness: WitnessAddress) -> int:
    words = answer.body.strip()
    if not words.isdigit() or len(words) > 19:
        raise HeadNotKept(place=witness.url, reason=GARBLED)
    return int(words)


def _still(answer: Answer, head: Checkpoint, witness: WitnessAddress) -> str:
    """Say why a witness refuses the size that it named itself: it has another head of that size, or it moved on."""
    size = _size(answer, witness)
    if size > head.size:
        return str(Standing.AHEAD)
    return str(Standing.DIFFERS) if size == head.size else REFUSED
