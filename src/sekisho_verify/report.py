"""What was looked at and what was found: plain data, in the order in which it was found."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

MOST_FINDINGS_OF_A_KIND = 5


class State(StrEnum):
    """What one part of the check says."""

    OK = "ok"
    BAD = "bad"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    """The answer of the whole check."""

    INTACT = "intact"
    TAMPERED = "tampered"
    CANNOT_TELL = "cannot_tell"

    @property
    def exit_code(self) -> int:
        """0 intact, 1 tampered, 2 cannot tell."""
        return {Verdict.INTACT: 0, Verdict.TAMPERED: 1, Verdict.CANNOT_TELL: 2}[self]


class Part(StrEnum):
    """The parts of the check, in the order of the report."""

    SIGNATURE = "signature"
    STRUCTURE = "structure"
    TREE = "tree"
    ENTRIES = "entries"
    HEADS = "heads"
    WITNESSES = "witnesses"
    TOKENS = "tokens"
    PROOF = "proof"


Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``code`` names its text in ``texts``; ``facts`` are the text's parameters.

    ``level`` BAD makes the verdict "tampered", UNKNOWN "cannot tell"; OK is a remark.
    """

    part: Part
    level: State
    code: str
    facts: dict[str, Value]


@dataclass(slots=True)
class Report:
    """Everything that one run says. ``facts`` holds what belongs to the log as a whole."""

    facts: dict[str, Value] = field(default_factory=dict)
    parts: dict[Part, State] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def looked_at(self, part: Part) -> None:
        """Say that ``part`` was checked; it is in order until something is found."""
        self.parts.setdefault(part, State.OK)

    def bad(self, part: Part, code: str, **facts: Value) -> None:
        """Add what contradicts the log's own signatures or rules."""
        self._add(Finding(part, State.BAD, code, facts))

    def unknown(self, part: Part, code: str, **facts: Value) -> None:
        """Add what could not be told."""
        self._add(Finding(part, State.UNKNOWN, code, facts))

    def remark(self, part: Part, code: str, **facts: Value) -> None:
        """Add what a reader should know and what decides nothing."""
        self._add(Finding(part, State.OK, code, facts))

    def _add(self, finding: Finding) -> None:
        worse = (State.NOT_ASKED, State.OK, State.UNKNOWN, State.BAD)
        self.parts[finding.part] = max(self.parts.get(finding.part, State.OK), finding.level, key=worse.index)
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= MOST_FINDINGS_OF_A_KIND:
            self.findings.append(finding)

    @property
    def verdict(self) -> Verdict:
        """Anything bad: tampered. Else anything unknown, or nothing looked at: cannot tell."""
        states = set(self.parts.values())
        if State.BAD in states:
            return Verdict.TAMPERED
        if State.UNKNOWN in states or State.OK not in states:
            return Verdict.CANNOT_TELL
        return Verdict.INTACT

    @property
    def first_bad(self) -> Finding | None:
        """The first finding that shows tampering.

        An older copy of a file that differs only says that one of the two was changed: what hashes name goes before it.
        """
        bad = [finding for finding in self.findings if finding.level is State.BAD]
        return min(bad, key=lambda finding: finding.code == "file.older", default=None)
