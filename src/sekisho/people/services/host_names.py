"""Changing the host name, which passkeys belong to: prepared, found at a start, finished or dropped. No key is lost."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import HostNameAction
from sekisho.people.errors.host_names import ChangeNotDone, ChangeOpen, DayPast, HostNotFit
from sekisho.people.models import HostChange
from sekisho.people.queries import today
from sekisho.people.queries.host_names import concerned, host_at_last_start, open_change
from sekisho.people.queries.sign_in import place
from sekisho.people.rules.host_names import Standing, count, may_be_named
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class HostNews:
    """What a start found: the name is another one, with so many people concerned and so many of them locked out."""

    former: str
    host: str
    was_prepared: bool
    concerned: int
    locked_out: int


def _ref(change: HostChange) -> SubjectRef:
    return SubjectRef("host_name", str(change.pk), change.host)


@transaction.atomic
def note_host(*, actor: Actor, host: str) -> HostNews | None:
    """Remember the name this start has; return what is to be said when it is another one than at the last start.

    Nothing is refused: who set a wrong name sets the right one again, and every key counts as before.
    """
    actor.require(HostNameAction.CHANGE)
    former = host_at_last_start()
    if former == host:
        return None
    if former is None:
        HostChange.objects.create(host=host, changed_at=clock.now())
        return None
    change = _begun(former, host)
    standing = count(ways for _user, ways in concerned(former, host))
    news = HostNews(former, host, change.prepared_at is not None, sum(standing.values()), standing[Standing.LOCKED_OUT])
    details: dict[str, Json] = {"former": former, "prepared": news.was_prepared, **_counts(standing)}
    append(actor=actor, action=HostNameAction.CHANGE, subject=_ref(change), details=details)
    return news


def _begun(former: str, host: str) -> HostChange:
    """Return the change that begins now; an open one that was meant otherwise has come to nothing."""
    change, moment = open_change(), clock.now()
    if change is not None and (change.host != host or change.changed_at is not None):
        _close(change)
        change = None
    if change is None:
        return HostChange.objects.create(former=former, host=host, changed_at=moment)
    change.changed_at = moment
    change.save(update_fields=["changed_at"])
    return change


def _close(change: HostChange) -> None:
    change.dropped_at = clock.now()
    change.save(update_fields=["dropped_at"])


def _counts(standing: dict[Standing, int]) -> dict[str, Json]:
    return {str(name): number for name, number in standing.items()}


@transaction.atomic
def prepare_change(*, actor: Actor, host: str, due_on: date) -> HostChange:
    """Announce that the host name is to be ``host`` from ``due_on`` on.

    Raises Forbidden, HostNotFit, DayPast, ChangeOpen.
    """
    actor.require(HostNameAction.PREPARE)
    if not may_be_named(host) or host == place().host:
        raise HostNotFit(field="host")
    if due_on < today():
        raise DayPast(field="due_on")
    if open_change() is not None:
        raise ChangeOpen
    change = HostChange.objects.create(
        former=place().host, host=host, due_on=due_on, prepared_at=clock.now(), prepared_by=actor.name
    )
    standing = count(ways for _user, ways in concerned(change.former, host))
    details: dict[str, Json] = {"former": change.former, "due_on": due_on.isoformat(), **_counts(standing)}
    append(actor=actor, action=HostNameAction.PREPARE, subject=_ref(change), details=details)
    return change


@transaction.atomic
def drop_change(*, actor: Actor) -> HostChange:
    """Take back a change that has not happened yet. Raises Forbidden, NotFound."""
    actor.require(HostNameAction.DROP)
    change = _locked()
    if change.changed_at is not None:
        raise NotFound
    _close(change)
    append(actor=actor, action=HostNameAction.DROP, subject=_ref(change))
    return change


@transaction.atomic
def finish_change(*, actor: Actor) -> HostChange:
    """Close a change that has happened, with the record of who has moved. Raises Forbidden, NotFound, ChangeNotDone."""
    actor.require(HostNameAction.FINISH)
    change = _locked()
    if change.changed_at is None:
        raise ChangeNotDone
    standing = count(ways for _user, ways in concerned(change.former, change.host))
    change.finished_at, change.finished_by = clock.now(), actor.name
    change.moved, change.concerned = standing[Standing.MOVED], sum(standing.values())
    change.save(update_fields=["finished_at", "finished_by", "moved", "concerned"])
    details: dict[str, Json] = {"former": change.former, **_counts(standing)}
    append(actor=actor, action=HostNameAction.FINISH, subject=_ref(change), details=details)
    return change


def _locked() -> HostChange:
    change = open_change()
    if change is None:
        raise NotFound
    return HostChange.objects.select_for_update().get(pk=change.pk)
