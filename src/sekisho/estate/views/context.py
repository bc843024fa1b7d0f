"""What the pages of every ledger share: the words around them, and how a value is shown."""

from typing import Any

from django.urls import reverse

from sekisho.estate.actions import EstateAction
from sekisho.kernel.declarations import Ledger
from sekisho.ui.request import Request


def page_context(request: Request, ledger: Ledger, **more: Any) -> dict[str, Any]:
    """Return what the templates of a ledger need, with ``more`` on top."""
    list_url = reverse(f"estate:{slug_of(ledger)}")
    entry = more.get("entry")
    return {
        "ledger": ledger,
        "slug": slug_of(ledger),
        "page_title": ledger.title,
        "list_url": list_url,
        "cancel_url": f"{list_url}{entry.pk}/" if entry else list_url,
        "fixed": ledger.model.fixed,
        "may_add": request.actor.may(EstateAction.ADD),
        "may_change": request.actor.may(EstateAction.CHANGE),
        "may_close": request.actor.may(EstateAction.CLOSE) and not ledger.model.fixed,
        "may_reopen": request.actor.may(EstateAction.REOPEN) and not ledger.model.fixed,
        **more,
    }


def slug_of(ledger: Ledger) -> str:
    """Return the word for a ledger in addresses."""
    return ledger.id.removeprefix("estate.")


def shown_value(entry: Any, field: str) -> Any:
    """Return a value of an entry as people read it: of a choice, its label."""
    display = getattr(entry, f"get_{field}_display", None)
    return display() if display else getattr(entry, field)


def facts_of(ledger: Ledger, entry: Any) -> list[tuple[Any, Any]]:
    """Return the heading and the value of every column."""
    return [(column.title, shown_value(entry, column.field)) for column in ledger.columns]
