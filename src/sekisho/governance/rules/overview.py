"""The state of a facility on one page: counts, the next pieces of work, what cannot be told, what expires, the chart.

Everything is computed from the stored verdicts, once whenever they change, and kept as one JSON document a day: the
page reads one row, and the trend and the comparison of years are the rows of other days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.governance.rules.catalogue import Edition, Requirement
from sekisho.governance.rules.chart import chapter_scores
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.priorities import Lack, Work, work_for
from sekisho.governance.rules.themes import Theme
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.kernel.canonical import Json

MOST_WORKS = 30
MOST_NAMES = 3
SOON = timedelta(days=30)
TWO_FACTORS = ("SO-14-5-a", "SO-14-5-b", "SO-14-5-c")
_LACKING = frozenset({"fails", "unknown", "stale", "absent", "partly"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What one proof says about one subject, as it is stored."""

    kind: ProofKind
    id: str
    state: str
    planned: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Stood:
    """How one subject stands with one leaf."""

    subject: str
    verdict: Verdict
    proofs: Sequence[Proof]


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the overview is made of: the edition, its themes, every row's sum, each leaf's subjects."""

    edition: Edition
    themes: Sequence[Theme]
    summaries: Mapping[str, Summary]
    stood: Mapping[str, Sequence[Stood]]


def overview(standing: Standing, now: datetime) -> dict[str, Json]:
    """Return the overview as JSON; requirements, proofs and themes by their ids, times in ISO 8601."""
    lacks = [lack for leaf in standing.edition.leaves for lack in _lacks(leaf, standing.stood.get(leaf.id, ()))]
    works = work_for(lacks)
    verdicts = Counter(standing.summaries[leaf.id].verdict for leaf in standing.edition.leaves)
    return {
        "counts": {verdict.value: verdicts.get(verdict, 0) for verdict in Verdict},
        "works": [_work(work) for work in works[:MOST_WORKS]],
        "works_in_all": len(works),
        "themes": [_theme(standing, theme, works) for theme in standing.themes],
        "untold": [_untold(leaf, found) for leaf, found in _in_state(standing, Verdict.CANNOT_TELL)],
        "ends": list(_ends(standing, now)),
        "two_factors": [[name, *_numbers(standing.summaries.get(name))] for name in TWO_FACTORS],
        "chapters": list(_chapters(standing)),
        "unbuilt": sum(_is_unbuilt(standing.stood.get(leaf.id, ())) for leaf in standing.edition.leaves),
    }


def _lacks(leaf: Requirement, stood: Iterable[Stood]) -> Iterator[Lack]:
    for one in stood:
        if one.verdict is Verdict.NOT_APPLICABLE:
            continue
        for proof in one.proofs:
            if proof.state in _LACKING and not proof.planned and not _comes_by_itself(proof):
                yield Lack(leaf.id, leaf.level, leaf.role, proof.kind, proof.id, proof.state, one.subject)


def _comes_by_itself(proof: Proof) -> bool:
    """A check that did not run yet, or ran too long ago, is run again by Sekisho; there is nothing to mend."""
    return proof.kind is ProofKind.CONTROL and proof.state in {"absent", "stale"}


def _work(work: Work) -> dict[str, Json]:
    return {
        "kind": work.kind.value,
        "proof": work.proof,
        "requirements": list(work.requirements),
        "subjects": list(work.subjects[:MOST_NAMES]),
        "subjects_in_all": len(work.subjects),
        "state": work.state,
        "role": work.role.value,
        "effort": work.effort.name.lower(),
        "use": work.use,
    }


def _theme(standing: Standing, theme: Theme, works: Sequence[Work]) -> dict[str, Json]:
    """Return how far a theme is, and the first piece of work for the first of its leaves that lacks one."""
    sums = [standing.summaries[leaf] for leaf in theme.leaves]
    applying = [found for found in sums if found.verdict is not Verdict.NOT_APPLICABLE]
    first = next((work for leaf in theme.leaves for work in works if leaf in work.requirements), None)
    return {
        "id": theme.id,
        "n": sum(found.verdict is Verdict.CONFORMING for found in applying),
        "N": len(applying),
        "work": _work(first) if first else None,
    }


def _in_state(standing: Standing, verdict: Verdict) -> Iterator[tuple[Requirement, Sequence[Stood]]]:
    for leaf in standing.edition.leaves:
        found = [one for one in standing.stood.get(leaf.id, ()) if one.verdict is verdict]
        if found:
            yield leaf, found


def _untold(leaf: Requirement, found: Sequence[Stood]) -> dict[str, Json]:
    """Return what cannot be told and which proofs are in the way, the most frequent first."""
    ways = Counter((p.kind.value, p.id) for one in found for p in one.proofs if p.state == "unknown")
    return {
        "requirement": leaf.id,
        "subjects": [one.subject for one in found[:MOST_NAMES]],
        "subjects_in_all": len(found),
        "proofs": [list(way) for way, _number in ways.most_common()],
    }


def _ends(standing: Standing, now: datetime) -> Iterator[dict[str, Json]]:
    """Yield what holds now and ends soon, the earliest first; each proof once, with what it carries.

    Controls run again by themselves; only what a person has to renew is said.
    """
    ends: dict[tuple[str, str, datetime], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for leaf in standing.edition.leaves:
        for one in standing.stood.get(leaf.id, ()):
            for proof in one.proofs:
                if proof.kind is ProofKind.CONTROL or proof.until is None or not now <= proof.until <= now + SOON:
                    continue
                leaves, subjects = ends[proof.kind.value, proof.id, proof.until]
                leaves.append(leaf.id)
                subjects.append(one.subject)
    for (kind, name, until), (leaves, subjects) in sorted(ends.items(), key=lambda end: (end[0][2], end[0])):
        yield {
            "until": until.isoformat(),
            "kind": kind,
            "proof": name,
            "requirements": list(dict.fromkeys(leaves)),
            "subjects": list(dict.fromkeys(subjects))[:MOST_NAMES],
        }


def _numbers(found: Summary | None) -> tuple[int, int]:
    return (found.conforming, found.total) if found else (0, 0)


def _chapters(standing: Standing) -> Iterator[dict[str, Json]]:
    """Yield the chart; see :mod:`sekisho.governance.rules.chart`."""
    for found in chapter_scores({leaf.id: standing.summaries[leaf.id].counts for leaf in standing.edition.leaves}):
        yield {"chapter": found.chapter, "n": found.n, "N": found.N, "score": found.score, "untold": found.untold}


def _is_unbuilt(stood: Sequence[Stood]) -> bool:
    """Tell whether a leaf cannot conform yet whatever is done: one of its proofs comes with a later version."""
    return any(p.planned for one in stood if one.verdict is not Verdict.NOT_APPLICABLE for p in one.proofs)
