"""Copies of identity documents: sealed at rest, opened as an event, destroyed when their time is over."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import AccountResetAction
from sekisho.people.models import AccountReset, IdentityCopy
from sekisho.people.queries import today
from sekisho.people.queries.account_resets import copies_to_destroy, copy_of_reset
from sekisho.people.rules.identity_copies import CopyKind
from sekisho.people.services.sign_in import account_ref
from sekisho.register.services import append
from sekisho.trust.sealing import seal, unseal

KEEP_DAYS = 365
LONGEST_DAYS = 1095


def keep_copy(reset: AccountReset, copy: tuple[CopyKind, bytes], days: int) -> IdentityCopy:
    """Store a cleaned copy, sealed for its reset. Part of the service that makes the reset."""
    kind, data = copy
    row = IdentityCopy(
        reset=reset,
        kind=kind.value,
        size=len(data),
        sealed=seal(settings.SEAL_KEY, data, _context(reset.pk)),
        attached_at=clock.now(),
        attached_by=reset.done_by,
        keep_until=today() + timedelta(days=min(max(days, 1), LONGEST_DAYS)),
    )
    row.save(force_insert=True)
    return row


def _context(reset_id: UUID) -> str:
    return f"identity-copy:{reset_id}"


@transaction.atomic
def open_copy(*, actor: Actor, reset_id: UUID) -> tuple[IdentityCopy, bytes]:
    """Return a copy and its bytes; that it was opened is recorded. Raises Forbidden, NotFound, SealBroken."""
    actor.require(AccountResetAction.OPEN_COPY)
    row = copy_of_reset(reset_id)
    if row.sealed is None:
        raise NotFound
    data = unseal(settings.SEAL_KEY, bytes(row.sealed), _context(reset_id))
    _tell(actor, AccountResetAction.OPEN_COPY, row)
    return row, data


def destroy_copies(*, actor: Actor) -> int:
    """Destroy every copy whose time is over, each with its record; return how many. Raises Forbidden."""
    actor.require(AccountResetAction.DESTROY_COPY)
    return sum(_destroy(actor, row) for row in copies_to_destroy())


@transaction.atomic
def _destroy(actor: Actor, row: IdentityCopy) -> bool:
    gone = IdentityCopy.objects.filter(pk=row.pk, destroyed_at=None).update(sealed=None, destroyed_at=clock.now())
    if gone:
        _tell(actor, AccountResetAction.DESTROY_COPY, row)
    return bool(gone)


def _tell(actor: Actor, action: AccountResetAction, row: IdentityCopy) -> None:
    details: dict[str, Json] = {"number": row.reset.number, "kind": row.kind, "copy_until": row.keep_until.isoformat()}
    append(actor=actor, action=action, subject=account_ref(row.reset.user), details=details)
