"""Judging a whole edition over a whole estate: every leaf for every subject it speaks of, then upwards.

Pure: everything that is known comes in as facts, and the same facts always give the same judgement.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.governance.rules.catalogue import Bilingual, Edition, Requirement
from sekisho.governance.rules.mapping import MappedLeaf, Proof, ProofKind
from sekisho.governance.rules.mapping import Mapping as ProofMapping
from sekisho.governance.rules.verdicts import (
    NOTHING_JUDGED,
    Bound,
    ProofState,
    Summary,
    Verdict,
    combine,
    judge_leaf,
    state_of_coverage,
    state_of_finding,
)
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class ObservedFinding:
    """The newest finding of a control about one subject, the parameters its run had, and the id of that run."""

    outcome: Outcome
    observed_at: datetime
    parameters: Mapping[str, Json] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a named person stated and another approved, for one item: it holds to ``until`` and was approved ``since``.

    ``ref`` is the id of the application. ``reassess``: it judged another wording than the present one. ``own``: the
    applicant approved it, because nobody else could. ``reason`` is set where an item does not apply. ``judged`` is the
    digest that the subject had, empty where the claim speaks of none.
    """

    since: datetime
    until: datetime
    ref: str = ""
    reassess: bool = False
    own: bool = False
    reason: str = ""
    judged: str = ""

    def marked_for(self, subject: Subject) -> bool:
        """Tell whether wording or subject are no longer what was judged: 要再評価."""
        return self.reassess or bool(self.judged and self.judged != subject_digest(subject))


def subject_digest(subject: Subject) -> str:
    """Return the SHA-256 of a subject's name and facts: with another one it is no longer what was judged."""
    return hashlib.sha256(canonical_json({"label": subject.label, "facts": dict(subject.facts)})).hexdigest()


