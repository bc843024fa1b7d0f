"""Commands about heads of the log: taking one away, and holding one that was kept against the log."""

import json
import sys
from pathlib import Path

import click

from sekisho.kernel.actor import console
from sekisho.kernel.text import Text, _
from sekisho.register.errors import HeadForeign
from sekisho.register.log.heads import Standing
from sekisho.register.services.heads import compare_head, export_head
from sekisho.trust.notes import LARGEST_NOTE

STANDARD = Path("-")
WORDS: dict[Standing, Text] = {
    Standing.CONSISTENT: _("The log begins with exactly what this head speaks of: nothing before it was changed."),
    Standing.AHEAD: _("The log went back: this head has seen more entries than the log has."),
    Standing.DIFFERS: _("The log was written anew: what this head speaks of is not in it."),
}


@click.command("export-head", help=_("Write the head of the log to a file, to be kept on another computer.").msgid)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path) -> None:
    """Write the signed checkpoint; “-” is the terminal."""
    note = export_head(actor=console(), to=str(file))
    if file == STANDARD:
        click.echo(note.decode(), nl=False)
        return
    file.write_bytes(note)
    click.echo(_("The head of the log was written to %(path)s.", path=file))


@click.command("compare-head", help=_("Hold a head that was kept elsewhere against the log.").msgid)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def compare(file: Path, as_json: bool) -> int:
    """Say how the head and the log stand to each other; 1 when the log went back or was written anew."""
    held, standing = compare_head(actor=console(), note=_read(file))
    if as_json:
        click.echo(json.dumps({"size": held.size, "root": held.root.hex(), "standing": str(standing)}))
    else:
        click.echo(WORDS[standing])
        click.echo(_("Entries of the head: %(count)s", count=held.size))
    return int(standing is not Standing.CONSISTENT)


def _read(file: Path) -> bytes:
    """Return a head as it was exported; scanners and editors change the ends of lines, which mean nothing here."""
    try:
        with sys.stdin.buffer if file == STANDARD else file.open("rb") as opened:
            return opened.read(LARGEST_NOTE).replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    except FileNotFoundError as error:
        raise HeadForeign from error
