"""Judging a whole edition over a whole estate: every leaf for every subject it speaks of, then upwards.

Pure: everything that is known comes in as facts, and the same facts always give the same judgement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.governance.rules.catalogue import Bilingual, Edition, Requirement
from sekisho.governance.rules.mapping import MappedLeaf, Proof, ProofKind
from sekisho.governance.rules.mapping import Mapping as ProofMapping
from sekisho.governance.rules.verdicts import (
    Bound,
    ProofState,
    Summary,
    Verdict,
    combine,
    judge_leaf,
    state_of_coverage,
    state_of_finding,
)
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class ObservedFinding:
    """The newest finding of a control about one subject, and the parameters its run had."""

    outcome: Outcome
    observed_at: datetime
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known at one moment.

    ``findings`` by (control, subject id); ``ran`` holds the controls whose newest run ended well, ``broken`` those
    whose newest run crashed, timed out or spoke of nobody; ``coverage`` is (n, N) by ledger; ``approved_until`` by
    document and ``attested_until`` by (requirement, subject id); ``not_applicable`` holds approved reasons by that key.
    """

    findings: Mapping[tuple[str, str], ObservedFinding] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    approved_until: Mapping[str, datetime] = field(default_factory=dict)
    attested_until: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    not_applicable: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One leaf for one subject: the verdict and what each proof said; ``reason`` why it does not apply."""

    requirement_id: str
    subject: Subject
    verdict: Verdict
    proofs: tuple[tuple[Proof, ProofState], ...]
    reason: Bilingual | str | None = None


@dataclass(frozen=True, slots=True)
class LeafResult:
    """One leaf over all its subjects."""

    requirement_id: str
    summary: Summary
    judgements: tuple[Judgement, ...]


def assess_leaf(
    leaf: Requirement, mapped: MappedLeaf, subjects: Sequence[Subject], facts: Facts, moment: datetime
) -> LeafResult:
    """Judge one leaf for each of its subjects at ``moment``. No subject at all is not assessed, never conforming."""
    bounds = {parameter.name: parameter.bound for parameter in leaf.parameters}
    judgements = tuple(_judge(leaf, mapped, subject, facts, moment, bounds) for subject in subjects)
    return LeafResult(leaf.id, combine(judgement.verdict for judgement in judgements), judgements)


def _judge(
    leaf: Requirement,
    mapped: MappedLeaf,
    subject: Subject,
    facts: Facts,
    moment: datetime,
    bounds: Mapping[str, Bound],
) -> Judgement:
    if leaf.applies_when is not None and not leaf.applies_when.applies(subject.facts):
        return Judgement(leaf.id, subject, Verdict.NOT_APPLICABLE, (), leaf.applies_when.otherwise)
    if reason := facts.not_applicable.get((leaf.id, subject.id)) or mapped.exempt:
        return Judgement(leaf.id, subject, Verdict.NOT_APPLICABLE, (), reason)
    states = tuple(
        (proof, state)
        for proof in mapped.proofs
        if _speaks_of(proof, subject) and (state := _state(leaf.id, proof, subject, facts, moment, bounds)) is not None
    )
    return Judgement(leaf.id, subject, judge_leaf(state for _proof, state in states), states)


def _speaks_of(proof: Proof, subject: Subject) -> bool:
    """A proof about the platform alone says nothing about other subjects."""
    return proof.covers == "all" or subject.facts.get("kind") == "platform"


def _state(
    leaf_id: str, proof: Proof, subject: Subject, facts: Facts, moment: datetime, bounds: Mapping[str, Bound]
) -> ProofState | None:
    if proof.planned:
        return ProofState.ABSENT
    match proof.kind:
        case ProofKind.CONTROL:
            return _control_state(proof, subject, facts, moment, bounds)
        case ProofKind.LEDGER:
            return state_of_coverage(*facts.coverage.get(proof.id, (0, 0)))
        case ProofKind.DOCUMENT:
            return _until(facts.approved_until.get(proof.id), moment)
        case ProofKind.ATTESTATION:
            return _until(facts.attested_until.get((leaf_id, subject.id)), moment)


def _control_state(
    proof: Proof, subject: Subject, facts: Facts, moment: datetime, bounds: Mapping[str, Bound]
) -> ProofState | None:
    """Return what a control proves. A run that broke, or did not speak of this subject, leaves it unknown."""
    if proof.id in facts.broken:
        return ProofState.UNKNOWN
    found = facts.findings.get((proof.id, subject.id))
    if found is None:
        return ProofState.UNKNOWN if proof.id in facts.ran else ProofState.ABSENT
    return state_of_finding(
        found.outcome,
        observed_at=found.observed_at,
        moment=moment,
        valid_for=proof.valid_for,
        parameters=found.parameters,
        bounds=[bounds[name] for name in proof.bounds],
    )


def _until(end: datetime | None, moment: datetime) -> ProofState:
    """Return what something proves that is valid to ``end``."""
    if end is None:
        return ProofState.ABSENT
    return ProofState.HOLDS if moment <= end else ProofState.STALE


def assess_edition(
    edition: Edition,
    mapping: ProofMapping,
    subjects: Mapping[SubjectKind, Sequence[Subject]],
    facts: Facts,
    moment: datetime,
) -> dict[str, LeafResult]:
    """Judge every leaf over every subject of its kind; the results by requirement id, in printed order."""
    return {
        leaf.id: assess_leaf(leaf, mapping.leaves[leaf.id], subjects.get(leaf.judged_per, ()), facts, moment)
        for leaf in edition.leaves
    }


def summaries(edition: Edition, results: Mapping[str, LeafResult]) -> dict[str, Summary]:
    """Return the summary of every row: a leaf's over its subjects, a parent's over its children."""
    return dict(_summaries(edition, results, [row.id for row in edition.rows if row.parent is None]))


def _summaries(
    edition: Edition, results: Mapping[str, LeafResult], names: Iterable[str]
) -> Iterator[tuple[str, Summary]]:
    for name in names:
        if name in results:
            yield name, results[name].summary
            continue
        below = dict(_summaries(edition, results, [child.id for child in edition.children(name)]))
        direct = [below[child.id].verdict for child in edition.children(name)]
        yield name, combine(direct)
        yield from below.items()
