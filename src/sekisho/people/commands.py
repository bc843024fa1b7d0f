"""Commands about people for whoever works on the server itself."""

import click
from django.conf import settings
from django.urls import reverse

from sekisho.kernel.actor import console
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _
from sekisho.people.services import links


class NotNeeded(SekishoError):
    """There is an administrator already; recovery is the way in."""

    code = "people.first_link_not_needed"
    message = _("Somebody has an account already.")
    hint = _("If nobody can sign in, run “sekisho people recover LOGIN”.")
    exit_code = 65


@click.group("people", help=_("People and their ways in.").msgid)
def people() -> None:
    """Hold the commands about people together."""


@people.command("recover", help=_("Print a one-time link that gives LOGIN a new password and second factor.").msgid)
@click.argument("login")
def recover(login: str) -> None:
    """Print a recovery link; that it was made is written into the register."""
    user, token = links.offer_recovery(actor=console(), login=login)
    click.echo(str(_("Recovery link for %(name)s (%(login)s):", name=user.staff.name, login=user.login)))
    _show(token)
    click.echo(str(_("It works once and for one hour. Making it was recorded.")))


@people.command("first-link", help=_("Print a new link for the first administrator.").msgid)
def first_link() -> None:
    """Print the first administrator's link again; the one before stops working."""
    token = links.offer_first_link(actor=console())
    if token is None:
        raise NotNeeded
    _show(token)


def _show(token: str) -> None:
    click.echo(f"  {settings.ORIGIN}{reverse('people:open-link', args=[token])}")


commands: tuple[click.Command, ...] = (people,)
