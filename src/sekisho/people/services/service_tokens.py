"""What programs do at the API: get a token with their own credentials, use it, give it back.

RFC 6749 4.4, RFC 6750, RFC 7009. Each attempt with a secret is charged before it is judged, as a sign-in is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

import structlog
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.people.actions import PeopleAction, ServiceClientAction
from sekisho.people.models import ServiceClient, ServiceSecret, ServiceToken
from sekisho.people.queries.service_clients import service_actor, state_of_client, working_secrets
from sekisho.people.rules.service_clients import (
    MOST_SECRETS,
    TOKEN_LIFE,
    ClientState,
    asked_actions,
    client_uuid,
    is_inside,
)
from sekisho.people.rules.service_errors import ClientRefused, ScopeRefused, TokenRefused
from sekisho.people.rules.softlocks import NETWORK_SOFTLOCK, PASSWORD_SOFTLOCK
from sekisho.people.services.service_clients import client_ref
from sekisho.people.services.softlocks import charge_attempt, clear, network_group, refund
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append
from sekisho.trust.tokens import new_token, token_hash

TOKEN_PREFIX = "skt_"  # noqa: S105  # not a secret: by it a forgotten one is found in files and kept out of logs
# How often a token that goes on being refused is recorded, and how often a program at work is noted.
REFUSAL_TOLD_EVERY = timedelta(hours=1)
USE_NOTED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=7)
_NO_HASH = "0" * 64
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Presented:
    """Id and secret as a program presents them."""

    client_id: str
    secret: str


def issue_token(*, actor: Actor, presented: Presented, scope: str = "") -> tuple[ServiceToken, str]:
    """Give a program a token for what it asks, all that it may where it asks nothing; return it with its text.

    Raises Forbidden, HeldBack, ClientRefused, ScopeRefused; each is recorded.
    """
    actor.require(ServiceClientAction.ISSUE)
    client = _authenticate(actor, ServiceClientAction.ISSUE, presented)
    actions = asked_actions(scope, frozenset(client.actions.split()))
    if actions is None:
        _record_failure(actor, ServiceClientAction.ISSUE, client, "scope", "")
        raise ScopeRefused
    return _store(client, actions, actor.network)


@transaction.atomic
def _store(client: ServiceClient, actions: frozenset[str], network: str | None) -> tuple[ServiceToken, str]:
    text, now = f"{TOKEN_PREFIX}{new_token()}", clock.now()
    token = ServiceToken.objects.create(
        client=client,
        token_hash=token_hash(text),
        actions=" ".join(sorted(actions)),
        network=network or "",
        issued_at=now,
        expires_at=now + TOKEN_LIFE,
    )
    append(
        actor=service_actor(client, token=token, network=network),
        action=ServiceClientAction.ISSUE,
        subject=client_ref(client),
        details=_scope(token),
    )
    return token, text


def revoke_token(*, actor: Actor, presented: Presented, text: str) -> None:
    """End a token of the program that asks; another's, or an unknown one, is left alone without a word (RFC 7009).

    Raises Forbidden, HeldBack, ClientRefused.
    """
    actor.require(ServiceClientAction.REVOKE)
    client = _authenticate(actor, ServiceClientAction.REVOKE, presented)
    with transaction.atomic():
        token = client.tokens.select_for_update().filter(token_hash=token_hash(text), revoked_at=None).first()
        if token is None:
            return
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        by = service_actor(client, token=token, network=actor.network)
        append(actor=by, action=ServiceClientAction.REVOKE, subject=client_ref(client))


def accept_token(*, actor: Actor, text: str) -> Actor:
    """Return the actor of the program whose token this is. Raises Forbidden, TokenRefused.

    The first use of each token is recorded; so is a refusal, once an hour for the same token.
    """
    actor.require(ServiceClientAction.USE)
    token = ServiceToken.objects.select_related("client").filter(token_hash=token_hash(text)).first()
    if token is None:
        log.warning("unknown_token", network=actor.network)
        raise TokenRefused
    now = clock.now()
    by = service_actor(token.client, token=token, network=actor.network)
    fault = _token_fault(token, now) or _client_fault(token.client, actor.network)
    if fault:
        _record_refusal(by, token, fault, now)
        raise TokenRefused
    _note_use(by, token, now)
    return by


def _token_fault(token: ServiceToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= now else ""


def _client_fault(client: ServiceClient, network: str | None) -> str:
    state = state_of_client(client)
    if state is not ClientState.OPEN:
        return state.value
    return "" if is_inside(network, tuple(client.networks.split())) else "network"


def _authenticate(actor: Actor, action: ServiceClientAction, presented: Presented) -> ServiceClient:
    """Return the program whose secret this is, from where and while it may. Raises HeldBack, ClientRefused.

    An unknown program takes the same way through here as a known one: the same reads, the same compares.
    """
    place, client_id = network_group(actor.network), client_uuid(presented.client_id)
    network, own = f"service-network:{place}", f"service:{client_id}|{place}"
    charge_attempt(actor=actor, key=network, policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=own, policy=PASSWORD_SOFTLOCK)
    client = ServiceClient.objects.filter(pk=client_id).first()
    secret = _matching(client_id, presented.secret)
    fault = "secret" if client is None or secret is None else _client_fault(client, actor.network)
    if fault or client is None or secret is None:
        _record_failure(actor, action, client, fault, presented.client_id)
        raise ClientRefused
    clear(own)
    refund(network, 1)
    _note_secret(secret)
    return client


def _matching(client_id: UUID, presented: str) -> ServiceSecret | None:
    """Return the secret that was presented. As many are compared as a program can have, whatever it has."""
    given, working = token_hash(presented), working_secrets(client_id)[-MOST_SECRETS:]
    stored = [row.secret_hash for row in working] + [_NO_HASH] * (MOST_SECRETS - len(working))
    right = [compare_digest(known, given) for known in stored]
    return next((row for row, fits in zip(working, right, strict=False) if fits), None)


def _note_secret(secret: ServiceSecret) -> None:
    ServiceSecret.objects.filter(pk=secret.pk).update(used_at=clock.now())


@transaction.atomic
def _record_failure(
    actor: Actor, action: ServiceClientAction, client: ServiceClient | None, fault: str, typed: str
) -> None:
    """Write a refused attempt. What was sent as the id of no program may be a secret, so it is kept apart."""
    append(
        actor=actor,
        action=action,
        subject=client_ref(client) if client else None,
        outcome=EventOutcome.FAILURE,
        details={"fault": fault},
        private={"client": typed[:200]} if client is None and typed else None,
    )


@transaction.atomic
def _record_refusal(by: Actor, token: ServiceToken, fault: str, now: datetime) -> None:
    if token.refused_at is not None and now - token.refused_at < REFUSAL_TOLD_EVERY:
        return
    told = ServiceToken.objects.filter(pk=token.pk, refused_at=token.refused_at).update(refused_at=now)
    if told:
        append(
            actor=by,
            action=ServiceClientAction.USE,
            subject=client_ref(token.client),
            outcome=EventOutcome.DENIED,
            details={"fault": fault, **_scope(token)},
        )


@transaction.atomic
def _note_use(by: Actor, token: ServiceToken, now: datetime) -> None:
    """Remember that the program was here, at most once a minute, and write the first use of the token."""
    client = token.client
    is_first = token.used_at is None
    if not is_first and client.last_used_at and now - client.last_used_at < USE_NOTED_EVERY:
        return
    ServiceClient.objects.filter(pk=client.pk).update(last_used_at=now, last_network=by.network or "")
    if is_first and ServiceToken.objects.filter(pk=token.pk, used_at=None).update(used_at=now):
        append(actor=by, action=ServiceClientAction.USE, subject=client_ref(client), details=_scope(token))


def _scope(token: ServiceToken) -> dict[str, Json]:
    return {"actions": list(token.actions.split())}


@transaction.atomic
def purge_tokens(*, actor: Actor) -> int:
    """Delete tokens that ran out a week ago, and return how many; what was done with them stays in the register."""
    actor.require(PeopleAction.PURGE)
    count, _ = ServiceToken.objects.filter(expires_at__lt=clock.now() - KEPT_FOR).delete()
    if count:
        append(actor=actor, action=PeopleAction.PURGE, details={"tokens": count})
    return count
