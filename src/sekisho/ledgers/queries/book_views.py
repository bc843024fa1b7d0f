"""The views of a ledger that were kept under a name."""

from uuid import UUID

from django.db.models import Q

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.models import BookView


def may_share(actor: Actor, ledger: Ledger) -> bool:
    """Tell whether the actor decides what everybody finds above the list: whoever holds the ledger's owner role."""
    return ledger.owner_role in actor.roles


def views_for(actor: Actor, ledger: Ledger) -> list[BookView]:
    """Return the views that the actor finds above the list: what is shared, then their own, by name."""
    rows = BookView.objects.filter(Q(account=actor.id) | Q(shared=True), ledger=ledger.id)
    return list(rows.order_by("-shared", "name", "id"))


def may_drop(actor: Actor, ledger: Ledger, view: BookView) -> bool:
    """Tell whether the actor may remove a view: their own, or a shared one as the ledger's owner."""
    return view.account == actor.id or (view.shared and may_share(actor, ledger))


def get_view(actor: Actor, ledger: Ledger, view_id: UUID) -> BookView:
    """Return a view that the actor may remove. Raises NotFound, also for what is somebody else's."""
    view = BookView.objects.filter(pk=view_id, ledger=ledger.id).first()
    if view is None or not may_drop(actor, ledger, view):
        raise NotFound
    return view
