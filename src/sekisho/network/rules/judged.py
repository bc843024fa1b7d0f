"""One remark of a judge about one observation, and what many remarks come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text, _


class Level(StrEnum):
    """What one remark says. WARN is worth mending and breaks no rule; UNKNOWN could not be seen."""

    OK = "ok"
    WARN = "warn"
    NG = "ng"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Text:
        """The level as people read it."""
        return LEVEL_LABELS[self]


LEVEL_LABELS: dict[Level, Text] = {
    Level.OK: _("Fine"),
    Level.WARN: _("Worth mending"),
    Level.NG: _("Breaks the rule"),
    Level.UNKNOWN: _("Cannot be told"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One remark: a stable ``code``, what was observed and what is expected, and where the rule comes from.

    ``source`` names the rule's document and section; ``certainty`` how sure the encoded rule is: "primary" (its text
    was read), "secondary" (quoted by somebody who read it) or "memory".
    """

    code: str
    level: Level
    message: Text
    observed: Json
    expected: Json
    source: str
    certainty: str = "primary"

    def document(self) -> dict[str, Json]:
        """Return the remark as JSON, the message by its English id."""
        return {
            "code": self.code,
            "level": self.level.value,
            "message": {
                "msgid": self.message.msgid,
                "params": {name: str(value) for name, value in self.message.params.items()},
            },
            "observed": self.observed,
            "expected": self.expected,
            "source": self.source,
            "certainty": self.certainty,
        }


def outcome_of(remarks: Iterable[Judged]) -> Outcome:
    """Return what all remarks about one subject come to. No remark at all is unknown, never a pass."""
    levels = {remark.level for remark in remarks}
    if Level.NG in levels:
        return Outcome.FAIL
    return Outcome.UNKNOWN if Level.UNKNOWN in levels or not levels else Outcome.PASS
