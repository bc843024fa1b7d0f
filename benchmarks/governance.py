"""Figures of the judgement: reading an edition, judging a whole estate, one changed finding. ``make bench``.

The rival's figures are those of CISO Assistant measured on a machine of this kind (1.83 s to import a framework of 90
requirements, 758 ms to list them); the floor is reading the same bytes with nothing but the YAML parser.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import yaml

from sekisho.governance.queries import editions
from sekisho.governance.rules.assessment import Facts, ObservedFinding, assess_edition, assess_leaf, summaries
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.mapping import Mapping, ProofKind
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import Subject, SubjectKind

ROUNDS = 5
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SIZES = {
    SubjectKind.FACILITY: 1,
    SubjectKind.SYSTEM: 40,
    SubjectKind.LAYER: 160,
    SubjectKind.ENDPOINT: 80,
    SubjectKind.LINK: 20,
    SubjectKind.VENDOR: 20,
    SubjectKind.DEVICE_GROUP: 500,
}


def median(work: Callable[[], object]) -> float:
    """Return the median seconds of several rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def estate() -> dict[SubjectKind, list[Subject]]:
    """Return subjects of every kind, as many as a large hospital has."""
    facts = {"kind": "emr", "form": "on_premises", "medical_information": True, "line": "lan"}
    return {
        kind: [Subject(kind, f"{kind.value}-{number}", f"{kind.value} {number}", facts) for number in range(size)]
        for kind, size in SIZES.items()
    }


def everything_known(subjects: dict[SubjectKind, list[Subject]]) -> Facts:
    """Return a finding of every control about every subject it is asked about."""
    leaves = {leaf.id: leaf for leaf in editions.edition().leaves}
    found = ObservedFinding(Outcome.PASS, NOW - timedelta(hours=1))
    findings = {
        (proof.id, subject.id): found
        for leaf, proof in editions.mapping().proofs
        if proof.kind is ProofKind.CONTROL
        for subject in subjects[leaves[leaf].judged_per]
    }
    return Facts(findings=findings)


def read_bytes_only() -> None:
    """Parse the edition's files with nothing of ours."""
    for path in (editions.EDITIONS / editions.CURRENT).glob("*.yaml"):
        yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)


def load() -> None:
    """Read and check edition and mapping from their files."""
    editions.forget()
    editions.papers()


def as_built(mapping: Mapping) -> Mapping:
    """Return the mapping with every proof counted as built, so that every proof is really judged."""
    return Mapping(
        {
            name: leaf.model_copy(
                update={"proofs": tuple(proof.model_copy(update={"planned": False}) for proof in leaf.proofs)}
            )
            for name, leaf in mapping.leaves.items()
        }
    )


def judge_all(edition: Edition, mapping: Mapping, subjects: dict[SubjectKind, list[Subject]], facts: Facts) -> object:
    """Judge every leaf over every subject, and sum up."""
    results = assess_edition(edition, mapping, subjects, facts, NOW)
    return summaries(edition, {name: result.summary for name, result in results.items()})


def main() -> None:
    """Measure and print."""
    floor, loading = median(read_bytes_only), median(load)
    edition, mapping, subjects = editions.edition(), as_built(editions.mapping()), estate()
    facts = everything_known(subjects)
    whole = median(lambda: judge_all(edition, mapping, subjects, facts))
    leaf = max(edition.leaves, key=lambda leaf: SIZES[leaf.judged_per])
    one = median(lambda: assess_leaf(leaf, mapping.leaves[leaf.id], subjects[leaf.judged_per][:1], facts, NOW))
    judged = sum(SIZES[leaf.judged_per] for leaf in edition.leaves)
    print(
        f"edition and mapping read   {loading * 1000:8.1f} ms = {loading / 0.2:5.2f} of the bound 200 ms   "
        f"{loading / floor:5.2f} x the bare parser ({floor * 1000:.1f} ms)   "
        f"{1.83 / loading:6.1f} x faster than the peer's 1.83 s"
    )
    print(
        f"whole estate judged        {whole * 1000:8.1f} ms = {whole / 2:5.2f} of the bound 2 s      "
        f"{judged} judgements, {judged / whole:,.0f} a second"
    )
    print(f"one subject of one leaf    {one * 1000:8.3f} ms = {one / 0.02:5.3f} of the bound 20 ms")


if __name__ == "__main__":
    main()
