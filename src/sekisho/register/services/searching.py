"""Looking into the register. Who looked for what is an event; turning the pages of one search is not another one."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.register.index.find import NEWEST, Key
from sekisho.register.rules import SubjectRef
from sekisho.register.rules.searching import Search, digest
from sekisho.register.services.outbox import append

SAME_SEARCH = timedelta(minutes=15)
MOST_READ = 500  # on one page, so that reading and checking each of them in the log stays below a tenth of a second
_KIND = "register_search"
_MOST_RECORDED = 500  # of what somebody typed: an event must stay small, and the code stands for all of it


@transaction.atomic
def search_events(*, actor: Actor, search: Search, before: Key = NEWEST) -> queries.Found:
    """Return a page of events. The same search in the same session is recorded once in 15 minutes, whatever the page.

    So neither turning pages nor an address typed by hand goes unrecorded. Raises Forbidden, LogDamaged.
    """
    actor.require(RegisterAction.VIEW)
    found = queries.events(search, before)
    _record(actor, RegisterAction.VIEW, search)
    return found


@transaction.atomic
def read_patient(*, actor: Actor, search: Search, before: Key = NEWEST) -> Sequence[queries.StoredEvent]:
    """Return the newest events about the patient of ``search`` before a place, one more than 500 where there are more.

    The reading is an event about that patient. Raises Forbidden, LogDamaged.
    """
    actor.require(RegisterAction.READ_PATIENT)
    found = queries.all_events(search, MOST_READ + 1, before)
    _record(actor, RegisterAction.READ_PATIENT, search)
    return found


@transaction.atomic
def read_session(*, actor: Actor, session: str, before: Key = NEWEST) -> Sequence[queries.StoredEvent]:
    """Return the newest events of a session before a place, one more than 500 where there are more.

    Raises Forbidden, NotFound, LogDamaged.
    """
    actor.require(RegisterAction.READ_SESSION)
    search = Search(session=session)
    found = queries.all_events(search, MOST_READ + 1, before)
    if not found:
        raise NotFound
    _record(actor, RegisterAction.READ_SESSION, search)
    return found


def _record(actor: Actor, action: RegisterAction, search: Search) -> None:
    conditions = search.conditions()
    code = digest({**conditions, "of": str(action), "by": actor.id}, actor.session)
    if queries.was_recorded(_KIND, code, clock.now() - SAME_SEARCH):
        return
    append(
        actor=actor,
        action=action,
        subject=SubjectRef(_KIND, code, ""),
        details={
            name: value[:_MOST_RECORDED] if isinstance(value, str) else value for name, value in conditions.items()
        },
        patient=search.patient[:64] or None,
    )


def _short(value: Json) -> Json:
    return value[:_MOST_RECORDED] if isinstance(value, str) else value
