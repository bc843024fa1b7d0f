"""What the pages of every ledger share: its addresses, the words around it, the rights of who looks."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.books import action_of, number_of, shown_value, slug_of
from sekisho.ui.request import Request


def route_of(ledger: Ledger, name: str) -> str:
    """Return the URL name of one page of a ledger: ``assets:devices-change``."""
    room, slug = ledger.id.split(".")
    return f"{room}:{slug}" if name == "list" else f"{room}:{slug}-{name}"


def may(actor: Actor, ledger: Ledger, verb: Verb) -> bool:
    """Tell whether the actor may do ``verb`` with a ledger."""
    return actor.may(action_of(ledger, verb))


def page_context(request: Request, ledger: Ledger, **more: Any) -> dict[str, Any]:
    """Return what the templates of a ledger need, with ``more`` on top."""
    list_url = reverse(route_of(ledger, "list"))
    entry: BookEntry | None = more.get("entry")
    return {
        "ledger": ledger,
        "slug": slug_of(ledger),
        "page_title": ledger.title,
        "list_url": list_url,
        "cancel_url": f"{list_url}{entry.pk}/" if entry else list_url,
        "number": number_of(ledger, entry.number) if entry else "",
        "may": {verb.value: may(request.actor, ledger, verb) for verb in Verb},
        **more,
    }


def facts_of(ledger: Ledger, entry: Any) -> list[tuple[Any, Any]]:
    """Return the heading and the value of every column."""
    return [(column.title, shown_value(entry, column.field)) for column in ledger.columns]


def kept_facts(ledger: Ledger, entry: BookEntry) -> list[tuple[Any, Any]]:
    """Return what the ledger itself writes of an entry: number, when entered, changed and confirmed, and by whom."""
    return [
        (_("Control number"), number_of(ledger, entry.number)),
        (_("Entered on"), entry.created_at),
        (_("Changed on"), entry.updated_at),
        (_("Changed by"), entry.updated_by),
        (_("Confirmed on"), entry.confirmed_at),
        (_("Confirmed by"), entry.confirmed_by),
    ]
