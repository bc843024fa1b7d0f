"""Sessions after the sign-in: locked and unlocked, listed and ended; terminals."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, anonymous
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import SignInAction
from sekisho.people.errors.sign_in import CodeRefused, HeldBack, UnlockOver
from sekisho.people.models import KnownBrowser, Session, Terminal, User
from sekisho.people.rules.sessions import SEEN_EVERY, SessionState, state_of
from sekisho.people.rules.softlocks import CODE_SOFTLOCK, NETWORK_SOFTLOCK, SoftlockPolicy
from sekisho.people.services.passkeys import Spoken, use_key
from sekisho.people.services.recovery_codes import use_recovery_code
from sekisho.people.services.sign_in import account_ref, record_failure, use_code, verify_password
from sekisho.people.services.softlocks import charge_attempt, clear, code_key, network_key, refund
from sekisho.people.services.temporary_factors import use_temporary_code
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append
from sekisho.trust.tokens import new_token, token_hash

# Five tries at a locked screen; the sixth ends the session, so no wait is ever served at a ward's terminal.
UNLOCK_SOFTLOCK = SoftlockPolicy(5, timedelta(hours=12), timedelta(hours=12), timedelta(hours=24))


def touch_session(row: Session) -> None:
    """Remember that a session was used, not more often than anybody needs to know."""
    moment = clock.now()
    if row.seen_at is None or moment - row.seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=row.pk).update(seen_at=moment)


def settle_session(*, actor: Actor, row: Session | None, idle: timedelta | None) -> SessionState:
    """Return what a session is good for; one that rested too long is locked here, an open one counts as used."""
    if row is None:
        return SessionState.OVER
    state = state_of(clock.now(), row.seen_at or row.created_at, row.locked_at, idle)
    if state is SessionState.IDLE:
        if not actor.may(SignInAction.LOCK):  # an account without a role has nothing to come back to
            return SessionState.OVER
        lock_session(actor=actor, idle=True)
        return SessionState.LOCKED
    if state is SessionState.OPEN:
        touch_session(row)
    return state


@transaction.atomic
def end_taken_session(*, actor: Actor, row: Session, user: User) -> None:
    """End a session whose cookie came from another browser than the one it was opened in: it was copied."""
    actor.require(SignInAction.ELSEWHERE)
    row.delete()
    append(
        actor=actor,
        action=SignInAction.ELSEWHERE,
        subject=SubjectRef("session", str(row.public_id), user.login),
        outcome=EventOutcome.DENIED,
        details={"opened_from": row.network, "browser": row.browser},
    )


@transaction.atomic
def lock_session(*, actor: Actor, idle: bool = False) -> None:
    """Lock one's own session, by hand or because it rested; every page is refused until it is unlocked."""
    actor.require(SignInAction.LOCK)
    if Session.objects.filter(public_id=_session_id(actor), locked_at=None).update(locked_at=clock.now()):
        append(actor=actor, action=SignInAction.LOCK, subject=_own_session(actor), details={"idle": idle})


def unlock_with_password(*, actor: Actor, login: str, password: str) -> None:
    """Unlock one's own session with the password. Raises SignInRefused, HeldBack, UnlockOver."""
    actor.require(SignInAction.UNLOCK)
    _charge_unlock(actor)
    verify_password(actor=anonymous(actor.network), login=login, password=password)
    refund(network_key(actor.network), 1)
    _unlock(actor, "password")


def unlock_with_passkey(*, actor: Actor, spoken: Spoken) -> None:
    """Unlock one's own session with one's own key. Raises PasskeyRefused, PasskeyHeld, UnlockOver."""
    actor.require(SignInAction.UNLOCK)
    _charge_unlock(actor)
    use_key(actor, UUID(actor.id), spoken, SignInAction.UNLOCK)
    _unlock(actor, "passkey")


def _charge_unlock(actor: Actor) -> None:
    try:
        charge_attempt(actor=actor, key=f"unlock:{actor.session}", policy=UNLOCK_SOFTLOCK)
    except HeldBack as error:
        _end(actor, Session.objects.filter(public_id=_session_id(actor)), SignInAction.END_SESSION, _own_session(actor))
        raise UnlockOver from error


@transaction.atomic
def _unlock(actor: Actor, factor: str) -> None:
    clear(f"unlock:{actor.session}")
    Session.objects.filter(public_id=_session_id(actor)).update(locked_at=None, seen_at=clock.now())
    append(actor=actor, action=SignInAction.UNLOCK, subject=_own_session(actor), details={"factors": [factor]})


