"""Views of a ledger under a name: a person's own, or shared with everybody who may look at the ledger."""

from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.errors import ViewRefused
from sekisho.ledgers.models import BookView
from sekisho.ledgers.queries.book_views import get_view, may_share
from sekisho.ledgers.queries.books import action_of
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

MOST_VIEWS = 30
LONGEST_NAME = 60


@transaction.atomic
def keep_view(*, actor: Actor, ledger: Ledger, name: str, query: str, shared: bool) -> BookView:
    """Keep how somebody looks at a ledger; what they kept under that name before is replaced.

    Only who holds the ledger's owner role shares. Raises Forbidden, ViewRefused, InvisibleCharacters.
    """
    actor.require(LedgersAction.KEEP_VIEW)
    actor.require(action_of(ledger, Verb.VIEW))
    require_visible(name)
    own = BookView.objects.filter(ledger=ledger.id, account=actor.id)
    called = name.strip()
    others = own.exclude(name=called).count()
    if not says_something(called) or len(called) > LONGEST_NAME or others >= MOST_VIEWS:
        raise ViewRefused(field="name", longest=LONGEST_NAME, most=MOST_VIEWS)
    values = {
        "account_name": actor.name,
        "query": query,
        "shared": shared and may_share(actor, ledger),
        "kept_at": clock.now(),
    }
    view, _made = BookView.objects.update_or_create(ledger=ledger.id, account=actor.id, name=called, defaults=values)
    _record(actor, LedgersAction.KEEP_VIEW, ledger, view)
    return view


@transaction.atomic
def drop_view(*, actor: Actor, ledger: Ledger, view_id: UUID) -> str:
    """Remove one's own view, or as the ledger's owner a shared one, and return its name. Raises Forbidden, NotFound."""
    actor.require(LedgersAction.DROP_VIEW)
    actor.require(action_of(ledger, Verb.VIEW))
    view = get_view(actor, ledger, view_id)
    view.delete()
    _record(actor, LedgersAction.DROP_VIEW, ledger, view)
    return view.name


def _record(actor: Actor, action: LedgersAction, ledger: Ledger, view: BookView) -> None:
    details: dict[str, Json] = {"name": view.name, "query": view.query, "shared": view.shared}
    subject = SubjectRef("ledger", ledger.id, str(ledger.title))
    append(actor=actor, action=action, subject=subject, details=details)
