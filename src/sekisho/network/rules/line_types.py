"""Table 13-1: whether the registered kind of a line is one that the guideline calls conforming."""

from dataclasses import dataclass

from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text, _
from sekisho.network.rules.configuration.profile import Table, TableRow

_SAID: dict[bool | None, tuple[Outcome, Text]] = {
    True: (Outcome.PASS, _("Table 13-1 counts this kind of line as conforming.")),
    False: (Outcome.FAIL, _("Table 13-1 does not count this kind of line as conforming. Move to one that it names.")),
    None: (
        Outcome.UNKNOWN,
        _("Table 13-1 leaves this kind of line open: whether it is safe enough must be assessed and kept on paper."),
    ),
}
_INSIDE = _("The line stays inside the facility; table 13-1 speaks of lines that leave it.")
_STRANGE = _("Table 13-1 was not encoded for this kind of line.")


@dataclass(frozen=True, slots=True)
class LineJudged:
    """What the table says of one kind of line, with its row, and how sure the encoded table is."""

    outcome: Outcome
    message: Text
    facts: dict[str, Json]


def judge_line(table: Table, line_kind: str) -> LineJudged:
    """Return what table 13-1 says of a registered kind of line. A kind that nobody encoded is unknown."""
    facts: dict[str, Json] = {"line": line_kind, "source": table.source, "certainty": table.certainty}
    if line_kind in table.inside:
        return LineJudged(Outcome.NOT_APPLICABLE, _INSIDE, facts)
    row = _row(table, line_kind)
    if row is None:
        return LineJudged(Outcome.UNKNOWN, _STRANGE, facts)
    outcome, message = _SAID[row.conforming]
    return LineJudged(outcome, message, {**facts, "row": row.row, "conforming": row.conforming})


def _row(table: Table, line_kind: str) -> TableRow | None:
    return next((row for row in table.rows if line_kind in row.lines), None)
