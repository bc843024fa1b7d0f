"""Passkeys and security keys: signing in with one, adding, renaming, removing, and holding one that may be a copy."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction, SignInAction
from sekisho.people.errors.sign_in import (
    KeyUnfit,
    LastFactor,
    ModelReported,
    NotAttested,
    NotDeviceBound,
    OtherModel,
    PasskeyHeld,
    PasskeyKnown,
    SignInRefused,
)
from sekisho.people.models import Passkey, UsedChallenge, User
from sekisho.people.queries import account, may_sign_in
from sekisho.people.queries.authenticators import entry_of, facts_of, key_policy, listed_model
from sekisho.people.queries.sign_in import has_totp, known_key, known_keys, place, place_of
from sekisho.people.rules.authenticators import PASSKEY, KeyFacts, KeyFault, KeyPolicy, assurance_of, fault_of
from sekisho.people.rules.passkeys import may_be_a_copy
from sekisho.people.rules.softlocks import NETWORK_SOFTLOCK
from sekisho.people.services.proof import require_proof as require_proof  # noqa: PLC0414  # imported from here too
from sekisho.people.services.sign_in import account_ref, record_failure
from sekisho.people.services.softlocks import charge_attempt, network_key, refund
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append
from sekisho.trust.tokens import token_hash
from sekisho.trust.webauthn import (
    Answer,
    MadeKey,
    PasskeyRefused,
    ask_for_known,
    ask_for_new,
    asked_credential,
    check_known,
    check_new,
    text_of,
)

Json = dict[str, Any]
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a browser answered, with the state that the server kept when it asked."""

    state: Json
    response: object


def new_key_options(account_id: UUID, login: str, name: str) -> tuple[Json, Json]:
    """Return what a browser is asked for making a key of an account (which need not exist yet), and the state."""
    return ask_for_new(place(), (account_id.bytes, login, name), known_keys(account_id))


def sign_in_options(user_id: UUID | str | None, host: str = "") -> tuple[Json, Json]:
    """Return what a browser is asked: of a known person one of their keys as second factor, of nobody any with a PIN.

    A key alone must verify its user (two factors in one act); beside a password its presence is enough. ``host`` is a
    former name of ours whose keys are asked for, empty for the present one.
    """
    known = known_keys(user_id, host) if user_id is not None else []
    options, state = ask_for_known(place_of(host) if host else place(), known, verify_user=user_id is None)
    return options, {**state, **({"host": host} if host else {})}


def proof_options(user_id: UUID | str, *, verify_user: bool) -> tuple[Json, Json]:
    """Return what the browser of a person who is signed in is asked for one of their keys."""
    return ask_for_known(place(), known_keys(user_id), verify_user=verify_user)


def sign_in_with_passkey(*, actor: Actor, spoken: Spoken) -> tuple[User, int]:
    """Check a key that verified its user, and return its account with the assurance that is reached.

    Raises SignInRefused, PasskeyRefused, HeldBack, KeyUnfit.
    """
    actor.require(PeopleAction.SIGN_IN)
    return _sign_in(actor, None, spoken)


def verify_second_passkey(*, actor: Actor, user_id: str, spoken: Spoken) -> tuple[User, int]:
    """Check a key as second factor of the account whose password was right. Raises as sign_in_with_passkey."""
    actor.require(PeopleAction.SIGN_IN)
    return _sign_in(actor, UUID(user_id), spoken)


def _sign_in(actor: Actor, user_id: UUID | None, spoken: Spoken) -> tuple[User, int]:
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    key, user_verified = use_key(actor, user_id, spoken, PeopleAction.SIGN_IN)
    user = account(str(key.user_id))
    if user is None or not may_sign_in(user):
        record_failure(actor=actor, user=user, factor="account")
        raise SignInRefused
    facts, policy = facts_of(key), key_policy(user.staff_id)
    # A report against a model bars it where hardware is asked for; elsewhere the person is told, and the level falls.
    fault = fault_of(policy, facts if policy.hardware else replace(facts, refused=""))
    if fault is not None:
        record_failure(actor=actor, user=user, factor=PASSKEY)
        raise _unfit(fault, facts)
    refund(network_key(actor.network), 1 if user_id is None else 2)
    factors = (PASSKEY,) if user_id is None else ("password", PASSKEY)
    return user, assurance_of(factors, facts, user_verified=user_verified)


def _unfit(fault: KeyFault, key: KeyFacts) -> KeyUnfit:
    if fault is KeyFault.REFUSED_MODEL:
        return ModelReported(report=key.refused)
    return {KeyFault.COPIED: NotDeviceBound, KeyFault.NOT_ATTESTED: NotAttested}.get(fault, OtherModel)()


def use_key(
    actor: Actor, user_id: UUID | None, spoken: Spoken, action: PeopleAction | SignInAction
) -> tuple[Passkey, bool]:
    """Check an answer, count it, and return the key (of ``user_id`` if given) and whether it verified its user.

    Failures are recorded under ``action``. Raises PasskeyRefused, PasskeyHeld.
    """
    key: Passkey | None = None
    try:
        with transaction.atomic():
            asked_at = place_of(spoken.state.get("host") or place().host)
            key = _found(spoken.response, user_id, asked_at.host)
            answer = check_known(asked_at, spoken.state, known_key(key), spoken.response)
            _use_up(spoken.state)
            copied = may_be_a_copy(key.sign_count, answer.sign_count)
            if key.held_at is None and copied:
                _hold(actor, key, answer)
            elif key.held_at is None:
                _keep(key, answer)
    except PasskeyRefused:
        record_failure(actor=actor, user=key.user if key else None, factor=PASSKEY, action=action)
        raise
    if key.held_at is not None:
        record_failure(actor=actor, user=key.user, factor="passkey_held", action=action)
        raise PasskeyHeld
    return key, answer.user_verified


