"""Commands about the review of the register."""

import json

import click

from sekisho.kernel.actor import console
from sekisho.kernel.text import _
from sekisho.register.services.review import rebuild_rows, review_due


@click.group("review", help=_("The review of the register by rules.").msgid)
def review() -> None:
    """Commands about the review."""


@review.command("run", help=_("Run the rules over the days that are due, and over today so far.").msgid)
def run() -> int:
    """Run the rules; 1 when they could not judge."""
    runs = review_due(actor=console())
    for one in runs:
        said = one.fault_text or _("%(rows)s events, %(raised)s new items", rows=one.rows, raised=one.items.count())
        click.echo(f"{one.first_day} – {one.last_day}: {said}")
        for rule in json.loads(one.results)["rules"]:
            missing = " ".join(rule["missing"])
            click.echo(f"  {rule['rule']}: {rule['state']} {rule['count']} {missing}".rstrip())
    return int(any(one.fault for one in runs))


@review.command("rebuild", help=_("Throw the rows of the review away and build them anew from the log.").msgid)
def rebuild() -> int:
    """Build the rows anew."""
    click.echo(str(_("The rows cover %(size)s entries of the log.", size=rebuild_rows(actor=console()))))
    return 0
