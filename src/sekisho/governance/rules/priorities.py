"""What to do next: the proofs that are lacking, put together to pieces of work, the most useful for its effort first.

One piece of work often serves many items: the same paper, the same ledger. What only a later version of Sekisho can
look at is no work for anybody and is counted apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sekisho.governance.rules.catalogue import Level
from sekisho.governance.rules.mapping import ProofKind
from sekisho.kernel.access import Role
from sekisho.kernel.text import Text, _


class Effort(IntEnum):
    """How much work a lacking proof is; the number is what its use is divided by."""

    MINUTES = 1
    DAYS = 2
    VENDOR = 4

    @property
    def label(self) -> Text:
        """The effort in the reader's words."""
        return EFFORT_LABELS[self]


EFFORT_LABELS: dict[Effort, Text] = {
    Effort.MINUTES: _("A few minutes"),
    Effort.DAYS: _("Some days"),
    Effort.VENDOR: _("With the vendor"),
}
# What a thing that is wrong, or cannot be told, weighs against one that was never begun.
_URGENCY = {"fails": 5, "unknown": 3, "stale": 3, "absent": 2, "partly": 2}
_LEVELS = {Level.REQUIRED: 3, Level.RECOMMENDED: 1}
_EFFORTS = {
    ProofKind.LEDGER: Effort.MINUTES,
    ProofKind.ATTESTATION: Effort.MINUTES,
    ProofKind.DOCUMENT: Effort.DAYS,
    ProofKind.CONTROL: Effort.VENDOR,
}


@dataclass(frozen=True, slots=True)
class Lack:
    """One proof of one leaf that does not hold for one subject; ``state`` by the name it is stored under."""

    requirement: str
    level: Level
    role: Role
    kind: ProofKind
    proof: str
    state: str
    subject: str


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: the proof it brings, for which leaves and subjects, who does it, what it weighs.

    An attestation is given for each leaf by itself, any other proof serves every leaf that asks for it.
    """

    kind: ProofKind
    proof: str
    requirements: tuple[str, ...]
    subjects: tuple[str, ...]
    state: str
    role: Role
    effort: Effort
    use: int

    @property
    def rank(self) -> float:
        """The use for the effort: the higher, the sooner."""
        return self.use / self.effort


def work_for(lacks: Iterable[Lack]) -> list[Work]:
    """Return the pieces of work that ``lacks`` come to, the most useful for its effort first."""
    groups: dict[tuple[str, str, str], list[Lack]] = {}
    for lack in lacks:
        apart = lack.requirement if lack.kind is ProofKind.ATTESTATION else ""
        groups.setdefault((lack.kind.value, lack.proof, apart), []).append(lack)
    return sorted((_work(group) for group in groups.values()), key=lambda work: (-work.rank, work.kind, work.proof))


def _work(group: Sequence[Lack]) -> Work:
    """Put together what one piece of work mends. Its use counts each leaf once, by the worst of its subjects."""
    by_leaf: dict[str, int] = {}
    for lack in group:
        worth = _LEVELS[lack.level] * _URGENCY[lack.state]
        by_leaf[lack.requirement] = max(worth, by_leaf.get(lack.requirement, 0))
    worst = max(group, key=lambda lack: _URGENCY[lack.state])
    return Work(
        kind=worst.kind,
        proof=worst.proof,
        requirements=tuple(by_leaf),
        subjects=tuple(dict.fromkeys(lack.subject for lack in group)),
        state=worst.state,
        role=worst.role,
        effort=_EFFORTS[worst.kind],
        use=sum(by_leaf.values()),
    )
