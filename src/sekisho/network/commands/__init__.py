"""Looking at one address from the command line: no server, no database, nothing stored."""

import click

from sekisho.kernel.text import _
from sekisho.network.commands.clock import clock
from sekisho.network.commands.configuration import configuration
from sekisho.network.commands.reach import reach
from sekisho.network.commands.tls import mtls, tls


@click.group("check", help=_("Look at one address; nothing else is contacted and nothing is stored.").msgid)
def check() -> None:
    """Hold the commands that look together."""


for _command in (tls, mtls, clock, reach, configuration):
    check.add_command(_command)
commands: tuple[click.Command, ...] = (check,)
