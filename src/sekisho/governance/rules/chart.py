"""The security chart: a score for each chapter, how much of it cannot be told, and the same of another year beside it.

One item counts as much as another, however many subjects it has. What cannot be told is never counted as good and
never hidden: it stands beside the score as what could still be added.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.canonical import Json, canonical_json

UNTOLD = frozenset({Verdict.CANNOT_TELL, Verdict.EXPIRED, Verdict.NOT_ASSESSED})
Counts = Mapping[Verdict, int]


@dataclass(frozen=True, slots=True)
class ChapterScore:
    """One chapter: ``n`` of the ``N`` items that apply conform; ``score`` and ``untold`` are points of 100.

    ``score`` is the mean, over those items, of the share of subjects that conform, rounded down; ``untold`` that of
    the share that cannot be told, is out of date or was never judged, rounded up. Both None where nothing applies.
    """

    chapter: int
    n: int
    N: int
    score: int | None
    untold: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One chapter now and before; ``before`` is None where the other year does not have it.

    ``difference`` is in points, None where one of them has no score. ``is_certain`` tells that what cannot be told
    could not turn the difference round.
    """

    now: ChapterScore
    before: ChapterScore | None
    difference: int | None
    is_certain: bool


def chapter_scores(leaves: Mapping[str, Counts]) -> list[ChapterScore]:
    """Return the score of each chapter; ``leaves`` are the counts of subjects per verdict, empty if never judged."""
    chapters: dict[int, list[Counts]] = defaultdict(list)
    for leaf, counts in leaves.items():
        chapters[chapter_of(leaf)].append(counts)
    return [_score(chapter, found) for chapter, found in sorted(chapters.items())]


def _score(chapter: int, leaves: Iterable[Counts]) -> ChapterScore:
    shares = [share for counts in leaves if (share := _shares(counts)) is not None]
    if not shares:
        return ChapterScore(chapter, 0, 0, None, None)
    number = len(shares)
    score = math.floor(100 * sum(good for good, _untold in shares) / number)
    untold = math.ceil(100 * sum(untold for _good, untold in shares) / number)
    return ChapterScore(chapter, sum(good == 1 for good, _untold in shares), number, score, min(untold, 100 - score))


def _shares(counts: Counts) -> tuple[Fraction, Fraction] | None:
    """Return which shares of a leaf's subjects conform and cannot be told; None where the leaf does not apply."""
    total = sum(number for verdict, number in counts.items() if verdict is not Verdict.NOT_APPLICABLE)
    if not total:
        return None if counts else (Fraction(0), Fraction(1))
    untold = sum(counts.get(verdict, 0) for verdict in UNTOLD)
    return Fraction(counts.get(Verdict.CONFORMING, 0), total), Fraction(untold, total)


def compare(now: Iterable[ChapterScore], before: Iterable[ChapterScore]) -> Iterator[Comparison]:
    """Yield every chapter of ``now`` with the same one of ``before``."""
    others = {one.chapter: one for one in before}
    for one in now:
        other = others.get(one.chapter)
        yield Comparison(one, other, *_difference(one, other))


def _difference(now: ChapterScore, before: ChapterScore | None) -> tuple[int | None, bool]:
    if before is None or now.score is None or before.score is None:
        return None, False
    difference = now.score - before.score
    up, down = now.untold or 0, before.untold or 0
    return difference, difference > down or difference < -up or up == down == 0


def yardstick(leaves: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of what is asked and how it is proven, whatever the words.

    ``leaves`` are requirements as JSON with their proofs under "mapping", as a locked round keeps them.
    """
    measured: list[Json] = [
        [leaf["id"], leaf["judged_per"], _facts(leaf), leaf["parameters"], _proofs(leaf["mapping"])] for leaf in leaves
    ]
    return hashlib.sha256(canonical_json(measured)).hexdigest()


def _facts(leaf: Mapping[str, Any]) -> Json:
    when = leaf["applies_when"]
    return when["facts"] if when else None


def _proofs(mapped: Mapping[str, Any]) -> Json:
    if not mapped["proofs"]:
        return None
    return [{name: value for name, value in proof.items() if name != "what"} for proof in mapped["proofs"]]
