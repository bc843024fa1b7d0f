"""Everything that the Fit&Gap papers show, from one read: each leaf, its subjects with their proofs, and the sums."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.governance.models import JudgedEdition
from sekisho.governance.queries.conformance import SubjectVerdict, every_verdict
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.rules.assessment import summaries
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.mapping import Mapping as ProofMapping
from sekisho.governance.rules.verdicts import Summary, Verdict, summarise
from sekisho.kernel import clock


@dataclass(frozen=True, slots=True)
class FitGap:
    """The verdicts of an edition as they were at ``taken_at``: every row's sum, and below each leaf its subjects.

    ``judged_at`` is when they were last computed, None before the first time.
    """

    edition: Edition
    mapping: ProofMapping
    summaries: Mapping[str, Summary]
    subjects: Mapping[str, Sequence[SubjectVerdict]]
    judged_at: datetime | None
    taken_at: datetime

    def leaves_by_verdict(self) -> Mapping[Verdict, int]:
        """Return how many leaves stand in each verdict."""
        return Counter(self.summaries[leaf.id].verdict for leaf in self.edition.leaves)


def fit_gap(edition_id: str = CURRENT) -> FitGap:
    """Return the Fit&Gap of an edition. Raises NotFound, EditionInvalid."""
    wanted = edition(edition_id)
    subjects: dict[str, list[SubjectVerdict]] = defaultdict(list)
    for requirement, found in every_verdict(edition_id):
        subjects[requirement].append(found)
    leaves = {name: summarise(Counter(one.verdict for one in found)) for name, found in subjects.items()}
    judged = JudgedEdition.objects.filter(edition=edition_id).first()
    return FitGap(
        edition=wanted,
        mapping=mapping(edition_id),
        summaries=summaries(wanted, leaves),
        subjects=subjects,
        judged_at=judged.judged_at if judged else None,
        taken_at=clock.now(),
    )
