"""Commands about the register."""

import json

import click

from sekisho.kernel.actor import console
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.text import Text, _
from sekisho.register.actions import RegisterAction
from sekisho.register.commands import heads
from sekisho.register.commands.keys import rotate
from sekisho.register.commands.reindex import reindex
from sekisho.register.commands.review import review
from sekisho.register.commands.sources import import_csv
from sekisho.register.queries import LogState, log_state
from sekisho.register.rules import timestamp


@click.group("register", help=_("The register and its log.").msgid)
def register() -> None:
    """Commands about the register."""


@register.command("status", help=_("Show how the log stands: its size, its signed head, what waits.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def status(as_json: bool) -> int:
    """Print how the log stands; 1 when something keeps it from going on."""
    console().require(RegisterAction.STATUS)
    state = log_state()
    if as_json:
        click.echo(json.dumps(_document(state), ensure_ascii=False))
    else:
        click.echo("\n".join(f"{title}: {value}" for title, value in _rows(state)))
        if state.trouble and state.trouble.advice:
            click.echo(f"→ {state.trouble.advice}")
    return int(state.trouble is not None)


def _document(state: LogState) -> dict[str, Json]:
    head = state.head
    return {
        "fault": state.trouble.code if state.trouble else None,
        "origin": head.origin if head else None,
        "size": head.size if head else None,
        "root": head.root.hex() if head else None,
        "key": state.verifier,
        "published_at": timestamp(state.published_at) if state.published_at else None,
        "known_to_database": state.known,
        "indexed": state.indexed,
        "waiting": state.waiting,
        "oldest_waiting": timestamp(state.oldest) if state.oldest else None,
        "sources": {source.name: {"last": source.last, "parts": source.parts} for source in state.sources},
    }


def _rows(state: LogState) -> list[tuple[Text, object]]:
    rows: list[tuple[Text, object]] = [(_("State"), state.trouble.text if state.trouble else _("fine"))]
    if state.head:
        rows += [
            (_("Log"), state.head.origin),
            (_("Entries in the log"), state.head.size),
            (_("Root"), state.head.root.hex()),
            (_("Key for checking"), state.verifier),
        ]
    if state.published_at:
        rows.append((_("Last checkpoint"), f"{state.published_at.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M:%S}"))
    rows.append((_("Entries in the search index"), "―" if state.indexed is None else state.indexed))
    rows.append((_("Waiting"), state.waiting))
    rows += [
        (_("Source %(name)s", name=source.name), _source_words(source.last, source.parts)) for source in state.sources
    ]
    return rows


def _source_words(last: int, parts: int) -> Text:
    return _("last number %(last)s, %(parts)s files to merge", last=last, parts=parts)


register.add_command(heads.export)
register.add_command(heads.compare)
register.add_command(rotate)
register.add_command(reindex)
register.add_command(import_csv)
register.add_command(review)
commands: tuple[click.Command, ...] = (register,)
