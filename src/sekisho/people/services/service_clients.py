"""Letting programs use the API: one person enters a program, another releases it; its secrets; closing it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.people.actions import ServiceClientAction
from sekisho.people.models import ServiceClient, ServiceSecret
from sekisho.people.queries import account, person, today
from sekisho.people.queries.emergency import is_emergency
from sekisho.people.queries.service_clients import (
    other_releasers,
    same_person,
    state_of_client,
    working_secrets,
)
from sekisho.people.rules.service_clients import (
    LONGEST_OVERLAP,
    LONGEST_PERIOD,
    ClientState,
    read_networks,
)
from sekisho.people.rules.service_errors import (
    AloneWithoutReason,
    BeyondOwnRights,
    ClientInvalid,
    ClientNotReady,
    EmergencyGrants,
    OwnClient,
)
from sekisho.people.services.passkeys import require_proof
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.trust.tokens import new_token, token_hash

SECRET_PREFIX = "sks_"  # noqa: S105  # not a secret: by it a forgotten one is found in files and kept out of logs
_STANDING = (ClientState.WAITING, ClientState.PLANNED, ClientState.OPEN)


@dataclass(frozen=True, slots=True)
class ClientData:
    """A program as entered: ``actions`` are ids of what it may do, ``networks`` a list of CIDR blocks as typed."""

    name: str
    purpose: str
    responsible: UUID
    department: UUID
    system: UUID
    actions: tuple[str, ...]
    networks: str
    starts_on: date
    ends_on: date


def client_ref(client: ServiceClient) -> SubjectRef:
    """Return how the register names a program."""
    return SubjectRef("service_client", str(client.pk), client.name)


@transaction.atomic
def enter_client(*, actor: Actor, data: ClientData) -> ServiceClient:
    """Enter a program; it works only once somebody else released it.

    Raises Forbidden, BeyondOwnRights, EmergencyGrants, ClientInvalid, NetworksInvalid, NotFound, Conflict.
    """
    actor.require(ServiceClientAction.ENTER)
    _refuse_emergency(actor)
    networks = read_networks(data.networks)
    _require_sound(data)
    _require_own_rights(actor, data.actions)
    client = ServiceClient.objects.create(
        name=data.name.strip(),
        purpose=data.purpose.strip(),
        responsible=person(data.responsible),
        department_id=data.department,
        system_id=data.system,
        actions=" ".join(sorted(set(data.actions))),
        networks=" ".join(networks),
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        entered_at=clock.now(),
        entered_by=actor.id,
        entered_by_name=actor.name,
    )
    append(
        actor=actor,
        action=ServiceClientAction.ENTER,
        subject=client_ref(client),
        reason=client.purpose,
        details=_promised(client),
    )
    return client


def _require_sound(data: ClientData) -> None:
    require_visible(data.name, data.purpose)
    if not says_something(data.name):
        raise ClientInvalid(field="name", reason=_("The name is missing."))
    if not says_something(data.purpose):
        raise ClientInvalid(field="purpose", reason=_("Write what the program does with what it reads or writes."))
    if not data.actions:
        raise ClientInvalid(field="actions", reason=_("Choose at least one action."))
    if not max(data.starts_on, today()) <= data.ends_on <= data.starts_on + LONGEST_PERIOD:
        raise ClientInvalid(field="ends_on", reason=_("The end lies between today and a year after the beginning."))
    if ServiceClient.objects.filter(name=data.name.strip(), closed_at=None).exists():
        raise ClientInvalid(field="name", reason=_("Another program has this name. Close that one first."))


def _require_own_rights(actor: Actor, actions: tuple[str, ...]) -> None:
    """Raise BeyondOwnRights unless the actor may do each of ``actions`` too: nobody hands on what they have not."""
    for name in actions:
        action = registry.current().action(name)
        if action is None or not actor.may(action):
            raise BeyondOwnRights(action=name, action_title=action.label if action else name, field="actions")


def _promised(client: ServiceClient) -> dict[str, Json]:
    return {
        "responsible": client.responsible.name,
        "actions": list(client.actions.split()),
        "networks": list(client.networks.split()),
        "from": client.starts_on.isoformat(),
        "until": client.ends_on.isoformat(),
    }


@transaction.atomic
def release_client(*, actor: Actor, client_id: UUID, reason: str = "") -> ServiceClient:
    """Let a program in that somebody else entered; alone in the house, with a reason also one's own.

    Raises Forbidden, EmergencyGrants, NotFound, ClientNotReady, OwnClient, AloneWithoutReason, BeyondOwnRights.
    """
    actor.require(ServiceClientAction.RELEASE)
    _refuse_emergency(actor)
    client = _locked(client_id)
    _require_state(client, ClientState.WAITING)
    is_own = same_person(actor.id, client.entered_by)
    if is_own:
        _require_alone(actor, reason)
    _require_own_rights(actor, tuple(client.actions.split()))
    client.released_at, client.released_by_name, client.release_reason = clock.now(), actor.name, reason.strip()
    client.save(update_fields=["released_at", "released_by_name", "release_reason"])
    details: dict[str, Json] = {**_promised(client), "alone": is_own}
    append(actor=actor, action=ServiceClientAction.RELEASE, subject=client_ref(client), reason=reason, details=details)
    return client


def _require_alone(actor: Actor, reason: str) -> None:
    names = other_releasers(actor.id)
    if names:
        raise OwnClient(names=", ".join(names[:5]))
    if not says_something(reason):
        raise AloneWithoutReason(field="reason")


@transaction.atomic
def make_secret(
    *, actor: Actor, client_id: UUID, overlap_hours: int, proved_at: datetime | None
) -> tuple[ServiceSecret, str]:
    """Make a secret; return it with its text, which is nowhere else and never shown again.

    One that works already goes on for ``overlap_hours``, so that the program can be changed meanwhile; of two only
    the younger does. ``proved_at`` is when the session last showed a second factor.
    Raises Forbidden, ProofNeeded, EmergencyGrants, NotFound, ClientNotReady, ClientInvalid.
    """
    actor.require(ServiceClientAction.MAKE_SECRET)
    require_proof(proved_at)
    _refuse_emergency(actor)
    client = _locked(client_id)
    _require_state(client, ClientState.PLANNED, ClientState.OPEN)
    if not timedelta(0) <= timedelta(hours=overlap_hours) <= LONGEST_OVERLAP:
        raise ClientInvalid(field="overlap_hours", reason=_("The old secret works on for at most a week."))
    now = clock.now()
    until = now + timedelta(hours=overlap_hours)
    _end_older(client, until)
    text = f"{SECRET_PREFIX}{new_token()}"
    secret = ServiceSecret.objects.create(client=client, secret_hash=token_hash(text), made_at=now, made_by=actor.name)
    details = {"secret": str(secret.pk), "earlier_until": until.isoformat()}
    append(actor=actor, action=ServiceClientAction.MAKE_SECRET, subject=client_ref(client), details=details)
    return secret, text


def _end_older(client: ServiceClient, until: datetime) -> None:
    """Let the youngest working secret go on until ``until`` at the longest, and end all others now."""
    working, now = working_secrets(client.pk), clock.now()
    for secret in working:
        secret.ends_at = min(secret.ends_at or until, until) if secret is working[-1] else now
        secret.save(update_fields=["ends_at"])


@transaction.atomic
def end_secret(*, actor: Actor, client_id: UUID, secret_id: UUID) -> ServiceClient:
    """End a secret now, with every token of the program: somebody else may know it.

    Raises Forbidden, NotFound.
    """
    actor.require(ServiceClientAction.END_SECRET)
    client = _locked(client_id)
    for secret in working_secrets(client.pk):
        if secret.pk == secret_id:
            secret.ends_at = clock.now()
            secret.save(update_fields=["ends_at"])
            details: dict[str, Json] = {"secret": str(secret_id), "tokens": end_tokens(client)}
            append(actor=actor, action=ServiceClientAction.END_SECRET, subject=client_ref(client), details=details)
            return client
    raise NotFound


@transaction.atomic
def close_client(*, actor: Actor, client_id: UUID, reason: str) -> ServiceClient:
    """Close the API to a program for good, at once: its secrets and tokens end with it.

    Raises Forbidden, NotFound, ClientNotReady.
    """
    actor.require(ServiceClientAction.CLOSE)
    client = _locked(client_id)
    _require_state(client, *_STANDING, ClientState.OVER)
    now = clock.now()
    client.closed_at, client.closed_by_name, client.close_reason = now, actor.name, reason.strip()
    client.save(update_fields=["closed_at", "closed_by_name", "close_reason"])
    for secret in working_secrets(client.pk):
        secret.ends_at = now
        secret.save(update_fields=["ends_at"])
    details = {"tokens": end_tokens(client)}
    append(actor=actor, action=ServiceClientAction.CLOSE, subject=client_ref(client), reason=reason, details=details)
    return client


def end_tokens(client: ServiceClient) -> int:
    """End every token of a program inside the caller's transaction; return how many there were."""
    now = clock.now()
    return client.tokens.filter(revoked_at=None, expires_at__gt=now).update(revoked_at=now)


def _locked(client_id: UUID) -> ServiceClient:
    rows = ServiceClient.objects.select_related("responsible").select_for_update(of=("self",))
    client = rows.filter(pk=client_id).first()
    if client is None:
        raise NotFound
    return client


def _require_state(client: ServiceClient, *states: ClientState) -> None:
    state = state_of_client(client)
    if state not in states:
        raise ClientNotReady(state=state.label)


def _refuse_emergency(actor: Actor) -> None:
    """An emergency account is nobody in particular: with it one person could be both pairs of eyes."""
    user = account(actor.id)
    if user is not None and is_emergency(user):
        raise EmergencyGrants