def _found(response: object, user_id: UUID | None, host: str) -> Passkey:
    """Return the key of ``host`` that an answer names, locked; of an account that is asked about only its own."""
    keys = Passkey.objects.select_for_update(of=("self",)).select_related("user").filter(host=host)
    key = keys.filter(credential_id=text_of(asked_credential(response))).first()
    if key is None or user_id not in {None, key.user_id}:
        raise PasskeyRefused
    return key


def _use_up(state: Json) -> None:
    """Let each challenge be answered once, also when the same answer comes twice at a time."""
    _row, fresh = UsedChallenge.objects.get_or_create(
        hash=token_hash(state["challenge"]), defaults={"used_at": clock.now()}
    )
    if not fresh:
        raise PasskeyRefused


def _hold(actor: Actor, key: Passkey, answer: Answer) -> None:
    key.held_at = clock.now()
    key.save(update_fields=["held_at"])
    append(
        actor=actor,
        action=SignInAction.HOLD_PASSKEY,
        subject=account_ref(key.user),
        outcome=EventOutcome.DENIED,
        details={"passkey": str(key.pk), "stored_count": key.sign_count, "answered_count": answer.sign_count},
    )


def _keep(key: Passkey, answer: Answer) -> None:
    key.sign_count, key.backup_state, key.last_used_at = answer.sign_count, answer.backup_state, clock.now()
    key.save(update_fields=["sign_count", "backup_state", "last_used_at"])


def check_key(spoken: Spoken, staff_id: UUID | None) -> MadeKey:
    """Return the key that a browser made, if the roles of the person (None: nobody yet) take it.

    Raises PasskeyRefused, KeyUnfit.
    """
    made = check_new(place(), spoken.state, spoken.response, entry_of)
    model = listed_model(made.aaguid)
    facts = KeyFacts(made.backup_eligible, made.is_attested, made.aaguid, model.refused if model else "")
    fault = fault_of(key_policy(staff_id) if staff_id else KeyPolicy(), facts)
    if fault is not None:
        raise _unfit(fault, facts)
    return made


def store_key(user: User, name: str, made: MadeKey, state: Json) -> Passkey:
    """Store a checked key inside the caller's transaction. Raises PasskeyKnown, PasskeyRefused (answered before)."""
    _use_up(state)
    credential_id = text_of(made.credential_id)
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise PasskeyKnown
    return Passkey.objects.create(
        user=user,
        name=name,
        host=place().host,
        credential_id=credential_id,
        public_key=made.public_key,
        aaguid=made.aaguid,
        attestation_format=made.attestation_format[:32],
        is_attested=made.is_attested,
        transports=list(made.transports),
        sign_count=made.sign_count,
        backup_eligible=made.backup_eligible,
        backup_state=made.backup_state,
        created_at=clock.now(),
    )


def key_facts(made: MadeKey) -> Json:
    """Return what the register keeps of a new key."""
    return {
        "aaguid": str(made.aaguid),
        "attestation": made.attestation_format,
        "attested": made.is_attested,
        "backup_eligible": made.backup_eligible,
    }


def add_passkey(*, actor: Actor, proved_at: datetime | None, name: str, spoken: Spoken) -> Passkey:
    """Add a key to one's own account. Raises ProofNeeded, PasskeyRefused, KeyUnfit, PasskeyKnown."""
    actor.require(SignInAction.ADD_PASSKEY)
    require_proof(proved_at)
    user = User.objects.select_related("staff").get(pk=actor.id)
    made = check_key(spoken, user.staff_id)
    with transaction.atomic():
        key = store_key(user, name, made, spoken.state)
        append(
            actor=actor,
            action=SignInAction.ADD_PASSKEY,
            subject=account_ref(user),
            details={"passkey": str(key.pk), **key_facts(made)},
        )
    return key


@transaction.atomic
def rename_passkey(*, actor: Actor, key_id: UUID, name: str) -> Passkey:
    """Give one's own key another name. Raises NotFound."""
    actor.require(SignInAction.RENAME_PASSKEY)
    key = _own(actor, key_id)
    key.name = name
    key.save(update_fields=["name"])
    append(
        actor=actor,
        action=SignInAction.RENAME_PASSKEY,
        subject=account_ref(key.user),
        details={"passkey": str(key.pk), "name": name},
    )
    return key


@transaction.atomic
def remove_passkey(*, actor: Actor, proved_at: datetime | None, key_id: UUID) -> None:
    """Remove one's own key, never the last second factor. Raises ProofNeeded, NotFound, LastFactor."""
    actor.require(SignInAction.REMOVE_PASSKEY)
    require_proof(proved_at)
    # Two keys removed at the same time must queue, or both could be the one before the last.
    User.objects.select_for_update().get(pk=actor.id)
    key = _own(actor, key_id)
    others = Passkey.objects.filter(user_id=key.user_id, held_at=None, host=place().host).exclude(pk=key.pk)
    if not others.exists() and not has_totp(key.user_id):
        raise LastFactor
    append(
        actor=actor,
        action=SignInAction.REMOVE_PASSKEY,
        subject=account_ref(key.user),
        details={"passkey": str(key.pk), "name": key.name},
    )
    key.delete()


def _own(actor: Actor, key_id: UUID) -> Passkey:
    key = Passkey.objects.select_related("user").filter(pk=key_id, user_id=actor.id).first()
    if key is None:
        raise NotFound
    return key
