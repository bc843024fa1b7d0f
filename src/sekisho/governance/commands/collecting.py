"""Commands about evidence that was made elsewhere: looked at from other machines, or found by other tools."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from sekisho.governance.rules.results.detection import FORMATS
from sekisho.governance.rules.results.shape import LARGEST, ResultsFile
from sekisho.governance.services.elsewhere import request_checks_of
from sekisho.governance.services.results import Imported, import_results
from sekisho.kernel.actor import console
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.text import _
from sekisho.network.commands.answers import require_new, write_new
from sekisho.network.rules.bundle import LARGEST_BUNDLE, LONGEST
from sekisho.network.services.bundles import BundleFile, Carried, import_bundles
from sekisho.network.services.tickets import issue_ticket
from sekisho.register.rules import timestamp

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
_DRY = click.option("--dry-run", is_flag=True, help=_("Only say what would be taken over; store nothing.").msgid)


@click.command("ticket", help=_("Issue a ticket for looking from a machine that cannot reach this one.").msgid)
@click.option(
    "--from",
    "vantage",
    type=click.Choice(["open", "secure", "internal"]),
    required=True,
    help=_("From where it will look: an open network, a secure network, or inside.").msgid,
)
@click.option("--days", type=click.IntRange(1, LONGEST.days), default=7, help=_("For how many days.").msgid)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=_("The new file; else it is printed.").msgid
)
def ticket(vantage: str, days: int, out: Path | None) -> None:
    """Issue a ticket. Whoever has the file can speak for its addresses until it runs out."""
    if out is not None:
        require_new(out)
    issued = issue_ticket(actor=console(), vantage=vantage, days=days)
    if out is None:
        click.echo(issued.to_bytes())
        return
    write_new(out, issued.to_bytes())
    until = f"{issued.valid_until.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}"
    said = _("%(file)s: %(number)s addresses, valid until %(until)s. Keep it as you would keep a key.")
    click.echo(said.with_params(file=out.name, number=len(issued.addresses), until=until))


@click.command("import", help=_("Take over bundles that “sekisho check … --out” wrote: all of them or none.").msgid)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@_DRY
@_JSON
def import_files(files: Sequence[Path], dry_run: bool, as_json: bool) -> None:
    """Take bundles over, and ask for the checks that judge what they hold."""
    given = [BundleFile(path.name, _read(path, LARGEST_BUNDLE)) for path in files]
    carried = import_bundles(actor=console(), files=given, dry_run=dry_run)
    if not dry_run:
        request_checks_of(actor=console(), probes={one.bundle.probe for one in carried})
    rows = [_bundle_row(one) for one in carried]
    if as_json:
        click.echo(json.dumps({"stored": not dry_run, "bundles": rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['file']}: {row['probe']} {row['address']}  {row['observed_at']}  {row['seen_from']}")
    click.echo(_("Nothing was stored.") if dry_run else _("Taken over. The checks that judge it were asked for."))


def _read(path: Path, most: int) -> bytes:
    """Return a file's bytes, one more than may be where it is too large."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _bundle_row(one: Carried) -> dict[str, str]:
    return {
        "file": one.name,
        "probe": one.bundle.probe,
        "address": one.bundle.address,
        "observed_at": timestamp(one.bundle.observed_at),
        "seen_from": one.seen_from,
        "version": one.bundle.version,
        "sha256": one.sha256,
    }


@click.command(
    "import-results", help=_("Take over what Lynis, OpenSCAP, Prowler, testssl.sh or gitleaks found in a system.").msgid
)
@click.argument("file", type=_FILE)
@click.option("--system", required=True, help=_("The system that it is about: its name or id.").msgid)
@click.option("--format", "wanted", type=click.Choice(FORMATS), help=_("The format, if it is not recognised.").msgid)
@click.option("--ran-at", "ran_at", help=_("When the tool ran, where the file does not say it (ISO 8601).").msgid)
@click.option("--scanned", default="", help=_("What a tool that looks for secrets looked through.").msgid)
@_DRY
@_JSON
def import_tool(
    file: Path, system: str, wanted: str | None, ran_at: str | None, scanned: str, dry_run: bool, as_json: bool
) -> None:
    """Take the results of one file over."""
    given = ResultsFile(file.name, _read(file, LARGEST))
    moment = given.moment("--ran-at", ran_at) if ran_at else None
    found = import_results(
        actor=console(), file=given, system=system, wanted=wanted, ran_at=moment, scanned=scanned, dry_run=dry_run
    )
    click.echo(json.dumps(_results_row(found), ensure_ascii=False) if as_json else "\n".join(_results_lines(found)))


def _results_row(found: Imported) -> dict[str, object]:
    results = found.results
    return {
        **results.facts(),
        "system": {"id": found.system.id, "label": found.system.label},
        "ran_at": timestamp(found.ran_at),
        "outcome": None if results.is_empty else results.outcome.value,
        "empty": results.is_empty,
        "sha256": found.sha256,
        "run": str(found.run.pk) if found.run else None,
    }


def _results_lines(found: Imported) -> list[str]:
    results, ran_at = found.results, f"{found.ran_at.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}"
    counts = ", ".join(f"{name} {number}" for name, number in results.counts().items())
    lines = [f"{results.tool} {results.version} {results.host} → {found.system.label}  {ran_at}", counts]
    if results.unknown_words():
        words = ", ".join(results.unknown_words())
        lines.append(str(_("Words that are not known count as “cannot tell”: %(words)s", words=words)))
    if results.is_empty:
        lines.append(str(_("By none of its rules was anything looked at: this proves nothing.")))
    lines.append(str(_("Nothing was stored.") if found.run is None else _("Stored as run %(id)s.", id=found.run.pk)))
    return lines


commands: tuple[click.Command, ...] = (ticket, import_files, import_tool)
