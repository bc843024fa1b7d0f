"""How the pages and papers of a stocktake say what it knows: facts, columns, lines."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.assets.models import StockLine, Stocktake
from sekisho.assets.rules.stocktaking import DIFFERENCES, Result, Settlement
from sekisho.kernel.declarations import Ledger
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn

KINDS = {
    Result.MATCH: Kind.OK,
    Result.ELSEWHERE: Kind.WARN,
    Result.MISSING: Kind.NG,
    Result.UNLISTED: Kind.UNKNOWN,
    Result.TWICE: Kind.INFO,
    Result.VOID: Kind.NEUTRAL,
}


def scope_words(row: Stocktake) -> str:
    """Return what a stocktake is about, in words."""
    named = [str(one) for one in (row.department, row.system, row.place) if one]
    return _(", ").join(named) if named else _("Everything in the ledger")


def stocktake_facts(row: Stocktake, ledger: Ledger) -> list[tuple[str, Any]]:
    """Return the heading and the value of everything that is said of a stocktake itself."""
    facts: list[tuple[str, Any]] = [
        (_("Number"), row.document_number),
        (_("Ledger"), ledger.title),
        (_("Scope"), scope_words(row)),
        (_("First day"), row.begins_on),
        (_("Last day"), row.ends_on),
        (_("Person responsible"), row.responsible),
        (_("Things expected"), row.expected),
        (_("Begun"), row.begun_at),
        (_("Begun by"), row.begun_by),
    ]
    if row.closed_at:
        facts += [
            (_("Signed off at"), row.closed_at),
            (_("Signed off by"), row.closed_by),
            (_("Remarks"), row.closing_note),
        ]
    if row.cancelled_at:
        facts += [
            (_("Cancelled"), row.cancelled_at),
            (_("Cancelled by"), row.cancelled_by),
            (_("Reason"), row.cancelled_reason),
        ]
    return facts


def line_columns() -> list[TableColumn]:
    """Return the columns of the table of lines."""
    return [
        TableColumn(_("Control number"), Align.CODE, is_row_heading=True),
        TableColumn(_("Name")),
        TableColumn(_("Result")),
        TableColumn(_("Place in the ledger")),
        TableColumn(_("Found in")),
        TableColumn(_("Found at")),
        TableColumn(_("Found by"), Align.NAME),
        TableColumn(_("What is done"), Align.WIDE),
    ]


def line_row(row: Stocktake, line: StockLine) -> Cells:
    """Return the cells of a line; a difference leads to the page on which it is settled."""
    result = Result(line.result)
    head: object = line.label
    if result in DIFFERENCES:
        head = Link(line.label, reverse("assets:stocktake-line", args=[row.pk, line.pk]))
    badge = Badge(KINDS[result], result.label)
    return [
        head,
        line.name,
        badge,
        line.place_expected,
        line.place_found,
        line.found_at,
        line.found_by,
        settled_words(line),
    ]


def settled_words(line: StockLine) -> object:
    """Return what is done about a line, in words; for an open difference a badge that says so."""
    if line.settlement:
        said = _("%(settlement)s: %(reason)s") % {
            "settlement": Settlement(line.settlement).label,
            "reason": line.reason,
        }
        return _("%(said)s (%(number)s)") % {"said": said, "number": line.reference} if line.reference else said
    return Badge(Kind.WARN, _("To be settled")) if Result(line.result) in DIFFERENCES else ""
