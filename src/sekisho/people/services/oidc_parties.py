"""Letting applications take our sign-in: one person enters one, another releases it; its secrets; its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.people.actions import RelyingAction
from sekisho.people.errors.oidc import EmergencyLetsIn, OwnParty, PartyAloneWithoutReason, PartyInvalid, PartyNotReady
from sekisho.people.models import PartyKind, RelyingParty, RelyingSecret
from sekisho.people.queries import account, person
from sekisho.people.queries.emergency import is_emergency
from sekisho.people.queries.oidc import keeps_secret, party_secrets, state_of_party
from sekisho.people.queries.service_clients import other_releasers, same_person
from sekisho.people.rules.oidc import LEVELS, SCOPES, PartyState, read_addresses
from sekisho.people.rules.service_clients import LONGEST_OVERLAP
from sekisho.people.services.oidc import party_ref
from sekisho.people.services.oidc_keys import ALGORITHMS, ensure_key
from sekisho.people.services.passkeys import require_proof
from sekisho.register.services import append
from sekisho.trust.tokens import new_token, token_hash

SECRET_PREFIX = "sks_"  # noqa: S105  # not a secret: by it a forgotten one is found in files and kept out of logs


@dataclass(frozen=True, slots=True)
class PartyData:
    """An application as entered; the addresses as typed, one a line, ``roles`` and ``scopes`` by their ids."""

    name: str
    purpose: str
    responsible: UUID
    system: UUID
    kind: str
    redirects: str
    roles: tuple[str, ...]
    by_ledger: bool = True
    assurance: int = 2
    algorithm: str = "RS256"
    scopes: tuple[str, ...] = ()
    logout_redirects: str = ""
    logout_notice: str = ""


@transaction.atomic
def enter_party(*, actor: Actor, data: PartyData) -> RelyingParty:
    """Enter an application; it works only once somebody else released it.

    Raises Forbidden, EmergencyLetsIn, PartyInvalid, AddressesInvalid, NotFound, Conflict.
    """
    actor.require(RelyingAction.ENTER)
    _refuse_emergency(actor)
    _require_sound(data)
    party = RelyingParty.objects.create(
        name=data.name.strip(),
        purpose=data.purpose.strip(),
        responsible=person(data.responsible),
        system_id=data.system,
        kind=data.kind,
        roles=" ".join(sorted(set(data.roles))),
        by_ledger=data.by_ledger,
        assurance=data.assurance,
        algorithm=data.algorithm,
        scopes=" ".join(scope for scope in SCOPES if scope in data.scopes),
        entered_at=clock.now(),
        entered_by=actor.id,
        entered_by_name=actor.name,
        **_addresses(data),
    )
    append(
        actor=actor,
        action=RelyingAction.ENTER,
        subject=party_ref(party),
        reason=party.purpose,
        details=_promised(party),
    )
    return party


def _addresses(data: PartyData) -> dict[str, str]:
    """Return the addresses in the form they are stored in. Raises AddressesInvalid, PartyInvalid."""
    loopback = data.kind == PartyKind.PUBLIC
    redirects = read_addresses(data.redirects, field="redirects", loopback=loopback)
    if not redirects:
        raise PartyInvalid(field="redirects", reason=_("Without an address nobody can be led back to the application."))
    after = read_addresses(data.logout_redirects, field="logout_redirects", loopback=loopback)
    notice = read_addresses(data.logout_notice, field="logout_notice")
    if len(notice) > 1:
        raise PartyInvalid(field="logout_notice", reason=_("Only one address is told of the end of sessions."))
    return {"redirects": "\n".join(redirects), "logout_redirects": "\n".join(after), "logout_notice": "".join(notice)}


def _require_sound(data: PartyData) -> None:
    require_visible(data.name, data.purpose)
    if not says_something(data.name):
        raise PartyInvalid(field="name", reason=_("The name is missing."))
    if not says_something(data.purpose):
        raise PartyInvalid(field="purpose", reason=_("Write what the application is used for."))
    if not data.roles or not set(data.roles) <= {role.value for role in GRANTABLE}:
        raise PartyInvalid(field="roles", reason=_("Choose at least one role; without it nobody may sign in there."))
    chosen = (data.kind in PartyKind.values, data.algorithm in ALGORITHMS, data.assurance in LEVELS)
    if not all(chosen):
        raise PartyInvalid(field="kind", reason=_("Choose one of what is offered."))
    if RelyingParty.objects.filter(name=data.name.strip(), closed_at=None).exists():
        raise PartyInvalid(field="name", reason=_("Another application has this name. Close that one first."))


def _promised(party: RelyingParty) -> dict[str, Json]:
    return {
        "kind": party.kind,
        "redirects": list(party.redirects.split()),
        "logout_notice": party.logout_notice,
        "roles": list(party.roles.split()),
        "by_ledger": party.by_ledger,
        "assurance": party.assurance,
        "scopes": list(party.scopes.split()),
    }


@transaction.atomic
def release_party(*, actor: Actor, party_id: UUID, reason: str = "") -> RelyingParty:
    """Let an application in that somebody else entered; alone in the house, with a reason also one's own.

    Raises Forbidden, EmergencyLetsIn, NotFound, PartyNotReady, OwnParty, PartyAloneWithoutReason.
    """
    actor.require(RelyingAction.RELEASE)
    _refuse_emergency(actor)
    party = _locked(party_id)
    _require(party, PartyState.WAITING)
    is_own = same_person(actor.id, party.entered_by)
    if is_own:
        _require_alone(actor, reason)
    party.released_at, party.released_by_name, party.release_reason = clock.now(), actor.name, reason.strip()
    party.save(update_fields=["released_at", "released_by_name", "release_reason"])
    key = ensure_key(party.algorithm)
    details: dict[str, Json] = {**_promised(party), "alone": is_own, "key": str(key.pk) if key else ""}
    append(actor=actor, action=RelyingAction.RELEASE, subject=party_ref(party), reason=reason, details=details)
    return party


def _require_alone(actor: Actor, reason: str) -> None:
    names = other_releasers(actor.id)  # whoever releases programs releases applications
    if names:
        raise OwnParty(names=", ".join(names[:5]))
    if not says_something(reason):
        raise PartyAloneWithoutReason(field="reason")


@transaction.atomic
def make_party_secret(
    *, actor: Actor, party_id: UUID, overlap_hours: int, proved_at: datetime | None
) -> tuple[RelyingSecret, str]:
    """Make a secret; return it with its text, which is nowhere else and never shown again.

    One that works already goes on for ``overlap_hours``; of two only the younger does. ``proved_at`` is when the
    session last showed a second factor. Raises Forbidden, ProofNeeded, EmergencyLetsIn, NotFound, PartyNotReady,
    PartyInvalid.
    """
    actor.require(RelyingAction.MAKE_SECRET)
    require_proof(proved_at)
    _refuse_emergency(actor)
    party = _locked(party_id)
    _require(party, PartyState.OPEN)
    if not keeps_secret(party):
        raise PartyNotReady
    if not timedelta(0) <= timedelta(hours=overlap_hours) <= LONGEST_OVERLAP:
        raise PartyInvalid(field="overlap_hours", reason=_("The old secret works on for at most a week."))
    now = clock.now()
    until = now + timedelta(hours=overlap_hours)
    working = party_secrets(party.pk)
    for secret in working:
        secret.ends_at = min(secret.ends_at or until, until) if secret is working[-1] else now
        secret.save(update_fields=["ends_at"])
    text = f"{SECRET_PREFIX}{new_token()}"
    made = RelyingSecret.objects.create(party=party, secret_hash=token_hash(text), made_at=now, made_by=actor.name)
    details = {"secret": str(made.pk), "earlier_until": until.isoformat()}
    append(actor=actor, action=RelyingAction.MAKE_SECRET, subject=party_ref(party), details=details)
    return made, text


@transaction.atomic
def end_party_secret(*, actor: Actor, party_id: UUID, secret_id: UUID) -> RelyingParty:
    """End a secret now, with every token of the application: somebody else may know it. Raises Forbidden, NotFound."""
    actor.require(RelyingAction.END_SECRET)
    party = _locked(party_id)
    for secret in party_secrets(party.pk):
        if secret.pk == secret_id:
            secret.ends_at = clock.now()
            secret.save(update_fields=["ends_at"])
            details: dict[str, Json] = {"secret": str(secret_id), "sign_ins": _end_sign_ins(party)}
            append(actor=actor, action=RelyingAction.END_SECRET, subject=party_ref(party), details=details)
            return party
    raise NotFound


@transaction.atomic
def close_party(*, actor: Actor, party_id: UUID, reason: str) -> RelyingParty:
    """Close our sign-in to an application for good, at once. Raises Forbidden, NotFound, PartyNotReady."""
    actor.require(RelyingAction.CLOSE)
    party = _locked(party_id)
    _require(party, PartyState.WAITING, PartyState.OPEN)
    now = clock.now()
    party.closed_at, party.closed_by_name, party.close_reason = now, actor.name, reason.strip()
    party.save(update_fields=["closed_at", "closed_by_name", "close_reason"])
    RelyingSecret.objects.filter(pk__in=[secret.pk for secret in party_secrets(party.pk)]).update(ends_at=now)
    details = {"sign_ins": _end_sign_ins(party)}
    append(actor=actor, action=RelyingAction.CLOSE, subject=party_ref(party), reason=reason, details=details)
    return party


def _end_sign_ins(party: RelyingParty) -> int:
    """End what the application holds of sign-ins; return how many there were."""
    now = clock.now()
    return party.sign_ins.filter(revoked_at=None, token_ends_at__gt=now).update(revoked_at=now)


def _locked(party_id: UUID) -> RelyingParty:
    party = RelyingParty.objects.select_for_update(of=("self",)).filter(pk=party_id).first()
    if party is None:
        raise NotFound
    return party


def _require(party: RelyingParty, *states: PartyState) -> None:
    if state_of_party(party) not in states:
        raise PartyNotReady


def _refuse_emergency(actor: Actor) -> None:
    """An emergency account is nobody in particular: with it one person could be both pairs of eyes."""
    user = account(actor.id)
    if user is not None and is_emergency(user):
        raise EmergencyLetsIn
