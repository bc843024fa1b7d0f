"""Handing in another system's password hashes: compared at once, kept only as sealed marks, and only for a time."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PasswordListAction
from sekisho.people.models import PasswordList
from sekisho.people.queries import password_lists as queries
from sekisho.people.queries import today
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.rules.password_lists import counts, coverage, read_list, same_in_both, sharing, verifiers
from sekisho.people.services.id_review import system_ref
from sekisho.register.services import append

DAYS = 30
MOST_DAYS = 90
MOST_NAMED = 200


@transaction.atomic
def take_list(*, actor: Actor, system_id: UUID, data: bytes, days: int = DAYS) -> PasswordList:
    """Compare the hashes in a file, and keep their marks in the place of an earlier list of this system.

    The file itself and the hashes are kept nowhere. Raises Forbidden, NotFound, ListUnreadable.
    """
    actor.require(PasswordListAction.TAKE)
    system = open_system(system_id)
    rows = read_list(data)
    marks = verifiers(rows, queries.mark)
    shared = sharing(rows)
    reused = _reused(system_id, marks)
    PasswordList.objects.filter(system_id=system_id).delete()
    row = PasswordList(
        system_id=system_id,
        taken_at=clock.now(),
        taken_by=actor.name,
        delete_on=today() + timedelta(days=min(max(days, 1), MOST_DAYS)),
        counts=counts(rows),
        found={
            "shared": shared[:MOST_NAMED],
            "reused": reused[:MOST_NAMED],
            **coverage(rows, queries.owners_of(system_id)),
        },
        sealed=queries.sealed_marks(system_id, marks),
    )
    row.save(force_insert=True)
    details: dict[str, Json] = {
        "accounts": len(rows),
        "kinds": dict(row.counts),
        "sharing": sum(map(len, shared)),
        "reused": len(reused),
        "delete_on": row.delete_on.isoformat(),
    }
    append(actor=actor, action=PasswordListAction.TAKE, subject=system_ref(system_id, system.label), details=details)
    return row


def _reused(system_id: UUID, marks: queries.Marks) -> list[list[str]]:
    """Return login, other system and login there of everybody who has one password in both."""
    owners = queries.owners_of(system_id)
    found = []
    for other in PasswordList.objects.exclude(system_id=system_id).select_related("system"):
        theirs = queries.owners_of(other.system_id)
        pairs = same_in_both(marks, queries.readable_marks(other), owners, theirs)
        found += [[login, other.system.name, elsewhere] for login, elsewhere in pairs]
    return found


@transaction.atomic
def delete_list(*, actor: Actor, system_id: UUID) -> None:
    """Delete the list of a system now. Raises Forbidden, NotFound."""
    actor.require(PasswordListAction.DELETE)
    row = PasswordList.objects.select_related("system").defer("sealed").filter(system_id=system_id).first()
    if row is None:
        raise NotFound
    _delete(actor, row)


@transaction.atomic
def delete_due_lists(*, actor: Actor) -> int:
    """Delete the lists whose time is over; return how many. Raises Forbidden."""
    actor.require(PasswordListAction.DELETE)
    rows = PasswordList.objects.select_related("system").defer("sealed").filter(delete_on__lt=today())
    return sum(_delete(actor, row) for row in rows)


def _delete(actor: Actor, row: PasswordList) -> bool:
    details: dict[str, Json] = {"taken_at": row.taken_at.isoformat(), "delete_on": row.delete_on.isoformat()}
    subject = system_ref(row.system_id, row.system.name)
    PasswordList.objects.filter(pk=row.pk).delete()
    append(actor=actor, action=PasswordListAction.DELETE, subject=subject, details=details)
    return True
