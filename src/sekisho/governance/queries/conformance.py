"""The state of conformity now: the edition judged over the estate with everything that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.evidence import current_facts
from sekisho.governance.rules.assessment import LeafResult, assess_edition, summaries
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.verdicts import Summary
from sekisho.kernel import clock, registry
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider


@dataclass(frozen=True, slots=True)
class Conformity:
    """An edition judged at one moment: every row's summary in printed order, and every leaf's judgements."""

    edition: Edition
    summaries: dict[str, Summary]
    leaves: dict[str, LeafResult]


def conformity(edition_id: str = CURRENT) -> Conformity:
    """Judge an edition now. Raises NotFound, EditionInvalid."""
    wanted = edition(edition_id)
    results = assess_edition(wanted, mapping(edition_id), all_subjects(), current_facts(), clock.now())
    return Conformity(wanted, summaries(wanted, results), results)


def all_subjects() -> dict[SubjectKind, Sequence[Subject]]:
    """Return the present subjects of every kind, from whoever knows them."""
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    return {
        kind: [subject for provider in providers if kind in provider.kinds() for subject in provider.subjects(kind)]
        for kind in SubjectKind
    }
