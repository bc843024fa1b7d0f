"""Letting somebody set up their account anew after their identity was checked (14⑥(4)); at a suspected leak at once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.people.actions import AccountResetAction
from sekisho.people.errors.sign_in import AccountStopped
from sekisho.people.errors.staff import LastOperator, LastOperatorLeaks
from sekisho.people.models import AccountKind, AccountReset, LinkPurpose, OneTimeLink, Session, Telling, User
from sekisho.people.rules.identity_copies import cleaned_copy
from sekisho.people.services.emergency import refuse_emergency
from sekisho.people.services.identity_copies import KEEP_DAYS, keep_copy
from sekisho.people.services.links import LINK_LIFE
from sekisho.people.services.operators import keep_an_operator, lock_operators
from sekisho.people.services.proof import require_proof
from sekisho.people.services.sign_in import account_ref
from sekisho.people.services.temporary_factors import end_factors, somebody_else
from sekisho.register.services import append
from sekisho.trust.tokens import new_token, token_hash

# A print has to reach the person; a link on the screen is opened beside the operator.
LIFE = {Telling.LINK: LINK_LIFE[LinkPurpose.RECOVERY], Telling.PRINT: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class ResetGrounds:
    """How it was made sure who the person is, which paper was shown, why, and whether the old means may have leaked."""

    proof: str
    document: str
    reason: str
    leak_suspected: bool
    telling: str = Telling.LINK
    copy: bytes | None = field(default=None, repr=False)
    keep_days: int = KEEP_DAYS


@transaction.atomic
def reset_account(
    *, actor: Actor, proved_at: datetime | None, user_id: UUID, grounds: ResetGrounds
) -> tuple[User, str]:
    """Return the account with the token of a link that sets its password and second factor anew.

    At a suspected leak the account stops and its sessions end now, until the link is used. A copy of the document that
    was shown is kept sealed. Raises Forbidden, EmergencyActs, ProofNeeded, NotFound, OwnFactor, AccountStopped,
    LastOperatorLeaks, CopyRefused.
    """
    actor.require(AccountResetAction.RESET)
    refuse_emergency(actor.id)
    require_proof(proved_at)
    kept = cleaned_copy(grounds.copy) if grounds.copy else None
    if grounds.leak_suspected:
        lock_operators()  # before the account, as whoever disables one does
    user = somebody_else(actor.id, user_id)
    if user.kind == AccountKind.EMERGENCY:
        raise AccountStopped(name=user.staff.name)
    token, moment = new_token(), clock.now()
    user.staff.links.filter(used_at=None, revoked_at=None).update(revoked_at=moment)
    link = OneTimeLink.objects.create(
        purpose=LinkPurpose.RECOVERY,
        token_hash=token_hash(token),
        staff=user.staff,
        account=user,
        created_at=moment,
        created_by=actor.name,
        expires_at=moment + LIFE[Telling(grounds.telling)],
    )
    if grounds.leak_suspected:
        _refuse_last_operator(user)
        _stop(user)
    row = AccountReset.objects.create(
        user=user,
        link=link,
        proof=grounds.proof,
        document=grounds.document,
        reason=grounds.reason,
        leak_suspected=grounds.leak_suspected,
        telling=grounds.telling,
        done_at=moment,
        done_by=actor.name,
    )
    copy = keep_copy(row, kept, grounds.keep_days) if kept else None
    append(
        actor=actor,
        action=AccountResetAction.RESET,
        subject=account_ref(user),
        reason=grounds.reason,
        details={
            "number": row.number,
            "proof": grounds.proof,
            "document": grounds.document,
            "leak_suspected": grounds.leak_suspected,
            "telling": grounds.telling,
            "copy_until": copy.keep_until.isoformat() if copy else None,
        },
    )
    return user, token


def _refuse_last_operator(user: User) -> None:
    try:
        keep_an_operator(user.staff)
    except LastOperator as error:
        raise LastOperatorLeaks(name=user.staff.name) from error


def _stop(user: User) -> None:
    """Let nothing of the old means open anything: not the password, no key, no code, no session."""
    end_factors(user)
    user.is_active = False
    user.revision += 1
    user.save(update_fields=["is_active", "revision"])
    Session.objects.filter(user=user).delete()
