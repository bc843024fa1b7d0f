"""Everything that the Fit&Gap papers show, from one read: each leaf, its subjects with their proofs, and the sums."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.governance.models import JudgedEdition, StoredVerdict
from sekisho.governance.queries.conformance import SubjectVerdict
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions_by_requirement
from sekisho.governance.rules.assessment import summaries
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.mapping import Mapping as ProofMapping
from sekisho.governance.rules.verdicts import Summary, Verdict, summarise
from sekisho.kernel import clock


@dataclass(frozen=True, slots=True)
class FitGap:
    """The verdicts of an edition as they were at ``taken_at``: every row's sum, and below each leaf its subjects.

    ``exceptions`` are those in force by leaf: they stand beside a verdict and never turn it. ``judged_at`` is when the
    verdicts were last computed, None before the first time.
    """

    edition: Edition
    mapping: ProofMapping
    summaries: Mapping[str, Summary]
    subjects: Mapping[str, Sequence[SubjectVerdict]]
    exceptions: Mapping[str, Sequence[ExceptionEntry]]
    judged_at: datetime | None
    taken_at: datetime

    def leaves_by_verdict(self) -> Mapping[Verdict, int]:
        """Return how many leaves stand in each verdict."""
        return Counter(self.summaries[leaf.id].verdict for leaf in self.edition.leaves)


def fit_gap(edition_id: str = CURRENT) -> FitGap:
    """Return the Fit&Gap of an edition. Raises NotFound, EditionInvalid."""
    wanted = edition(edition_id)
    subjects = _subjects(edition_id)
    leaves = {name: summarise(Counter(one.verdict for one in found)) for name, found in subjects.items()}
    judged = JudgedEdition.objects.filter(edition=edition_id).first()
    return FitGap(
        edition=wanted,
        mapping=mapping(edition_id),
        summaries=summaries(wanted, leaves),
        subjects=subjects,
        exceptions=_in_force(edition_id),
        judged_at=judged.judged_at if judged else None,
        taken_at=clock.now(),
    )


def _in_force(edition_id: str) -> Mapping[str, Sequence[ExceptionEntry]]:
    found = exceptions_by_requirement(edition_id)
    return {name: [one for one in entries if one.is_in_force] for name, entries in found.items()}


def _subjects(edition_id: str) -> Mapping[str, Sequence[SubjectVerdict]]:
    """Return the verdicts of every leaf, by name of the subject.

    Hundreds of subjects share what their proofs say, because one run of a check spoke of all of them: the same text is
    read once and the same object shared, so that whoever puts it into words can do so once too.
    """
    read: dict[str, Any] = {}
    columns = (
        "requirement", "subject_kind", "subject_id", "subject_label", "verdict", "reason", "proofs", "reassess",
        "since",
    )  # fmt: skip
    rows = StoredVerdict.objects.filter(edition=edition_id).order_by("requirement", "subject_label", "subject_id")
    subjects: dict[str, list[SubjectVerdict]] = defaultdict(list)
    for requirement, kind, name, label, verdict, reason, proofs, reassess, since in rows.values_list(*columns):
        for text in (reason, proofs):
            if text not in read:
                read[text] = json.loads(text)
        found = SubjectVerdict(kind, name, label, Verdict(verdict), read[reason], read[proofs], reassess, since)
        subjects[requirement].append(found)
    return subjects
