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
# The table says nothing of how an IPsec line authenticates, nor of the version of IKE: item 7 does.
_ITEM_7 = frozenset({"ipsec_ikev2_psk", "ipsec_ike"})
_MORE_BY_ITEM_7 = _(
    "Table 13-1 counts this kind of line as conforming, but item 7 asks for more: IKEv2, and no pre-shared keys. "
    "The check of the settings of the VPN lines looks at that."
)
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
    if row.conforming and line_kind in _ITEM_7:
        message = _MORE_BY_ITEM_7
    return LineJudged(outcome, message, {**facts, "row": row.row, "conforming": row.conforming})


def _row(table: Table, line_kind: str) -> TableRow | None:
    return next((row for row in table.rows if line_kind in row.lines), None)
