"""The commands that work without Django: they have to answer when everything else is broken."""

import importlib
import json
import platform

import click

from sekisho import __version__
from sekisho.config.backup.commands import backup
from sekisho.config.updating import update
from sekisho.config.witness import witness
from sekisho.kernel.text import _
from sekisho.network.commands import commands as looking

PROCESSES = ("prepare", "sequencer", "worker", "web", "caddy", "syslog")


@click.command("up", help=_("Start Sekisho and keep it running until Ctrl-C or SIGTERM.").msgid)
def up() -> int:
    """Run the supervisor."""
    code: int = importlib.import_module("sekisho.config.processes.supervisor").up()
    return code


@click.command("doctor", help=_("Look at this installation: what is there, what is wrong, what to do.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def doctor(as_json: bool) -> int:
    """Run every check and print what was found."""
    code: int = importlib.import_module("sekisho.config.doctor").doctor(as_json=as_json)
    return code


@click.command("version", help=_("Show the version.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def version(as_json: bool) -> None:
    """Print the versions of this software, of Python and of the operating system."""
    facts = {"sekisho": __version__, "python": platform.python_version(), "platform": platform.platform()}
    click.echo(json.dumps(facts) if as_json else "\n".join(f"{name} {value}" for name, value in facts.items()))


@click.command("process", hidden=True, help=_("Be one process of a running instance (called by “up” only).").msgid)
@click.argument("name", type=click.Choice(PROCESSES))
@click.option("--parent", type=int, required=True, help=_("The process id of the supervisor.").msgid)
def process(name: str, parent: int) -> None:
    """Run one process."""
    importlib.import_module("sekisho.config.processes.entry").run_process(name, parent)


commands: tuple[click.Command, ...] = (up, update, doctor, version, process, backup, witness, *looking)
