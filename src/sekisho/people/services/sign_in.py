"""Signing in with two factors: a password, then a code from the authenticator app. Keys: see passkeys.py."""

from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.people.actions import PeopleAction, SignInAction
from sekisho.people.errors.sign_in import CodeRefused, PasswordWrong, SignInRefused
from sekisho.people.models import Session, TotpSecret, UsedChallenge, User
from sekisho.people.queries import account, actor_of, may_sign_in
from sekisho.people.rules.passwords import LoginInvalid, normalize_login, normalize_password
from sekisho.people.rules.romaji import words_about
from sekisho.people.rules.softlocks import CODE_SOFTLOCK, LOGIN_SOFTLOCK, NETWORK_SOFTLOCK, PASSWORD_SOFTLOCK
from sekisho.people.services.passwords import remember_password, renew_hash, require_good_password
from sekisho.people.services.softlocks import (
    charge_attempt,
    clear,
    code_key,
    forget,
    login_key,
    network_key,
    password_key,
    refund,
)
from sekisho.people.services.temporary_factors import use_temporary_code
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append
from sekisho.trust.sealing import unseal
from sekisho.trust.totp import matching_step

PENDING_FOR = timedelta(minutes=5)
AAL2 = 2
_CHARGES_OF_A_SIGN_IN = 2  # the address is charged for the password and for the code


def account_ref(user: User) -> SubjectRef:
    """Return how the register names an account."""
    return SubjectRef("account", str(user.pk), user.login)


def totp_context(user_id: object) -> str:
    """Return the context a seed is sealed for: it opens for this account only."""
    return f"totp:{user_id}"


def verify_password(*, actor: Actor, login: str, password: str) -> User:
    """Check the first factor and return the account. Raises SignInRefused, HeldBack; both are recorded."""
    actor.require(PeopleAction.SIGN_IN)
    try:
        login = normalize_login(login)
    except LoginInvalid:
        login = ""
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=password_key(login, actor.network), policy=PASSWORD_SOFTLOCK)
    charge_attempt(actor=actor, key=login_key(login), policy=LOGIN_SOFTLOCK)
    user = User.objects.select_related("staff").filter(login=login).first()
    # An unknown name costs the same time as a known one.
    stored = user.password if user else _dummy_hash()
    right = check_password(normalize_password(password), stored)
    if user is None or not right or not may_sign_in(user):
        record_failure(actor=actor, user=user, factor="password", login=login)
        raise SignInRefused
    renew_hash(user, normalize_password(password))
    clear(password_key(login, actor.network))
    refund(login_key(login), 1)
    return user


@cache
def _dummy_hash() -> str:
    return make_password("no account has this password")


def verify_code(*, actor: Actor, user_id: str, code: str) -> User:
    """Check the second factor of the account whose password was right. Raises CodeRefused, SignInRefused, HeldBack."""
    actor.require(PeopleAction.SIGN_IN)
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=code_key(user_id), policy=CODE_SOFTLOCK)
    user = account(user_id)
    if user is None or not may_sign_in(user):
        record_failure(actor=actor, user=user, factor="account")
        raise SignInRefused
    if not use_code(user, code) and not use_temporary_code(actor=actor, user=user, code=code):
        record_failure(actor=actor, user=user, factor="code")
        raise CodeRefused
    clear(code_key(user_id))
    refund(network_key(actor.network), _CHARGES_OF_A_SIGN_IN)
    return user


@transaction.atomic
def use_code(user: User, code: str) -> bool:
    """Tell whether ``code`` is right now, and use it up if it is."""
    secret = TotpSecret.objects.select_for_update().filter(user=user).first()
    if secret is None:
        return False
    seed = unseal(settings.SEAL_KEY, bytes(secret.sealed_seed), totp_context(user.pk))
    step = matching_step(seed, code, clock.now(), after=secret.last_step)
    if step is None:
        return False
    secret.last_step = step
    secret.save(update_fields=["last_step"])
    return True


@transaction.atomic
def start_session(
    *,
    user: User,
    session: str,
    network: str | None,
    factors: tuple[str, ...] = ("password", "totp"),
    new_browser: bool = False,
    assurance: int = AAL2,
) -> Actor:
    """Record that ``user`` signed in with two factors, and return the actor of the new session."""
    actor = actor_of(user, session=session, network=network, assurance=assurance)
    User.objects.filter(pk=user.pk).update(last_login=clock.now())
    details: dict[str, Json] = {"factors": list(factors), "assurance": assurance}
    if new_browser:
        details["new_browser"] = True
    append(actor=actor, action=PeopleAction.SIGN_IN, subject=account_ref(user), details=details)
    return actor


@transaction.atomic
def end_session(*, actor: Actor) -> None:
    """Record that the actor signed out. The caller drops the session itself."""
    actor.require(PeopleAction.SIGN_OUT)
    append(actor=actor, action=PeopleAction.SIGN_OUT, subject=SubjectRef("account", actor.id, actor.name))


def change_password(*, actor: Actor, present: str, new: str, about: tuple[str, ...]) -> User:
    """Set one's own password and end one's other sessions. Raises PasswordWrong, PasswordTooWeak, HeldBack."""
    actor.require(PeopleAction.CHANGE_PASSWORD)
    user = User.objects.select_related("staff").get(pk=actor.id)
    charge_attempt(actor=actor, key=password_key(user.login, actor.network), policy=PASSWORD_SOFTLOCK)
    if not check_password(normalize_password(present), user.password):
        record_failure(actor=actor, user=user, factor="password", action=PeopleAction.CHANGE_PASSWORD)
        raise PasswordWrong(field="present")
    clear(password_key(user.login, actor.network))
    new = normalize_password(new)
    staff = user.staff
    known = words_about(login=user.login, name=staff.name, kana=staff.kana, staff_number=staff.staff_number)
    require_good_password(new, about=(*known, *about), user=user)
    hashed = make_password(new)
    with transaction.atomic():
        remember_password(user)
        user.password, user.password_changed_at = hashed, clock.now()
        user.revision += 1
        user.save(update_fields=["password", "password_changed_at", "revision"])
        append(actor=actor, action=PeopleAction.CHANGE_PASSWORD, subject=account_ref(user))
    return user


@transaction.atomic
def purge_sessions(*, actor: Actor) -> int:
    """Delete sessions past their end, and failures so old that they count no more; return how many sessions."""
    actor.require(PeopleAction.PURGE)
    moment = clock.now()
    forget(
        moment, max(policy.forget for policy in (PASSWORD_SOFTLOCK, LOGIN_SOFTLOCK, CODE_SOFTLOCK, NETWORK_SOFTLOCK))
    )
    UsedChallenge.objects.filter(used_at__lt=moment - PENDING_FOR * 2).delete()
    count, _ = Session.objects.filter(expire_date__lt=moment).delete()
    if count:
        append(actor=actor, action=PeopleAction.PURGE, details={"sessions": count})
    return count


@transaction.atomic
def record_failure(
    *,
    actor: Actor,
    user: User | None,
    factor: str,
    login: str = "",
    action: PeopleAction | SignInAction = PeopleAction.SIGN_IN,
) -> None:
    """Write a failed attempt. What was typed as a name may be a password, so it is kept apart and destroyable."""
    append(
        actor=actor,
        action=action,
        subject=account_ref(user) if user else None,
        outcome=EventOutcome.FAILURE,
        details={"factor": factor},
        private={"login": login} if login and user is None else None,
    )
