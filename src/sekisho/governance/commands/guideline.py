"""Commands about the guideline: its items, its official text, what changed."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from sekisho.governance.queries import editions
from sekisho.governance.queries.official import changed_items
from sekisho.governance.services.carry_over import carry_over
from sekisho.governance.services.official import FAULTS, describe, import_official, read_official
from sekisho.kernel.actor import console
from sekisho.kernel.text import Text, _


@click.group("guideline", help=_("The guideline: its items, its official text, what changed.").msgid)
def guideline() -> None:
    """Hold the commands about the guideline together."""


@guideline.command("stats", help=_("Count the items of an edition and how they are proven.").msgid)
@click.option("--edition", "edition_id", default=editions.CURRENT, help=_("The edition.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def stats(edition_id: str, as_json: bool) -> None:
    """Print the counts."""
    found, mapping = editions.edition(edition_id), editions.mapping(edition_id)
    facts = {
        **found.stats(),
        "unmapped": sum(leaf.id not in mapping.leaves for leaf in found.leaves),
        "missing_ja": found.missing("ja"),
        "missing_en": found.missing("en"),
        "by_mapping": mapping.by_mapping(),
    }
    _show(facts, as_json)


@guideline.command("import", help=_("Import the official text of an edition from FILE (PDF or plain text).").msgid)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--edition", "edition_id", default=editions.CURRENT, help=_("The edition.").msgid)
@click.option("--check", is_flag=True, help=_("Only compare; store nothing.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def import_text(file: Path, edition_id: str, check: bool, as_json: bool) -> int:
    """Compare a text with its edition and store it if it is whole."""
    reading = read_official(file, edition_id)
    rows = editions.edition(edition_id).by_id
    bullets = sum(1 for name in reading.report.matched if getattr(rows[name], "kind", "item") == "bullet")
    facts = {
        "matched": len(reading.report.matched) - bullets,
        "bullets": bullets,
        **{name: len(ids) for name, ids in reading.report.faults.items()},
        "sha256": reading.sha256,
    }
    _show(facts, as_json, {"matched": _("matched"), "bullets": _("bullets"), **FAULTS})
    if check:
        if not reading.report.is_whole:
            click.echo(describe(reading.report), err=True)
        return 0 if reading.report.is_whole else 1
    if import_official(actor=console(), reading=reading, edition_id=edition_id) is None:
        click.echo(_("This text is stored already. Nothing was changed."), err=True)
    return 0


@guideline.command("diff", help=_("Show item by item what changed from edition BEFORE to edition AFTER.").msgid)
@click.argument("before")
@click.argument("after")
def diff(before: str, after: str) -> None:
    """Print each changed, new and removed item with both official texts."""
    for change in changed_items(before, after):
        click.echo(f"{change.requirement_id}\n- {change.before or '―'}\n+ {change.after or '―'}\n")


@guideline.command(
    "carry-over",
    help=_("Let approved claims about edition BEFORE count for edition AFTER, marked where it differs.").msgid,
)
@click.argument("before")
@click.argument("after")
def carry(before: str, after: str) -> None:
    """Carry claims over and print how many."""
    done = carry_over(actor=console(), before=before, after=after)
    _show({"same": done.same, "changed": done.changed, "without_item": done.without_item}, as_json=False)


def _show(facts: Mapping[str, object], as_json: bool, labels: Mapping[str, Text] | None = None) -> None:
    """Print facts: with their names for programs, with ``labels`` for people."""
    lines = [f"{(labels or {}).get(name, name)}: {value}" for name, value in facts.items()]
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines))
