"""Everything that a judgement rests on, as it is now, and a digest of each part to see what changed."""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from functools import cached_property

from django.utils import translation

from sekisho import __version__
from sekisho.governance.queries.claims import current_claims
from sekisho.governance.queries.editions import edition_digest, mapping
from sekisho.governance.queries.evidence import newest_runs, observed
from sekisho.governance.rules.assessment import WHOLE_FACILITY, Claim, Covered, Facts, subject_digest
from sekisho.governance.rules.changes import InputKey, InputKind
from sekisho.governance.rules.claims import ClaimFacts
from sekisho.governance.rules.mapping import ProofKind
from sekisho.kernel import registry
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Member
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.reading import one_reading
from sekisho.register.rules import timestamp

# Whoever computes, from whichever terminal: the layers of a Japanese hospital keep their Japanese names.
FACILITY_LANGUAGE = "ja"
Numbers = dict[tuple[str, str], Covered]


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
        with one_reading():  # the populations of many ledgers are the same systems and entries
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
            found |= {
                InputKey(InputKind.SUBJECT, kind.value, row.id): subject_digest(row) for row in self.subjects(kind)
            }
        names = [coverage.id for coverage in registry.current().coverages]
        for key, covered in self.coverage(names).items():
            stamp = timestamp(covered.oldest) if covered.oldest else ""
            found[InputKey(InputKind.COVERAGE, *key)] = f"{covered.covered}/{covered.population} {stamp}"
        return found | control_inputs() | _claim_digests(self.claims)


def control_inputs(controls: Container[str] | None = None) -> dict[InputKey, str]:
    """Return the newest run of each control (or of some) as a digest."""
    return {InputKey(InputKind.CONTROL, control): str(run.pk) for control, run in newest_runs(controls).items()}


def subjects_of(kind: SubjectKind) -> Sequence[Subject]:
    """Return the present subjects of a kind, from whoever knows them, named in the facility's language."""
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    with translation.override(FACILITY_LANGUAGE):
        return [subject for provider in providers if kind in provider.kinds() for subject in provider.subjects(kind)]


def all_subjects() -> dict[SubjectKind, Sequence[Subject]]:
    """Return the present subjects of every kind."""
    return {kind: subjects_of(kind) for kind in SubjectKind}


def measured(ledger: str) -> Numbers:
    """Return (n, N) of one ledger by (ledger, subject id); empty when no app declares it."""
    members: dict[str, list[Member]] = defaultdict(list)
    for coverage in registry.current().coverages:
        for member in coverage.measure() if coverage.id == ledger else ():
            for subject in {WHOLE_FACILITY, *member.belongs_to}:
                members[subject].append(member)
    return {(ledger, subject): _covered(found) for subject, found in members.items()}


def _covered(members: Sequence[Member]) -> Covered:
    confirmed = [member.confirmed_at for member in members if member.confirmed_at is not None]
    return Covered(sum(not member.missing for member in members), len(members), min(confirmed, default=None))


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
