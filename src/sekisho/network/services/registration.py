"""Registering what is needed to look at an endpoint. Nothing of a private key ever leaves the sealed column."""

from dataclasses import fields
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import Conflict
from sekisho.network.actions import NetworkAction
from sekisho.network.models import Registration
from sekisho.network.queries.registration import allowance_of, client_key_context, endpoint_subject, facts_of_pem
from sekisho.network.rules.credentials import read_authorities, read_client_identity
from sekisho.network.rules.registration import Allowance, Particulars, tidy, tidy_allowance
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append
from sekisho.trust.sealing import seal


@transaction.atomic
def register_endpoint(
    *,
    actor: Actor,
    endpoint_id: UUID,
    version: int,
    given: Particulars,
    authorities: bytes | None = None,
    without_authorities: bool = False,
) -> None:
    """Register how an endpoint is looked at, over ``version`` of what stands there (0: nothing yet).

    ``authorities`` is a file of certificates that replaces those registered; ``without_authorities`` drops them.
    Raises Forbidden, NotFound, Conflict, CredentialRefused, RegistrationInvalid.
    """
    actor.require(NetworkAction.REGISTER_ENDPOINT)
    endpoint = endpoint_subject(endpoint_id)
    row = _locked(endpoint_id, version)
    before = _public(row)
    _fill(row, tidy(given, protocol=str(endpoint.facts["protocol"])))
    if without_authorities:
        row.ca_pem = ""
    if authorities:
        row.ca_pem = read_authorities(authorities)
    _save(row)
    subject = SubjectRef("endpoint", endpoint.id, endpoint.label)
    details: dict[str, Json] = {"changes": changes(before, _public(row))}
    append(actor=actor, action=NetworkAction.REGISTER_ENDPOINT, subject=subject, details=details)


@transaction.atomic
def allow_exception(*, actor: Actor, endpoint_id: UUID, version: int, given: Allowance) -> None:
    """Allow an endpoint what turns a broken rule into a kept one, by the acting manager; or take it back.

    Raises Forbidden, NotFound, Conflict, RegistrationInvalid.
    """
    actor.require(NetworkAction.ALLOW_EXCEPTION)
    endpoint = endpoint_subject(endpoint_id)
    row = _locked(endpoint_id, version)
    before = _public(row)
    now = clock.now()
    found = tidy_allowance(given, allowance_of(row), today=now.astimezone(FACILITY_ZONE).date())
    _fill(row, found)
    row.allowed_by, row.allowed_by_id, row.allowed_at = "", "", None
    if found != Allowance():
        row.allowed_by, row.allowed_by_id, row.allowed_at = actor.name, actor.id, now
    # How it is looked at stays, so nothing has to be looked at anew.
    row.version += 1
    row.save()
    subject = SubjectRef("endpoint", endpoint.id, endpoint.label)
    details: dict[str, Json] = {"changes": changes(before, _public(row))}
    append(actor=actor, action=NetworkAction.ALLOW_EXCEPTION, subject=subject, details=details)


@transaction.atomic
def register_client_certificate(
    *, actor: Actor, endpoint_id: UUID, version: int, certificate: bytes, key: bytes = b"", password: str = ""
) -> None:
    """Register the client certificate that an endpoint is tried with: PKCS #12, or PEM with its key.

    The key is stored sealed. Raises Forbidden, NotFound, Conflict, CredentialRefused.
    """
    actor.require(NetworkAction.REGISTER_CLIENT_CERTIFICATE)
    endpoint = endpoint_subject(endpoint_id)
    row = _locked(endpoint_id, version)
    before = _public(row)
    identity = read_client_identity(certificate, key, password, clock.now())
    row.client_certificate_pem = identity.certificate_pem
    row.sealed_client_key = seal(settings.SEAL_KEY, identity.key_pem.encode(), client_key_context(endpoint_id))
    _save(row)
    subject = SubjectRef("endpoint", endpoint.id, endpoint.label)
    details: dict[str, Json] = {"changes": changes(before, _public(row))}
    append(actor=actor, action=NetworkAction.REGISTER_CLIENT_CERTIFICATE, subject=subject, details=details)


@transaction.atomic
def remove_client_certificate(*, actor: Actor, endpoint_id: UUID, version: int) -> None:
    """Forget the client certificate and its key. Raises Forbidden, NotFound, Conflict."""
    actor.require(NetworkAction.REMOVE_CLIENT_CERTIFICATE)
    endpoint = endpoint_subject(endpoint_id)
    row = _locked(endpoint_id, version)
    before = _public(row)
    row.client_certificate_pem, row.sealed_client_key = "", None
    _save(row)
    subject = SubjectRef("endpoint", endpoint.id, endpoint.label)
    details: dict[str, Json] = {"changes": changes(before, _public(row))}
    append(actor=actor, action=NetworkAction.REMOVE_CLIENT_CERTIFICATE, subject=subject, details=details)


def _locked(endpoint_id: UUID, version: int) -> Registration:
    """Return the row, made where there was none, and held. Raises Conflict unless it still has ``version``."""
    fresh = Registration(pk=endpoint_id, version=0, changed_at=clock.now())
    Registration.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Registration.objects.select_for_update().get(pk=endpoint_id)
    if row.version != version:
        raise Conflict
    return row


def _save(row: Registration) -> None:
    row.version += 1
    row.changed_at = clock.now()
    row.save()


def _fill(row: Registration, found: Particulars | Allowance) -> None:
    for field in fields(found):
        setattr(row, field.name, getattr(found, field.name))


def _public(row: Registration) -> dict[str, Json]:
    """Return what the register may say of a row: of certificates their fingerprints, of the key nothing."""
    client = facts_of_pem(row.client_certificate_pem)[:1]
    return {
        "server_name": row.server_name or None,
        "starttls": row.starttls or None,
        "tls12_reason": row.tls12_reason or None,
        "tls12_until": row.tls12_until.isoformat() if row.tls12_until else None,
        "restriction": row.restriction,
        "restricted_by": row.restricted_by or None,
        "allowed_by": row.allowed_by or None,
        "authorities": [facts.fingerprint for facts in facts_of_pem(row.ca_pem)] or None,
        "client_certificate": client[0].fingerprint if client else None,
    }
