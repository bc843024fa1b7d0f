"""From proofs to verdicts: the table, and how verdicts add up over subjects and to parents.

Unknown and error never count as holding and never leave the denominator; no data never reads as conforming.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text, _


class ProofState(IntEnum):
    """What one proof says about one subject, from best to worst. EXCLUDED: it has nothing to say about it."""

    EXCLUDED = -1
    HOLDS = 0
    PARTLY = 1
    ABSENT = 2
    STALE = 3
    UNKNOWN = 4
    FAILS = 5


class Verdict(StrEnum):
    """適合状況 of a requirement."""

    CONFORMING = "conforming"
    PARTIAL = "partial"
    NOT_ASSESSED = "not_assessed"
    EXPIRED = "expired"
    CANNOT_TELL = "cannot_tell"
    NONCONFORMING = "nonconforming"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> Text:
        """The verdict in the guideline's words."""
        return VERDICT_LABELS[self]


VERDICT_LABELS: dict[Verdict, Text] = {
    Verdict.CONFORMING: _("Conforming"),
    Verdict.PARTIAL: _("Partly conforming"),
    Verdict.NOT_ASSESSED: _("Not assessed"),
    Verdict.EXPIRED: _("Out of date"),
    Verdict.CANNOT_TELL: _("Cannot tell"),
    Verdict.NONCONFORMING: _("Not conforming"),
    Verdict.NOT_APPLICABLE: _("Not applicable"),
}
# From best to worst; a verdict that does not apply stands outside.
SEVERITY: dict[Verdict, int] = {
    Verdict.CONFORMING: 0,
    Verdict.PARTIAL: 1,
    Verdict.NOT_ASSESSED: 2,
    Verdict.EXPIRED: 3,
    Verdict.CANNOT_TELL: 4,
    Verdict.NONCONFORMING: 5,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of a requirement that a control must have run with; exactly one limit is set."""

    name: str
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[Json, ...] | None = None
    equals: Json = None

    def is_kept_by(self, parameters: Mapping[str, Json]) -> bool:
        """Tell whether a run with ``parameters`` was at least as strict. A missing parameter is not."""
        if self.name not in parameters:
            return False
        value = parameters[self.name]
        if self.at_least is not None or self.at_most is not None:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return False
            low = self.at_least is None or value >= self.at_least
            return low and (self.at_most is None or value <= self.at_most)
        if self.one_of is not None:
            given = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
            return bool(given) and all(item in self.one_of for item in given)
        return type(value) is type(self.equals) and value == self.equals


def state_of_finding(
    outcome: Outcome,
    *,
    observed_at: datetime,
    moment: datetime,
    valid_for: timedelta,
    parameters: Mapping[str, Json],
    bounds: Iterable[Bound],
) -> ProofState:
    """Return what a finding proves at ``moment``.

    A failure stays a failure however old it is: nothing shows that it was mended. A pass proves nothing once it is
    out of date, or when the control ran with a looser parameter than the requirement allows; nor does a control then
    show any more that it has nothing to say about a subject.
    """
    match outcome:
        case Outcome.FAIL:
            return ProofState.FAILS
        case Outcome.UNKNOWN | Outcome.ERROR:
            return ProofState.UNKNOWN
    if not all(bound.is_kept_by(parameters) for bound in bounds):
        return ProofState.UNKNOWN
    # A pass from the future is a wrong clock, not a proof.
    if observed_at > moment:
        return ProofState.UNKNOWN
    if moment - observed_at > valid_for:
        return ProofState.STALE
    return ProofState.HOLDS if outcome is Outcome.PASS else ProofState.EXCLUDED


def state_of_coverage(covered: int, population: int) -> ProofState:
    """Return what a ledger proves that covers ``covered`` of a named ``population``. An empty one proves nothing."""
    if population <= 0 or covered <= 0:
        return ProofState.ABSENT
    return ProofState.HOLDS if covered >= population else ProofState.PARTLY


def judge_leaf(proofs: Iterable[ProofState], *, not_applicable: bool = False) -> Verdict:
    """Return the verdict of one leaf for one subject from all its proofs (DESIGN, table of verdicts).

    ``not_applicable`` is an approved reason, or an applicability rule that does not match the subject's facts.
    """
    if not_applicable:
        return Verdict.NOT_APPLICABLE
    states = set(proofs) - {ProofState.EXCLUDED}
    if ProofState.FAILS in states:
        return Verdict.NONCONFORMING
    if ProofState.UNKNOWN in states:
        return Verdict.CANNOT_TELL
    if ProofState.STALE in states:
        return Verdict.EXPIRED
    if states == {ProofState.HOLDS}:
        return Verdict.CONFORMING
    return Verdict.PARTIAL if states & {ProofState.HOLDS, ProofState.PARTLY} else Verdict.NOT_ASSESSED


@dataclass(frozen=True, slots=True)
class Summary:
    """A verdict over many, with how many stand in each state: n/N is always shown."""

    verdict: Verdict
    counts: Mapping[Verdict, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """N: how many were judged and apply."""
        return sum(number for verdict, number in self.counts.items() if verdict is not Verdict.NOT_APPLICABLE)

    @property
    def conforming(self) -> int:
        """n: how many of them conform."""
        return self.counts.get(Verdict.CONFORMING, 0)


def combine(verdicts: Iterable[Verdict]) -> Summary:
    """Return the verdict over subjects, or of a parent over its children: the same order decides.

    Nothing to judge is not assessed. What does not apply stands aside, and decides only where nothing else is.
    """
    return summarise(Counter(verdicts))


def summarise(counts: Mapping[Verdict, int]) -> Summary:
    """Return the summary of ``counts`` per verdict; see :func:`combine`."""
    applying = {verdict for verdict in counts if verdict is not Verdict.NOT_APPLICABLE}
    if not applying:
        return Summary(Verdict.NOT_APPLICABLE if counts else Verdict.NOT_ASSESSED, dict(counts))
    for verdict in (Verdict.NONCONFORMING, Verdict.CANNOT_TELL, Verdict.EXPIRED):
        if verdict in applying:
            return Summary(verdict, dict(counts))
    overall = applying.pop() if len(applying) == 1 else Verdict.PARTIAL
    return Summary(overall, dict(counts))


NOTHING_JUDGED = summarise({})
