"""The stored verdicts: the list with n/N, one requirement with its subjects and proofs, and its history."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count

from sekisho.governance.models import EvidenceFinding, JudgedEdition, StoredVerdict, VerdictChange
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.rules.assessment import summaries
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.verdicts import Summary, Verdict, summarise

CHANGES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Conformity:
    """The verdicts of an edition: every row's summary in printed order; ``reassess`` counts 要再評価 by leaf.

    ``judged_at`` is when they were last computed, None before the first time.
    """

    edition: Edition
    summaries: Mapping[str, Summary]
    reassess: Mapping[str, int]
    judged_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubjectVerdict:
    """The verdict of one leaf for one subject, as stored; ``proofs`` and ``reason`` as JSON values."""

    subject_kind: str
    subject_id: str
    subject_label: str
    verdict: Verdict
    reason: Any
    proofs: Sequence[Mapping[str, Any]]
    reassess: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history of a leaf; None stands for "not there" (before the first, after the last)."""

    subject_label: str
    before: Verdict | None
    after: Verdict | None
    cause: Mapping[str, Any]
    changed_at: datetime


def conformity(edition_id: str = CURRENT) -> Conformity:
    """Return the stored verdicts of an edition. Raises NotFound, EditionInvalid."""
    wanted = edition(edition_id)
    counts: dict[str, dict[Verdict, int]] = defaultdict(dict)
    marked: dict[str, int] = defaultdict(int)
    rows = StoredVerdict.objects.filter(edition=edition_id).values_list("requirement", "verdict", "reassess")
    for requirement, verdict, reassess, number in rows.annotate(number=Count("id")).order_by():
        named = counts[requirement]
        named[Verdict(verdict)] = named.get(Verdict(verdict), 0) + number
        marked[requirement] += number * reassess
    leaves = {name: summarise(found) for name, found in counts.items()}
    judged = JudgedEdition.objects.filter(edition=edition_id).first()
    return Conformity(wanted, summaries(wanted, leaves), dict(marked), judged.judged_at if judged else None)


def verdicts_of(edition_id: str, requirement: str, subject_id: str = "") -> list[SubjectVerdict]:
    """Return the verdicts of one leaf over its subjects (or of one subject), by name."""
    rows = StoredVerdict.objects.filter(edition=edition_id, requirement=requirement)
    rows = rows.filter(subject_id=subject_id) if subject_id else rows
    return [_subject_verdict(row) for row in rows.order_by("subject_label", "subject_id")]


def findings_behind(verdicts: Sequence[SubjectVerdict]) -> list[EvidenceFinding]:
    """Return what the runs that these verdicts rest on found about their subjects, each with its run."""
    controls = ((proof["ref"], found.subject_id) for found in verdicts for proof in _controls(found))
    wanted = {(UUID(run), subject_id) for run, subject_id in controls}
    runs, subjects = {run for run, _subject in wanted}, {subject for _run, subject in wanted}
    rows = EvidenceFinding.objects.filter(run__in=runs, subject_id__in=subjects).select_related("run")
    rows = rows.defer("run__trace", "run__parameters").order_by("run_id", "place")
    return [row for row in rows if (row.run_id, row.subject_id) in wanted] if wanted else []


def _controls(found: SubjectVerdict) -> Iterator[Mapping[str, Any]]:
    return (proof for proof in found.proofs if proof["kind"] == ProofKind.CONTROL and proof["ref"])


def every_verdict(edition_id: str) -> Iterator[tuple[str, SubjectVerdict]]:
    """Yield the verdicts of all leaves with the leaf's id, each leaf's by name of the subject, from one read."""
    rows = StoredVerdict.objects.filter(edition=edition_id).order_by("requirement", "subject_label", "subject_id")
    return ((row.requirement, _subject_verdict(row)) for row in rows)


def _subject_verdict(row: StoredVerdict) -> SubjectVerdict:
    return SubjectVerdict(
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_label=row.subject_label,
        verdict=Verdict(row.verdict),
        reason=json.loads(row.reason),
        proofs=json.loads(row.proofs),
        reassess=row.reassess,
        since=row.since,
    )


def history_of(edition_id: str, requirement: str, *, page: int = 1) -> list[Change]:
    """Return one page of the changes of a leaf's verdicts with their causes, the newest first."""
    return history_page(edition_id, requirement, page)[0]


def history_page(edition_id: str, requirement: str, page: int) -> tuple[list[Change], "Page[VerdictChange]"]:
    """Return one page of the changes of a leaf's verdicts, and which page it is."""
    rows = VerdictChange.objects.filter(edition=edition_id, requirement=requirement).order_by("-changed_at", "-id")
    found = Paginator(rows, CHANGES_A_PAGE).get_page(page)
    return [_change(row) for row in found.object_list], found


def _change(row: VerdictChange) -> Change:
    return Change(
        row.subject_label,
        Verdict(row.before) if row.before else None,
        Verdict(row.after) if row.after else None,
        json.loads(row.cause),
        row.changed_at,
    )
