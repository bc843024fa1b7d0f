"""What a judgement was computed from, what must be judged again when some of it changed, and why a verdict changed.

Recomputing only where something changed must give what recomputing everything gives; a property test holds that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sekisho.governance.rules.assessment import WHOLE_FACILITY, Judgement, ProofResult
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.mapping import Mapping as ProofMapping
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.canonical import Json
from sekisho.register.rules import timestamp


class InputKind(StrEnum):
    """What kind of thing a judgement depends on."""

    EDITION = "edition"
    SUBJECT = "subject"
    CONTROL = "control"
    COVERAGE = "coverage"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class InputKey:
    """One thing that verdicts are computed from.

    ``name`` is the kind of a subject, the id of a control or ledger, or the requirement a claim is about;
    ``subject_id`` is empty for what concerns every subject.
    """

    kind: InputKind
    name: str
    subject_id: str = ""


class AllSubjects:
    """Every subject of a leaf, instead of some by id."""


ALL = AllSubjects()
Affected = dict[str, set[str] | AllSubjects]
Place = tuple[str, str, str]  # requirement, kind of subject, subject id


def place_of(judgement: Judgement) -> Place:
    """Return where a judgement stands."""
    return judgement.requirement_id, judgement.subject.kind.value, judgement.subject.id


def differing(before: Mapping[InputKey, str], now: Mapping[InputKey, str]) -> set[InputKey]:
    """Return the keys that appeared, vanished or have another digest."""
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


def affected(edition: Edition, mapping: ProofMapping, changed: Iterable[InputKey]) -> Affected:
    """Return the leaves to judge again, each for some subject ids or for ALL."""
    found: Affected = {}
    for key in changed:
        for name in _leaves_of(key, edition, mapping):
            _add(found, name, key.subject_id)
    return found


def _leaves_of(key: InputKey, edition: Edition, mapping: ProofMapping) -> Iterable[str]:
    match key.kind:
        case InputKind.EDITION:
            return mapping.leaves
        case InputKind.SUBJECT:
            return [leaf.id for leaf in edition.leaves if leaf.judged_per.value == key.name]
        case InputKind.CONTROL:
            return mapping.leaves_shown_by(ProofKind.CONTROL, key.name)
        case InputKind.COVERAGE:
            return mapping.leaves_shown_by(ProofKind.LEDGER, key.name)
        case InputKind.CLAIM:
            return {key.name} & mapping.leaves.keys()


def _add(found: Affected, leaf_id: str, subject_id: str) -> None:
    present = found.setdefault(leaf_id, set())
    if subject_id == WHOLE_FACILITY:
        found[leaf_id] = ALL
    elif isinstance(present, set):
        present.add(subject_id)


def proof_document(result: ProofResult) -> dict[str, Json]:
    """Return what one proof said as JSON: what is stored with a verdict, kept by a round, and shown."""
    return {
        "kind": result.proof.kind.value,
        "id": result.proof.id,
        "planned": result.proof.planned,
        "state": result.state.name.lower(),
        "ref": result.ref,
        "until": timestamp(result.until) if result.until else None,
        "n": result.covered[0] if result.covered else None,
        "N": result.covered[1] if result.covered else None,
        "reassess": result.reassess,
        "own": result.own,
    }


def reason_document(judgement: Judgement) -> Json:
    """Return why an item does not apply as JSON: in both languages by rule, else as claimed, with the application."""
    if judgement.reason is None:
        return None
    if isinstance(judgement.reason, str):
        return {"said": judgement.reason, "ref": judgement.reason_ref}
    return {"ja": judgement.reason.ja, "en": judgement.reason.en}


@dataclass(frozen=True, slots=True)
class Said:
    """A stored verdict as far as a cause needs it: its reason and proofs as JSON values."""

    verdict: Verdict
    reason: Any
    proofs: Sequence[Mapping[str, Json]]


def cause_of(before: Said | None, after: Said) -> Json:
    """Return why a verdict changed: the first one, the item began or ceased to apply, or each proof that changed.

    Where an approved reason took the item away or no longer does, ``ref`` is its application; else a rule did. Proofs
    are compared by kind and id, each with what it said, says, and by what.
    """
    if before is None:
        return {"kind": "first"}
    for side in (after, before):
        if side.verdict is Verdict.NOT_APPLICABLE:
            return {"kind": "applicability", "ref": side.reason.get("ref", "") if side.reason else ""}
    return _changed_proofs(before.proofs, after.proofs)


def _changed_proofs(before: Sequence[Mapping[str, Json]], after: Sequence[Mapping[str, Json]]) -> Json:
    old, new = ({(proof["kind"], proof["id"]): proof for proof in proofs} for proofs in (before, after))
    changes: list[Json] = [
        {"proof": list(key), "before": _state(old.get(key)), "after": _state(new.get(key)), "ref": _ref(key, old, new)}
        for key in [*new, *(key for key in old if key not in new)]
        if _state(old.get(key)) != _state(new.get(key))
    ]
    return {"kind": "proofs", "changes": changes}


_Key = tuple[Json, Json]


def _state(proof: Mapping[str, Json] | None) -> Json:
    return proof["state"] if proof else None


def _ref(key: _Key, old: Mapping[_Key, Mapping[str, Json]], new: Mapping[_Key, Mapping[str, Json]]) -> Json:
    """What brought the change: the newer ground, or the older one where it fell away or ran out."""
    return (new.get(key) or old[key])["ref"] or (old.get(key) or new[key])["ref"]