def prove_with_code(*, actor: Actor, user: User, code: str) -> None:
    """Show the app's code, a temporary code or a recovery code once more. Raises CodeRefused, HeldBack."""
    actor.require(SignInAction.PROVE)
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=code_key(user.pk), policy=CODE_SOFTLOCK)
    # A temporary code stands in for the app's, and counts as it does at the sign-in.
    visitor = anonymous(actor.network)
    totp = use_code(user, code) or use_temporary_code(actor=visitor, user=user, code=code)
    if not totp and not use_recovery_code(actor, user, code):
        record_failure(actor=actor, user=user, factor="code", action=SignInAction.PROVE)
        raise CodeRefused(field="code")
    clear(code_key(user.pk))
    refund(network_key(actor.network), 1)
    _record_proof(actor, "totp" if totp else "recovery_code")


def prove_with_passkey(*, actor: Actor, spoken: Spoken) -> None:
    """Show one's own key once more. Raises PasskeyRefused, PasskeyHeld."""
    actor.require(SignInAction.PROVE)
    use_key(actor, UUID(actor.id), spoken, SignInAction.PROVE)
    _record_proof(actor, "passkey")


@transaction.atomic
def _record_proof(actor: Actor, factor: str) -> None:
    append(actor=actor, action=SignInAction.PROVE, subject=_own_session(actor), details={"factors": [factor]})


@transaction.atomic
def end_own_session(*, actor: Actor, public_id: UUID) -> None:
    """End one of one's own sessions. Raises NotFound."""
    actor.require(SignInAction.END_SESSION)
    ended = _end(
        actor,
        Session.objects.filter(user_id=actor.id, public_id=public_id),
        SignInAction.END_SESSION,
        SubjectRef("session", str(public_id), actor.name),
    )
    if not ended:
        raise NotFound


def end_other_sessions(*, actor: Actor) -> int:
    """End one's own sessions but this one; return how many."""
    actor.require(SignInAction.END_SESSION)
    others = Session.objects.filter(user_id=actor.id).exclude(public_id=_session_id(actor))
    return _end(actor, others, SignInAction.END_SESSION, SubjectRef("account", actor.id, actor.name))


def end_sessions_of_account(*, actor: Actor, user_id: UUID) -> int:
    """End every session of somebody's account; return how many. Raises NotFound."""
    actor.require(SignInAction.END_SESSIONS_OF)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return _end(actor, Session.objects.filter(user=user), SignInAction.END_SESSIONS_OF, account_ref(user))


@transaction.atomic
def _end(actor: Actor, sessions: "QuerySet[Session]", action: SignInAction, subject: SubjectRef) -> int:
    count, _ = sessions.delete()
    if count:
        append(actor=actor, action=action, subject=subject, details={"sessions": count})
    return count


def _session_id(actor: Actor) -> UUID:
    return UUID(actor.session) if actor.session else UUID(int=0)


def _own_session(actor: Actor) -> SubjectRef:
    return SubjectRef("session", actor.session or "", actor.name)


def remember_browser(user: User, token: str, network: str | None) -> tuple[str, bool]:
    """Return the token that the browser keeps, and whether ``user`` signs in from it for the first time."""
    token, moment = token or new_token(), clock.now()
    _row, first = KnownBrowser.objects.update_or_create(
        user=user,
        token_hash=token_hash(token),
        defaults={"last_at": moment, "network": network or ""},
        create_defaults={"last_at": moment, "first_at": moment, "network": network or ""},
    )
    return token, first


@transaction.atomic
def make_terminal(*, actor: Actor, name: str, idle_minutes: int) -> Terminal:
    """Enter a shared terminal; the caller gives its browser the signed cookie."""
    actor.require(SignInAction.KEEP_TERMINALS)
    terminal = Terminal.objects.create(
        name=name, idle_minutes=idle_minutes, created_at=clock.now(), created_by=actor.name
    )
    append(
        actor=actor,
        action=SignInAction.KEEP_TERMINALS,
        subject=SubjectRef("terminal", str(terminal.pk), name),
        details={"idle_minutes": idle_minutes},
    )
    return terminal


@transaction.atomic
def end_terminal(*, actor: Actor, terminal_id: UUID) -> Terminal:
    """Let a browser be no shared terminal any more, from the next sign-in on. Raises NotFound."""
    actor.require(SignInAction.KEEP_TERMINALS)
    terminal = Terminal.objects.filter(pk=terminal_id, ended_at=None).first()
    if terminal is None:
        raise NotFound
    terminal.ended_at = clock.now()
    terminal.save(update_fields=["ended_at"])
    append(
        actor=actor,
        action=SignInAction.KEEP_TERMINALS,
        subject=SubjectRef("terminal", str(terminal.pk), terminal.name),
        details={"ended": True},
    )
    return terminal
