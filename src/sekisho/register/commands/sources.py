"""Commands about the logs of other systems."""

from functools import partial
from pathlib import Path

import click

from sekisho.kernel.actor import console
from sekisho.kernel.text import _
from sekisho.register.actions import LogSourceAction
from sekisho.register.models import ImportState
from sekisho.register.queries.sources import log_source_named
from sekisho.register.rules.sources.rows import ADVICE, RowFault
from sekisho.register.services.log_imports import drop_import, import_decided, request_import
from sekisho.register.services.log_looks import examine_log

_PIECE = 1024 * 1024
_WRONG = 1


@click.command("import-csv", help=_("Import the log of another system from a CSV file, whole or not at all.").msgid)
@click.argument("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--look", is_flag=True, help=_("Only say what the file comes to; import nothing.").msgid)
def import_csv(source: str, file: Path, look: bool) -> int:  # click hands it over by name
    """Import FILE as a log of SOURCE, its name or id; 1 when rows are wrong, and then nothing was imported."""
    actor = console()
    actor.require(LogSourceAction.EXAMINE)
    found = log_source_named(source)
    with file.open("rb") as opened:
        pieces = iter(partial(opened.read, _PIECE), b"")
        row = examine_log(actor=actor, source_id=found.pk, name=file.name, pieces=pieces)
    click.echo(_("Rows: %(rows)s, new: %(fresh)s, already there: %(known)s, wrong: %(wrong)s", **_counts(row)))
    for line, column, fault, seen in row.faults:
        why, remedy = ADVICE[RowFault(fault)]
        click.echo(_("Line %(line)s, %(column)s: %(why)s", line=line, column=column or "―", why=f"{why} “{seen}”"))
        click.echo(f"  → {remedy}")
    if look or row.wrong:
        drop_import(actor=actor, source_id=found.pk, import_id=row.pk)
        return _WRONG if row.wrong else 0
    request_import(actor=actor, source_id=found.pk, import_id=row.pk)
    row = import_decided(actor=actor, import_id=row.pk)
    if row.state == ImportState.FAILED:
        click.echo(row.reason, err=True)
        return _WRONG
    click.echo(_("%(fresh)s rows were imported.", fresh=row.fresh))
    return 0


def _counts(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("rows", "fresh", "known", "wrong")}
