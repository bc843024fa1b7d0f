"""How the tests of these pages read them."""

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, override

from sekisho import __version__
from sekisho.kernel.actor import Actor
from sekisho.ledgers.models import Application
from tests.ledgers.working import acting

HOSTILE = '<script>alert("x")</script>&"\''


def words(msgid: str, **params: Any) -> str:
    """Return a text as the pages of these tests show it, escaped."""
    with override("ja"):
        return escape(gettext(msgid) % params if params else gettext(msgid))


def get(client: Client, address: str) -> str:
    """Return a page that opens."""
    answer = client.get(address)
    page: str = answer.content.decode()
    assert answer.status_code == 200
    assert f" {__version__}</p>" in page, "nothing of ours stands in the way of what the shell shows"
    return page


def main(page: str) -> str:
    """Return the page without its header and menu."""
    return page[page.index("<main") : page.index("</main>")]


def page_of(application: Application) -> str:
    """Return the address of an application."""
    return reverse("ledgers:application", args=[application.pk])


def me(client: Client) -> Actor:
    """Return who is signed in."""
    return acting(client.user)  # type: ignore[attr-defined]
