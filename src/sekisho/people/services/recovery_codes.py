"""Recovery codes: ten, each good once, for the day the telephone or the key is lost."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.people.actions import PeopleAction, SignInAction
from sekisho.people.errors.sign_in import CodeRefused, SignInRefused
from sekisho.people.models import RecoveryCode, User
from sekisho.people.queries import account, may_sign_in
from sekisho.people.queries.sign_in import codes_left
from sekisho.people.rules.passkeys import CODE_LENGTH, CODE_LETTERS, CODES_AT_A_TIME, read, written
from sekisho.people.rules.softlocks import CODE_SOFTLOCK, NETWORK_SOFTLOCK
from sekisho.people.services.passkeys import require_proof
from sekisho.people.services.sign_in import account_ref, record_failure
from sekisho.people.services.softlocks import charge_attempt, clear, code_key, network_key, refund
from sekisho.register.services import append


@transaction.atomic
def renew_codes(*, actor: Actor, proved_at: datetime | None) -> list[str]:
    """Make one's own codes anew and return them, to be shown once; older ones die. Raises ProofNeeded."""
    actor.require(SignInAction.RENEW_CODES)
    require_proof(proved_at)
    user = User.objects.select_for_update().get(pk=actor.id)
    user.recovery_codes.all().delete()
    codes = ["".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES_AT_A_TIME)]
    moment = clock.now()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(user, code), created_at=moment) for code in codes
    )
    append(actor=actor, action=SignInAction.RENEW_CODES, subject=account_ref(user), details={"codes": len(codes)})
    return [written(code) for code in codes]


def verify_recovery_code(*, actor: Actor, user_id: str, code: str) -> User:
    """Check a recovery code in place of the second factor. Raises CodeRefused, SignInRefused, HeldBack."""
    actor.require(PeopleAction.SIGN_IN)
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=code_key(user_id), policy=CODE_SOFTLOCK)
    user = account(user_id)
    if user is None or not may_sign_in(user):
        record_failure(actor=actor, user=user, factor="account")
        raise SignInRefused
    if not use_recovery_code(actor, user, code):
        record_failure(actor=actor, user=user, factor="recovery_code")
        raise CodeRefused
    clear(code_key(user_id))
    refund(network_key(actor.network), 2)
    return user


@transaction.atomic
def use_recovery_code(actor: Actor, user: User, code: str) -> bool:
    """Tell whether ``code`` is one of the account's unused codes, and use it up if it is; that is an event."""
    found = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, read(code)), used_at=None)
    if not found.update(used_at=clock.now()):
        return False
    append(actor=actor, action=SignInAction.USE_CODE, subject=account_ref(user), details={"left": codes_left(user.pk)})
    return True


def _hash(user: User, code: str) -> str:
    """Return what is stored of a code: 58 random bits, keyed, so that the database alone cannot be searched for it."""
    return hmac.new(settings.SEAL_KEY, f"recovery:{user.pk}:{code}".encode(), hashlib.sha256).hexdigest()
