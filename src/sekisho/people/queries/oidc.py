"""Applications that take our sign-in: what was entered of them, who may sign in there, and which sign-ins count."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.errors import NotFound
from sekisho.people.models import (
    AccountState,
    PartyKind,
    RelyingParty,
    RelyingSecret,
    RelyingSignIn,
    Session,
    SystemAccount,
    User,
)
from sekisho.people.queries.accounts import actor_of, may_sign_in
from sekisho.people.queries.people import today
from sekisho.people.rules.oidc import PartyState, party_state, right_fault
from sekisho.people.rules.service_clients import client_uuid

PAGE_SIZE = 50
_RELATED = ("responsible", "system")


def parties(page: int) -> "Page[RelyingParty]":
    """Return one page of the applications: those that are not closed first, then by name."""
    rows = RelyingParty.objects.select_related(*_RELATED).order_by(F("closed_at").desc(nulls_first=True), "name", "pk")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def find_party(party_id: UUID) -> RelyingParty:
    """Return one application. Raises NotFound."""
    row = RelyingParty.objects.select_related(*_RELATED).filter(pk=party_id).first()
    if row is None:
        raise NotFound
    return row


def open_party(client_id: str) -> RelyingParty | None:
    """Return the application with this ``client_id`` if it is let in, else None."""
    row = RelyingParty.objects.filter(pk=client_uuid(client_id)).first()
    return row if row is not None and state_of_party(row) is PartyState.OPEN else None


def state_of_party(party: RelyingParty) -> PartyState:
    """Return where an application stands."""
    return party_state(party.released_at, party.closed_at)


def keeps_secret(party: RelyingParty) -> bool:
    """Tell whether an application proves itself by a secret."""
    return party.kind == PartyKind.CONFIDENTIAL


def party_secrets(party_id: UUID) -> list[RelyingSecret]:
    """Return the secrets of an application that work now, the oldest first."""
    now = clock.now()
    rows = RelyingSecret.objects.filter(party_id=party_id).order_by("made_at", "pk")
    return [row for row in rows if row.ends_at is None or row.ends_at > now]


def sign_ins_of(party: RelyingParty) -> Sequence[RelyingSignIn]:
    """Return the last twenty sign-ins to an application, the newest first."""
    return list(party.sign_ins.select_related("user__staff").order_by("-begun_at", "-pk")[:20])


def party_actor(party: RelyingParty, network: str | None, sign_in: RelyingSignIn | None = None) -> Actor:
    """Return the actor of an application: no role, no action; it only learns who signed in to it."""
    session = str(sign_in.pk) if sign_in else None
    return Actor(ActorKind.SERVICE, str(party.pk), party.name, frozenset(), session=session, network=network)


def ledger_login(party: RelyingParty, user: User) -> str:
    """Return the one personal account that somebody has in the application's system; "" for none, and for several."""
    rows = SystemAccount.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=today()),
        system_id=party.system_id,
        owner_id=user.staff_id,
        state=AccountState.ACTIVE,
        shared=False,
        closed_at=None,
        struck_at=None,
    )
    logins = list(rows.values_list("login", flat=True)[:2])
    return logins[0] if len(logins) == 1 else ""


def party_fault(party: RelyingParty, actor: Actor, user: User) -> str:
    """Return why a person may not sign in at an application today, "" if they may."""
    in_ledger = not party.by_ledger or bool(ledger_login(party, user))
    roles = frozenset(party.roles.split())
    return right_fault(actor.roles, roles, by_ledger=party.by_ledger, in_ledger=in_ledger)


def owner_of(sign_in: RelyingSignIn) -> Actor:
    """Return the actor of whoever signed in, with the roles they hold now."""
    user = sign_in.user
    return actor_of(user, session=str(sign_in.session), network=sign_in.network, assurance=sign_in.assurance)


def sign_in_fault(sign_in: RelyingSignIn) -> str:
    """Return why a sign-in to an application counts no more, "" while it does: asked anew each time, never kept."""
    if sign_in.revoked_at is not None:
        return "revoked"
    if sign_in.token_ends_at is not None and sign_in.token_ends_at <= clock.now():
        return "expired"
    return _ground_fault(sign_in)


def _ground_fault(sign_in: RelyingSignIn) -> str:
    """Return which of the grounds of a sign-in is gone: application, account, session or right; "" for none."""
    user = sign_in.user
    if state_of_party(sign_in.party) is not PartyState.OPEN:
        return "closed"
    if user.revision != sign_in.revision or not may_sign_in(user):
        return "account"
    if not _sessions(clock.now()).filter(public_id=sign_in.session, user=user).exists():
        return "session"
    return party_fault(sign_in.party, owner_of(sign_in), user)


def _sessions(now: datetime) -> "QuerySet[Session]":
    return Session.objects.filter(expire_date__gt=now)


def sign_ins_to_tell(most: int) -> Sequence[RelyingSignIn]:
    """Return at most ``most`` sign-ins that are over and whose applications are to be told so now.

    Each is held against what userinfo refuses by. That a token has run out alone ends nothing at the application.
    """
    rows = _due().select_related("party", "user__staff").order_by("notify_at", "pk")
    return list(islice((row for row in rows.iterator() if _was_revoked(row) or _ground_fault(row)), most))


def _was_revoked(sign_in: RelyingSignIn) -> bool:
    """Tell whether a sign-in was ended while its token still counted."""
    ended, ends = sign_in.revoked_at, sign_in.token_ends_at
    return ended is not None and (ends is None or ended < ends)


def somebody_is_to_be_told() -> bool:
    """Tell whether an application waits to hear that a session is over, as far as one question can tell.

    It is asked every few seconds; rights that were lost are found by the job itself, every few minutes.
    """
    lives = Exists(_sessions(clock.now()).filter(public_id=OuterRef("session"), user=OuterRef("user")))
    account = ~Q(user__revision=F("revision")) | Q(user__is_active=False)
    revoked = Q(revoked_at__lt=F("token_ends_at"))
    return _due().filter(~lives | account | revoked | Q(party__closed_at__isnull=False)).exists()


def _due() -> "QuerySet[RelyingSignIn]":
    return RelyingSignIn.objects.filter(notify_at__lte=clock.now())
