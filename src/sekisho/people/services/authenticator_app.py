"""The authenticator app of one's own account: set up after the first day, exchanged with a new telephone, removed."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.people.actions import SignInAction
from sekisho.people.errors.sign_in import CodeRefused, LastFactor
from sekisho.people.models import TotpSecret, User
from sekisho.people.queries.sign_in import known_keys
from sekisho.people.rules.softlocks import CODE_SOFTLOCK
from sekisho.people.services.passkeys import require_proof
from sekisho.people.services.sign_in import account_ref, totp_context
from sekisho.people.services.softlocks import charge_attempt, clear, code_key
from sekisho.register.services import append
from sekisho.trust.sealing import seal
from sekisho.trust.totp import matching_step


def set_app(*, actor: Actor, proved_at: datetime | None, seed: bytes, code: str) -> None:
    """Let one's own account take codes made from ``seed``, in place of an earlier one. Raises ProofNeeded, CodeRefused.

    ``code`` shows that the seed was scanned; it is used up.
    """
    actor.require(SignInAction.SET_APP)
    require_proof(proved_at)
    charge_attempt(actor=actor, key=code_key(actor.id), policy=CODE_SOFTLOCK)
    step = matching_step(seed, code, clock.now())
    if step is None:
        raise CodeRefused(field="code")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.id)
        _row, first = TotpSecret.objects.update_or_create(
            user=user,
            defaults={
                "sealed_seed": seal(settings.SEAL_KEY, seed, totp_context(user.pk)),
                "last_step": step,
                "confirmed_at": clock.now(),
            },
        )
        clear(code_key(user.pk))
        append(actor=actor, action=SignInAction.SET_APP, subject=account_ref(user), details={"first": first})


@transaction.atomic
def remove_app(*, actor: Actor, proved_at: datetime | None) -> None:
    """Let one's own account take no codes any more, if a key is left. Raises ProofNeeded, LastFactor."""
    actor.require(SignInAction.REMOVE_APP)
    require_proof(proved_at)
    # Removed at the same moment as the last key, one of the two must wait and see the other.
    user = User.objects.select_for_update().get(pk=actor.id)
    if not known_keys(user.pk):
        raise LastFactor
    TotpSecret.objects.filter(user=user).delete()
    append(actor=actor, action=SignInAction.REMOVE_APP, subject=account_ref(user))