WHOLE_FACILITY = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a ledger covers of a population: n of N, and when the member that waited longest was last confirmed."""

    covered: int
    population: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known at one moment.

    ``findings`` by (control, subject id); ``ran`` holds the controls whose newest run ended well, ``broken`` those
    whose newest run crashed, timed out or spoke of nobody, each with the id of the run; ``coverage`` is by
    (ledger, subject id); ``documents`` are approved papers by (document, requirement, subject id), ``attestations`` and
    ``not_applicable`` approved claims by (requirement, subject id). What holds for the whole facility stands under the
    subject id WHOLE_FACILITY.
    """

    findings: Mapping[tuple[str, str], ObservedFinding] = field(default_factory=dict)
    ran: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[tuple[str, str], Covered] = field(default_factory=dict)
    documents: Mapping[tuple[str, str, str], Claim] = field(default_factory=dict)
    attestations: Mapping[tuple[str, str], Claim] = field(default_factory=dict)
    not_applicable: Mapping[tuple[str, str], Claim] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What one proof says about one subject, and what it rests on.

    ``ref`` is the id of a run of a control or of an approved application, empty where there is none; ``until`` when the
    proof runs out; ``covered`` is (n, N) of a ledger.
    """

    proof: Proof
    state: ProofState
    ref: str = ""
    until: datetime | None = None
    covered: tuple[int, int] | None = None
    reassess: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """One leaf for one subject: the verdict and what each proof said; ``reason`` why it does not apply.

    ``look_again_at`` is when time alone may change the verdict; ``reassess`` marks that a claim judged another wording.
    """

    requirement_id: str
    subject: Subject
    verdict: Verdict
    proofs: tuple[ProofResult, ...]
    reason: Bilingual | str | None = None
    look_again_at: datetime | None = None
    reassess: bool = False
    reason_ref: str = ""


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
    if mapped.exempt:
        return Judgement(leaf.id, subject, Verdict.NOT_APPLICABLE, (), mapped.exempt)
    exemption = facts.not_applicable.get((leaf.id, subject.id))
    if exemption and exemption.since <= moment <= exemption.until:
        return Judgement(
            leaf.id,
            subject,
            Verdict.NOT_APPLICABLE,
            (),
            exemption.reason,
            exemption.until,
            reassess=exemption.marked_for(subject),
            reason_ref=exemption.ref,
        )
    results = tuple(
        result
        for proof in mapped.proofs
        if _speaks_of(proof, subject) and (result := _result(leaf.id, proof, subject, facts, moment, bounds))
    )
    states = {result.state for result in results}
    if exemption and states - {ProofState.EXCLUDED} != {ProofState.HOLDS}:
        states.add(ProofState.STALE)  # a reason that has run out: the item counts again, and somebody must look anew
    later = [result.until for result in results if result.until is not None and result.until >= moment]
    return Judgement(
        leaf.id,
        subject,
        judge_leaf(states),
        results,
        look_again_at=min(later, default=None),
        reassess=any(result.reassess for result in results),
    )


def _speaks_of(proof: Proof, subject: Subject) -> bool:
    """A proof about the platform alone says nothing about other subjects."""
    facts = subject.facts  # of a system its kind says so, of a group of devices whose system it is
    return proof.covers == "all" or facts.get("kind") == "platform" or facts.get("platform") is True


def _result(
    leaf_id: str, proof: Proof, subject: Subject, facts: Facts, moment: datetime, bounds: Mapping[str, Bound]
) -> ProofResult | None:
    if proof.planned:
        return ProofResult(proof, ProofState.ABSENT)
    match proof.kind:
        case ProofKind.CONTROL:
            return _of_control(proof, subject, facts, moment, bounds)
        case ProofKind.LEDGER:
            whole = subject.kind is SubjectKind.FACILITY
            covered = facts.coverage.get((proof.id, WHOLE_FACILITY if whole else subject.id), Covered(0, 0))
            return _of_ledger(proof, covered, moment)
        case ProofKind.DOCUMENT:
            own = facts.documents.get((proof.id, leaf_id, subject.id))
            return _of_claim(proof, own or facts.documents.get((proof.id, leaf_id, WHOLE_FACILITY)), subject, moment)
        case ProofKind.ATTESTATION:
            return _of_claim(proof, facts.attestations.get((leaf_id, subject.id)), subject, moment)


def _of_ledger(proof: Proof, covered: Covered, moment: datetime) -> ProofResult:
    """Return what a ledger proves: nobody looked at its oldest entry for longer than it stands fresh, it is old."""
    state = state_of_coverage(covered.covered, covered.population)
    until = covered.oldest + proof.valid_for if covered.oldest and state is not ProofState.ABSENT else None
    if until is not None and moment > until:
        state = ProofState.STALE
    return ProofResult(proof, state, until=until, covered=(covered.covered, covered.population))


def _of_control(
    proof: Proof, subject: Subject, facts: Facts, moment: datetime, bounds: Mapping[str, Bound]
) -> ProofResult | None:
    """Return what a control proves. A run that broke, or did not speak of this subject, leaves it unknown."""
    if proof.id in facts.broken:
        return ProofResult(proof, ProofState.UNKNOWN, facts.broken[proof.id])
    found = facts.findings.get((proof.id, subject.id))
    if found is None:
        state = ProofState.UNKNOWN if proof.id in facts.ran else ProofState.ABSENT
        return ProofResult(proof, state, facts.ran.get(proof.id, ""))
    state_now = state_of_finding(
        found.outcome,
        observed_at=found.observed_at,
        moment=moment,
        valid_for=proof.valid_for,
        parameters=found.parameters,
        bounds=[bounds[name] for name in proof.bounds],
    )
    # A pass changes by time alone: when it runs out, or, from a clock that ran ahead, when its moment has come.
    until = found.observed_at if found.observed_at > moment else found.observed_at + proof.valid_for
    lasting = found.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    return ProofResult(proof, state_now, found.run, until if lasting else None)


def _of_claim(proof: Proof, claim: Claim | None, subject: Subject, moment: datetime) -> ProofResult:
    """Return what a claim proves: to its own end, and never longer than the mapping lets one stand.

    One from the future was approved while the clock was wrong.
    """
    if claim is None:
        return ProofResult(proof, ProofState.ABSENT)
    until = min(claim.until, claim.since + proof.valid_for)
    state = ProofState.HOLDS if moment <= until else ProofState.STALE
    if claim.since > moment:
        state, until = ProofState.UNKNOWN, claim.since
    return ProofResult(proof, state, claim.ref, until, reassess=claim.marked_for(subject), own=claim.own)


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


def summaries(edition: Edition, leaves: Mapping[str, Summary]) -> dict[str, Summary]:
    """Return the summary of every row: a leaf's own (not assessed without one), a parent's over its children."""
    return dict(_summaries(edition, leaves, [row.id for row in edition.rows if row.parent is None]))


def _summaries(edition: Edition, leaves: Mapping[str, Summary], names: Iterable[str]) -> Iterator[tuple[str, Summary]]:
    for name in names:
        children = edition.children(name)
        if not children:
            yield name, leaves.get(name, NOTHING_JUDGED)
            continue
        below = dict(_summaries(edition, leaves, [child.id for child in children]))
        yield name, combine(below[child.id].verdict for child in children)
        yield from below.items()
