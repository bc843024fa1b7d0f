"""Signing in to applications: who is let on, what the application learns, and how long it counts.

The protocol is the library's (services/oidc_server.py); the register says who signed in where at which level, and who
was refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from authlib.oauth2 import OAuth2Error
from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.people.actions import PeopleAction, RelyingAction
from sekisho.people.errors.oidc import PartyRequestWrong, PartyUnknown
from sekisho.people.models import RelyingParty, RelyingSecret, RelyingSignIn
from sekisho.people.queries.oidc import party_actor, party_fault, sign_in_fault
from sekisho.people.rules.oidc import Fault, Step, Wish, next_step, read_wish
from sekisho.people.rules.service_clients import client_uuid, credentials_in
from sekisho.people.rules.service_errors import TokenRefused
from sekisho.people.rules.softlocks import NETWORK_SOFTLOCK, PASSWORD_SOFTLOCK
from sekisho.people.services.oidc_parts import Answer, Asking, Visitor
from sekisho.people.services.oidc_server import SERVER, claims_of
from sekisho.people.services.softlocks import charge_attempt, clear, network_group
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append
from sekisho.trust.tokens import token_hash

KEPT_FOR = timedelta(days=7)
_OK = 200
log = structlog.get_logger(__name__)


def party_ref(party: RelyingParty) -> SubjectRef:
    """Return how the register names an application."""
    return SubjectRef("relying_party", str(party.pk), party.name)


@dataclass(frozen=True, slots=True)
class SignOut:
    """A request to sign out, checked: the sign-in and the session it speaks of, None where nothing proves which.

    ``redirect`` is where to go on to afterwards, "" for nowhere.
    """

    session: UUID | None
    account: str
    redirect: str


def sign_in_there(*, actor: Actor, asking: Asking, visitor: Visitor | None, asked_at: datetime) -> Answer | Step:
    """Answer an application's request for a sign-in, or return what the person must do before.

    ``visitor`` is None while nobody is signed in. Raises Forbidden, PartyUnknown and PartyRequestWrong, where the
    browser must not be led back to the application; every other refusal is told to it, and recorded.
    """
    actor.require(RelyingAction.SIGN_IN)
    grant = _checked(asking, visitor)
    if isinstance(grant, Answer):
        return grant
    party: RelyingParty = asking.client.party
    back: str = grant.redirect_uri
    wish = read_wish(asking.payload.data, asked_at)
    if not isinstance(wish, Wish):
        return _refusal(asking, back, wish)
    step = next_step(wish, visitor.shown if visitor else None, party.assurance, clock.now())
    if isinstance(step, Fault):
        return _refused(actor, asking, back, step, "assurance")
    if visitor is None or step is not Step.GO:
        return step
    fault = party_fault(party, actor, visitor.user)
    if fault:
        return _refused(actor, asking, back, Fault.DENIED, fault)
    return _let_on(actor, asking, grant, visitor)


def _checked(asking: Asking, visitor: Visitor | None) -> Any:
    """Return what the library makes of a request, or the answer where it finds fault and may say so."""
    try:
        return SERVER.get_consent_grant(asking, end_user=visitor.user if visitor else None)
    except OAuth2Error as error:
        if error.redirect_uri:
            return SERVER.refuse(asking, error)
        client = SERVER.query_client(asking.payload.client_id or "")
        is_known = client is not None and client.check_redirect_uri(asking.payload.redirect_uri)
        raise (PartyRequestWrong if is_known else PartyUnknown) from error


def _refusal(asking: Asking, redirect: str, word: str) -> Answer:
    error = OAuth2Error(error=word, redirect_uri=redirect, state=asking.payload.state)
    return SERVER.refuse(asking, error)


def _refused(actor: Actor, asking: Asking, redirect: str, fault: Fault, why: str) -> Answer:
    """Tell the application that somebody is refused; that nobody is signed in is no refusal, and not recorded."""
    if fault is not Fault.LOGIN:
        _record_refusal(actor, asking.client.party, why)
    return _refusal(asking, redirect, fault.value)


@transaction.atomic
def _record_refusal(actor: Actor, party: RelyingParty, why: str) -> None:
    append(
        actor=actor,
        action=RelyingAction.SIGN_IN,
        subject=party_ref(party),
        outcome=EventOutcome.DENIED,
        details={"fault": why, "assurance": actor.assurance},
    )


@transaction.atomic
def _let_on(actor: Actor, asking: Asking, grant: Any, visitor: Visitor) -> Answer:
    answer: Answer = SERVER.create_authorization_response(request=asking, grant_user=visitor, grant=grant)
    party: RelyingParty = asking.client.party
    RelyingParty.objects.filter(pk=party.pk).update(last_used_at=clock.now())
    details: dict[str, Json] = {
        "assurance": visitor.shown.assurance,
        "methods": list(visitor.methods),
        "sign_in": str(asking.sign_in.pk) if asking.sign_in else "",
    }
    append(actor=actor, action=RelyingAction.SIGN_IN, subject=party_ref(party), details=details)
    return answer


def redeem_code(*, actor: Actor, asking: Asking) -> Answer:
    """Give an application the tokens for its code. Raises Forbidden, HeldBack.

    Codes and secrets are 256 random bits, so what is right is never held back: whoever shares an address with others
    could else keep them out. What is wrong is charged, and held back before it fills the register; a wrong code of
    somebody who has the secret is not.
    """
    actor.require(RelyingAction.REDEEM)
    with transaction.atomic():
        answer: Answer = SERVER.create_token_response(asking)
        is_said = answer.status == _OK or asking.ends_sign_in
        if is_said:
            _record_redeeming(actor, asking, answer)
    own = _own_key(actor, asking)
    if asking.auth_method not in {None, "none"}:
        clear(own)
    elif not is_said:
        _charge(actor, asking, own)
    if not is_said:
        _record_redeeming(actor, asking, answer)
    return answer


def _own_key(actor: Actor, asking: Asking) -> str:
    """Return the key under which wrong secrets of the application that a request names are counted, by address."""
    basic = credentials_in(asking.headers.get("Authorization"))
    name = client_uuid(basic[0] if basic else asking.form.get("client_id", ""))
    return f"relying:{name}|{network_group(actor.network)}"


def _charge(actor: Actor, asking: Asking, own: str) -> None:
    """Count a wrong request. Codes of an application without a secret are counted apart from guessed secrets."""
    if asking.auth_method == "none":
        charge_attempt(actor=actor, key=f"relying-codes{own.removeprefix('relying')}", policy=NETWORK_SOFTLOCK)
        return
    charge_attempt(actor=actor, key=f"relying-network:{network_group(actor.network)}", policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=own, policy=PASSWORD_SOFTLOCK)


@transaction.atomic
def _record_redeeming(actor: Actor, asking: Asking, answer: Answer) -> None:
    """Write what an application was given or refused; who it is is known only once it has proved itself."""
    party: RelyingParty | None = asking.client.party if asking.client else None
    sign_in: RelyingSignIn | None = asking.sign_in
    if answer.status == _OK and party is not None and sign_in is not None:
        by = party_actor(party, actor.network, sign_in)
        subject = SubjectRef("account", str(sign_in.user_id), sign_in.user.login)
        append(actor=by, action=RelyingAction.REDEEM, subject=subject, details={"sign_in": str(sign_in.pk)})
        _note_use(asking, sign_in)
        return
    fault = asking.fault or str(answer.body.get("error", "")) if isinstance(answer.body, dict) else asking.fault
    append(
        actor=actor,
        action=RelyingAction.REDEEM,
        subject=party_ref(party) if party else None,
        outcome=EventOutcome.FAILURE,
        details={"fault": fault, **({"sign_in": str(sign_in.pk)} if sign_in else {})},
    )


def _note_use(asking: Asking, sign_in: RelyingSignIn) -> None:
    """Note the secret that was used, and that the application is to hear of the end of the session."""
    secret: RelyingSecret | None = asking.client.secret
    if secret is not None:
        RelyingSecret.objects.filter(pk=secret.pk).update(used_at=clock.now())
    if sign_in.party.logout_notice:
        RelyingSignIn.objects.filter(pk=sign_in.pk).update(notify_at=clock.now())


def read_claims(*, actor: Actor, text: str) -> dict[str, Any]:
    """Return what an application may know of whoever signed in, by its token. Raises Forbidden, TokenRefused.

    Whether the sign-in counts is asked anew each time; the first refusal ends it and is recorded.
    """
    actor.require(RelyingAction.READ)
    rows = RelyingSignIn.objects.select_related("party", "user__staff")
    sign_in = rows.filter(token_hash=token_hash(text)).first() if text else None
    if sign_in is None:
        log.warning("unknown_token", network=actor.network)
        raise TokenRefused
    fault = sign_in_fault(sign_in)
    if fault:
        _end_sign_in(sign_in, actor.network, fault)
        raise TokenRefused
    return claims_of(sign_in)


@transaction.atomic
def _end_sign_in(sign_in: RelyingSignIn, network: str | None, fault: str) -> None:
    if RelyingSignIn.objects.filter(pk=sign_in.pk, revoked_at=None).update(revoked_at=clock.now()):
        append(
            actor=party_actor(sign_in.party, network, sign_in),
            action=RelyingAction.READ,
            subject=SubjectRef("account", str(sign_in.user_id), sign_in.user.login),
            outcome=EventOutcome.DENIED,
            details={"fault": fault, "sign_in": str(sign_in.pk)},
        )


def read_sign_out(asking: Asking) -> SignOut:
    """Return what a request to sign out proves: an ID token of ours names the session, and where to go on to.

    Without one, with another's, or with a broken one it proves nothing, and the person is asked.
    """
    try:
        request = SERVER.validate_endpoint_request("end_session", asking)
    except (OAuth2Error, ValueError):  # ValueError: the library refuses to word an error about what it could not read
        return SignOut(None, "", "")
    claims = request.id_token_claims
    if claims is None or claims.get("iss") != settings.ORIGIN or request.client is None:
        return SignOut(None, "", "")
    row = RelyingSignIn.objects.filter(pk=client_uuid(str(claims.get("sid", "")))).first()
    return SignOut(row.session if row else None, str(claims.get("sub", "")), request.redirect_uri or "")


@transaction.atomic
def purge_sign_ins(*, actor: Actor) -> int:
    """Delete sign-ins to applications begun a week ago, and return how many; the register keeps what happened."""
    actor.require(PeopleAction.PURGE)
    count, _ = RelyingSignIn.objects.filter(begun_at__lt=clock.now() - KEPT_FOR).delete()
    if count:
        append(actor=actor, action=PeopleAction.PURGE, details={"relying_sign_ins": count})
    return count
