"""Everything that a judgement rests on, as it is now, and a digest of each part to see what changed."""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from functools import cached_property

from django.conf import settings
from django.utils import translation

from sekisho import __version__
from sekisho.governance.queries.claims import current_claims
from sekisho.governance.queries.editions import edition_digest, mapping
from sekisho.governance.queries.evidence import newest_runs, observed
from sekisho.governance.rules.assessment import WHOLE_FACILITY, Claim, Facts
from sekisho.governance.rules.changes import InputKey, InputKind
from sekisho.governance.rules.claims import ClaimFacts
from sekisho.governance.rules.mapping import ProofKind
from sekisho.kernel import registry
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.register.rules import timestamp

Numbers = dict[tuple[str, str], tuple[int, int]]


class World:
    """What is known now, each part read from the database when it is first asked for, and only once.

    Computing one verdict asks for little; looking whether anything changed asks for everything.
    """

    def __init__(self, edition_id: str) -> None:
        self.edition_id = edition_id
        self._subjects: dict[SubjectKind, Sequence[Subject]] = {}
        self._coverage: dict[str, Numbers] = {}

    def subjects(self, kind: SubjectKind) -> Sequence[Subject]:
        """Return the present subjects of a kind."""
        if kind not in self._subjects:
            self._subjects[kind] = subjects_of(kind)
        return self._subjects[kind]

    @cached_property
    def claims(self) -> ClaimFacts:
        """What people claimed and somebody approved."""
        return current_claims(self.edition_id)

    def coverage(self, ledgers: Iterable[str]) -> Numbers:
        """Return (n, N) of the declared ones of ``ledgers``."""
        for name in ledgers:
            if name not in self._coverage:
                self._coverage[name] = measured(name)
        return {key: numbers for name in ledgers for key, numbers in self._coverage[name].items()}

    def facts(self, leaves: Container[str]) -> Facts:
        """Return what is known about ``leaves``: the findings and coverage of the proofs they name."""
        proofs = [proof for leaf, proof in mapping(self.edition_id).proofs if leaf in leaves]
        found = observed({proof.id for proof in proofs if proof.kind is ProofKind.CONTROL})
        return Facts(
            findings=found.findings,
            ran=found.ran,
            broken=found.broken,
            coverage=self.coverage({proof.id for proof in proofs if proof.kind is ProofKind.LEDGER}),
            documents=self.claims.documents,
            attestations=self.claims.attestations,
            not_applicable=self.claims.not_applicable,
        )

    def inputs(self) -> dict[InputKey, str]:
        """Return the digest of every part, by its key."""
        whole = hashlib.sha256(f"{edition_digest(self.edition_id)} {__version__}".encode()).hexdigest()
        found = {InputKey(InputKind.EDITION, self.edition_id): whole}
        for kind in SubjectKind:
            found |= {InputKey(InputKind.SUBJECT, kind.value, row.id): _digest(row) for row in self.subjects(kind)}
        names = [coverage.id for coverage in registry.current().coverages]
        found |= {
            InputKey(InputKind.COVERAGE, *key): f"{n}/{total}" for key, (n, total) in self.coverage(names).items()
        }
        return found | control_inputs() | _claim_digests(self.claims)


def control_inputs(controls: Container[str] | None = None) -> dict[InputKey, str]:
    """Return the newest run of each control (or of some) as a digest."""
    return {InputKey(InputKind.CONTROL, control): str(run.pk) for control, run in newest_runs(controls).items()}


def subjects_of(kind: SubjectKind) -> Sequence[Subject]:
    """Return the present subjects of a kind, from whoever knows them, named in the facility's language."""
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    with translation.override(settings.LANGUAGE_CODE):
        return [subject for provider in providers if kind in provider.kinds() for subject in provider.subjects(kind)]


def all_subjects() -> dict[SubjectKind, Sequence[Subject]]:
    """Return the present subjects of every kind."""
    return {kind: subjects_of(kind) for kind in SubjectKind}


def measured(ledger: str) -> Numbers:
    """Return (n, N) of one ledger by (ledger, subject id); empty when no app declares it."""
    covered: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for coverage in registry.current().coverages:
        for member in coverage.measure() if coverage.id == ledger else ():
            for subject in {WHOLE_FACILITY, *member.belongs_to}:
                total[subject] += 1
                covered[subject] += not member.missing
    return {(ledger, subject): (covered[subject], number) for subject, number in total.items()}


def _digest(subject: Subject) -> str:
    return hashlib.sha256(canonical_json({"label": subject.label, "facts": dict(subject.facts)})).hexdigest()


def _claim_digests(claims: ClaimFacts) -> dict[InputKey, str]:
    """One digest for all that is claimed about one item and subject."""
    said: dict[InputKey, list[Json]] = defaultdict(list)
    for (document, requirement, subject), claim in claims.documents.items():
        said[InputKey(InputKind.CLAIM, requirement, subject)].append([document, *_parts(claim)])
    for kind, table in (("attestation", claims.attestations), ("not applicable", claims.not_applicable)):
        for (requirement, subject), claim in table.items():
            said[InputKey(InputKind.CLAIM, requirement, subject)].append([kind, *_parts(claim)])
    return {key: hashlib.sha256(canonical_json(parts)).hexdigest() for key, parts in said.items()}


def _parts(claim: Claim) -> Iterable[Json]:
    return claim.ref, timestamp(claim.since), timestamp(claim.until), claim.reassess
