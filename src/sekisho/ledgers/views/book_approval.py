"""What the page of an entry says of its approval, in a ledger whose entries are approved."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application, BookEntry
from sekisho.ledgers.queries.entry_approval import applications_of
from sekisho.ledgers.queries.inbox import visible_to
from sekisho.ledgers.rules import State
from sekisho.ledgers.services.entry_approval import workflow_of_ledger
from sekisho.ui.parts import Badge, Kind, Link
from sekisho.ui.request import Request


def approval_of(request: Request, ledger: Ledger, entry: BookEntry) -> dict[str, Any] | None:
    """Return how the approval of an entry stands and whether the reader can apply for it; None without a workflow."""
    workflow = workflow_of_ledger(ledger)
    if workflow is None:
        return None
    newest = next(iter(applications_of(ledger, entry)), None)
    waits = newest is not None and newest.state == State.SUBMITTED
    applies = request.actor.may(LedgersAction.SUBMIT) and not request.actor.roles.isdisjoint(workflow.submitters)
    return {
        "badge": _badge(entry, newest),
        "application": _link(request, newest) if newest else None,
        "may_apply": applies and not (entry.is_approved or entry.ended_at or waits),
    }


def _link(request: Request, application: Application) -> Link | None:
    """Return the way to the application for a reader who may see it."""
    seen = visible_to(request.actor).filter(pk=application.pk).exists()
    return Link(_("Application"), reverse("ledgers:application", args=[application.pk])) if seen else None


def approval_badge(entry: BookEntry) -> Badge:
    """Return, for the list, whether an entry is approved as it stands."""
    return Badge(Kind.OK, _("Approved")) if entry.is_approved else Badge(Kind.WARN, _("Not approved"))


def _badge(entry: BookEntry, newest: Application | None) -> Badge:
    if entry.is_approved:
        return Badge(Kind.OK, _("Approved by %(name)s") % {"name": entry.approved_by})
    if newest is not None and newest.state in {State.SUBMITTED, State.SENT_BACK}:
        return Badge(Kind.INFO, State(newest.state).label)
    return approval_badge(entry)
