"""Systems against requirements: how each system stands under each item that is judged for it or for a part of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from sekisho.governance.models import StoredVerdict
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.listing import group_of
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.verdicts import NOTHING_JUDGED, Summary, Verdict, summarise
from sekisho.kernel.ports import Subject, SubjectKind

SYSTEMS_A_PAGE = 8
PER_SYSTEM = frozenset({SubjectKind.SYSTEM, SubjectKind.LAYER, SubjectKind.ENDPOINT})
_PARTS = (SubjectKind.LAYER, SubjectKind.ENDPOINT)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One leaf: how it stands for each system (None: nothing of the system is judged), or ``whole`` for all at once.

    ``whole`` is set where the item is not judged per system: for the facility, a line, a vendor, a group of devices.
    """

    leaf: Requirement
    systems: Sequence[Summary | None]
    whole: Summary | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The leaves of a group (of all, where it is empty) against the systems of one page."""

    systems: Sequence[Subject]
    rows: Sequence[MatrixRow]


def system_pages() -> Paginator[Subject]:
    """Return the systems, a page of columns at a time."""
    return Paginator(list(subjects_of(SubjectKind.SYSTEM)), SYSTEMS_A_PAGE)


def system_page(number: int) -> "Page[Subject]":
    """Return one page of the systems."""
    return system_pages().get_page(number)


def matrix(systems: Sequence[Subject], group: str = "", edition_id: str = CURRENT) -> Matrix:
    """Return how the leaves of a group stand for ``systems``. Raises NotFound, EditionInvalid."""
    wanted = edition(edition_id)
    leaves = [leaf for leaf in wanted.leaves if not group or group_of(wanted, leaf.id) == group]
    own = _own(systems)
    per_system = _per_system(edition_id, [leaf.id for leaf in leaves if leaf.judged_per in PER_SYSTEM], own)
    whole = _whole(edition_id, [leaf.id for leaf in leaves if leaf.judged_per not in PER_SYSTEM])
    rows = [
        MatrixRow(leaf, [per_system.get((leaf.id, system.id), _unjudged(leaf)) for system in systems], None)
        if leaf.judged_per in PER_SYSTEM
        else MatrixRow(leaf, (), whole.get(leaf.id, NOTHING_JUDGED))
        for leaf in leaves
    ]
    return Matrix(systems, rows)


def _unjudged(leaf: Requirement) -> Summary | None:
    """Return how a system stands without any verdict: judged itself, it waits for one; else it has no such part."""
    return NOTHING_JUDGED if leaf.judged_per is SubjectKind.SYSTEM else None


def parts_of(system_id: str) -> frozenset[str]:
    """Return the ids under which something of a system is judged: its own, those of its layers and endpoints."""
    return frozenset(part for part, system in _parts().items() if system == system_id) | {system_id}


def _own(systems: Sequence[Subject]) -> dict[str, str]:
    """Return the systems and their parts, each with the id of its system."""
    shown = {system.id for system in systems}
    return {name: name for name in shown} | {part: system for part, system in _parts().items() if system in shown}


def _parts() -> dict[str, str]:
    return {part.id: str(part.facts.get("system")) for kind in _PARTS for part in subjects_of(kind)}


def _per_system(edition_id: str, leaves: Sequence[str], own: Mapping[str, str]) -> Mapping[tuple[str, str], Summary]:
    """Return the verdicts of ``leaves`` summed up per system."""
    counts: dict[tuple[str, str], Counter[Verdict]] = defaultdict(Counter)
    rows = StoredVerdict.objects.filter(edition=edition_id, requirement__in=leaves, subject_id__in=own)
    for requirement, subject_id, verdict in rows.values_list("requirement", "subject_id", "verdict"):
        counts[requirement, own[subject_id]][Verdict(verdict)] += 1
    return {place: summarise(found) for place, found in counts.items()}


def _whole(edition_id: str, leaves: Sequence[str]) -> Mapping[str, Summary]:
    """Return the verdicts of ``leaves`` summed up over all their subjects."""
    counts: dict[str, dict[Verdict, int]] = defaultdict(dict)
    rows = StoredVerdict.objects.filter(edition=edition_id, requirement__in=leaves)
    for requirement, verdict, number in rows.values_list("requirement", "verdict").annotate(Count("id")).order_by():
        counts[requirement][Verdict(verdict)] = number
    return {name: summarise(found) for name, found in counts.items()}
