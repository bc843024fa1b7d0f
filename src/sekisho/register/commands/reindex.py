"""Making the search index of the register anew."""

import click

from sekisho.kernel.actor import console
from sekisho.kernel.text import _
from sekisho.register.services.indexing import rebuild_index


@click.command("reindex", help=_("Make the search index of the register anew from the log.").msgid)
def reindex() -> int:
    """Make the index anew and say how far it is."""
    told = 0

    def tell(count: int, size: int) -> None:
        nonlocal told
        share = count * 20 // size
        if share > told:
            told = share
            click.echo(str(_("%(count)s of %(size)s events", count=count, size=size)), err=True)

    count = rebuild_index(actor=console(), told=tell)
    click.echo(str(_("The search index is made: %(count)s events.", count=count)))
    return 0
