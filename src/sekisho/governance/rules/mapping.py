"""How each leaf of an edition is proven: the proofs that must all hold, in ``mapping.yaml``.

Text and judgement never mix: the edition says what is asked, the mapping how we think it is shown. Over-claims are
refused by rules in the data itself.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from sekisho.governance.rules.catalogue import Bilingual, Edition, EditionInvalid, Many, Named, Parent, Row, Some, Words
from sekisho.governance.rules.documents import Document, Fault


class ProofKind(StrEnum):
    """What kind of thing shows that a requirement is met."""

    CONTROL = "control"
    LEDGER = "ledger"
    DOCUMENT = "document"
    ATTESTATION = "attestation"


class Proof(Row):
    """One proof of a leaf. ``planned`` is not built yet: it is absent, and the leaf cannot conform.

    ``covers`` names the kind of subject that the proof speaks of when it is narrower than the leaf: ``platform`` proves
    something for the platform alone. ``valid_days`` is how long it stays fresh. ``bounds`` names the parameters of the
    leaf that a run of the control must have kept.
    """

    kind: Named[ProofKind]
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    what: Bilingual
    planned: bool = False
    covers: Literal["all", "platform"] = "all"
    valid_days: int = Field(default=365, ge=1, le=3660)
    bounds: Many[Words] = ()

    @property
    def valid_for(self) -> timedelta:
        """Return how long the proof stays fresh."""
        return timedelta(days=self.valid_days)


class MappedLeaf(Row):
    """The proofs of one leaf, all of which must hold; or why it is exempt, in words."""

    proofs: Many[Proof] = ()
    exempt: Bilingual | None = None
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _proofs_or_reason(self) -> "MappedLeaf":
        if bool(self.proofs) == (self.exempt is not None):
            raise ValueError("a leaf needs proofs, or the reason why it is exempt")
        return self


class ReviewRule(Row):
    """A rule against over-claiming: the named leaves need a proof of one of ``needs`` that covers more than us.

    None of them may be exempt: what must be shown in a certain way must be shown.
    """

    leaves: Some[Words]
    needs: Some[Named[ProofKind]]
    because: Bilingual


class MappingFile(Row):
    """The whole of ``mapping.yaml``."""

    edition: Words
    review_rules: Many[ReviewRule]
    leaves: dict[str, MappedLeaf]


@dataclass(frozen=True)
class Mapping:
    """A checked mapping: every leaf of its edition, and nothing else."""

    leaves: dict[str, MappedLeaf]

    @cached_property
    def proofs(self) -> tuple[tuple[str, Proof], ...]:
        """Return every proof with the leaf it belongs to."""
        return tuple((leaf, proof) for leaf, mapped in self.leaves.items() for proof in mapped.proofs)

    @cached_property
    def _shown_by(self) -> dict[tuple[ProofKind, str], list[str]]:
        found: dict[tuple[ProofKind, str], list[str]] = defaultdict(list)
        for leaf, proof in self.proofs:
            found[proof.kind, proof.id].append(leaf)
        return dict(found)

    def leaves_shown_by(self, kind: ProofKind, proof_id: str) -> list[str]:
        """Return the leaves that a control, ledger, document or attestation is a proof of."""
        return self._shown_by.get((kind, proof_id), [])

    def by_mapping(self) -> dict[str, int]:
        """Return how many leaves are mapped how: built (all proofs exist), partly (some), planned (none), exempt."""
        return dict(Counter(_state(mapped) for mapped in self.leaves.values()))


def _state(mapped: MappedLeaf) -> str:
    if mapped.exempt is not None:
        return "exempt"
    built = [not proof.planned for proof in mapped.proofs]
    return "built" if all(built) else "partly" if any(built) else "planned"


def build_mapping(document: Document, edition: Edition) -> Mapping:
    """Check a mapping against its edition. Raises EditionInvalid with every fault, each with file and row."""
    try:
        parsed = MappingFile.model_validate(document.value)
    except ValidationError as error:
        raise EditionInvalid(
            [
                Fault(document.file, document.line(fault["loc"]), f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}")
                for fault in error.errors()
            ]
        ) from error
    faults = [*_unmapped(document, parsed, edition), *_over_claims(document, parsed)]
    faults += [*_unknown_bounds(document, parsed, edition), *_repeated_proofs(document, parsed)]
    if faults:
        raise EditionInvalid(sorted(faults, key=lambda fault: fault.line))
    return Mapping(parsed.leaves)


def _unmapped(document: Document, parsed: MappingFile, edition: Edition) -> Iterator[Fault]:
    if parsed.edition != edition.head.id:
        yield Fault(document.file, document.line(("edition",)), f"this maps {parsed.edition}, not {edition.head.id}")
    leaves = {leaf.id for leaf in edition.leaves}
    for name in parsed.leaves.keys() - leaves:
        kind = "a parent, computed from its children" if isinstance(edition.by_id.get(name), Parent) else "unknown"
        yield Fault(document.file, document.line(("leaves", name)), f"{name} is {kind}")
    for name in sorted(leaves - parsed.leaves.keys()):
        yield Fault(document.file, 0, f"{name} is not mapped")


def _unknown_bounds(document: Document, parsed: MappingFile, edition: Edition) -> Iterator[Fault]:
    """A bound that the leaf does not have would prove nothing, and one on anything but a control has no run."""
    for leaf in edition.leaves:
        names = {parameter.name for parameter in leaf.parameters}
        mapped = parsed.leaves.get(leaf.id)
        for index, proof in enumerate(mapped.proofs if mapped else ()):
            line = document.line(("leaves", leaf.id, "proofs", index))
            for name in proof.bounds:
                if name not in names:
                    yield Fault(document.file, line, f"{leaf.id} has no parameter {name}")
            if proof.bounds and proof.kind is not ProofKind.CONTROL:
                yield Fault(document.file, line, f"{leaf.id}: only a control runs with parameters")


def _repeated_proofs(document: Document, parsed: MappingFile) -> Iterator[Fault]:
    """The same thing twice proves it once, and a leaf is attested as a whole: a second statement would be the first."""
    for name, mapped in parsed.leaves.items():
        seen: set[tuple[ProofKind, str]] = set()
        attested = False
        for index, proof in enumerate(mapped.proofs):
            line = document.line(("leaves", name, "proofs", index))
            attests = proof.kind is ProofKind.ATTESTATION
            if (proof.kind, proof.id) in seen:
                yield Fault(document.file, line, f"{name} names the {proof.kind.value} {proof.id} twice")
            elif attests and attested:
                yield Fault(document.file, line, f"{name} is attested twice")
            seen.add((proof.kind, proof.id))
            attested |= attests


def _over_claims(document: Document, parsed: MappingFile) -> Iterator[Fault]:
    for index, rule in enumerate(parsed.review_rules):
        for name in _matching(rule.leaves, parsed.leaves):
            mapped = parsed.leaves[name]
            kinds = {proof.kind for proof in mapped.proofs if proof.covers == "all"}
            line = document.line(("leaves", name))
            if mapped.exempt is not None:
                reason = f"{name} is exempt although a review rule asks for proof: {rule.because.en}"
                yield Fault(document.file, line, reason)
            elif not kinds & set(rule.needs):
                yield Fault(document.file, line, f"{name} over-claims: {rule.because.en}")
        for pattern in rule.leaves:
            if not any(True for _ in _matching([pattern], parsed.leaves)):
                place = ("review_rules", index, "leaves")
                yield Fault(document.file, document.line(place), f"{pattern} matches no leaf")


def _matching(patterns: Sequence[str], names: Iterable[str]) -> Iterator[str]:
    """Yield the names that one of ``patterns`` means; a trailing ``*`` stands for anything."""
    wanted = [re.escape(pattern).replace(r"\*", ".*") for pattern in patterns]
    return (name for name in names if any(re.fullmatch(pattern, name) for pattern in wanted))


def dangling(mapping: Mapping, known: dict[ProofKind, set[str]]) -> list[str]:
    """Return proofs that are not planned but name a control, ledger or document that does not exist."""
    return [
        f"{leaf}: {proof.kind.value} {proof.id}"
        for leaf, proof in mapping.proofs
        if not proof.planned and proof.kind in known and proof.id not in known[proof.kind]
    ]
