"""The command that gives the log a new key."""

import click

from sekisho.kernel.actor import console
from sekisho.kernel.text import _
from sekisho.register.services.rotation import rotate_key


@click.command("rotate-key", help=_("Give the log a new key. Stop the platform before.").msgid)
def rotate() -> None:
    """Print the keys before and after, as tools that check logs take them."""
    rotated = rotate_key(actor=console())
    click.echo(_("Key for checking until now: %(key)s", key=rotated.old))
    click.echo(_("Key for checking from now on: %(key)s", key=rotated.new))
    click.echo(_("Give the new key to your witnesses and auditors. Whoever has the old one can follow to the new one."))
