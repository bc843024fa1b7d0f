"""What is registered for endpoints, as the looks, the controls and the pages need it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.network.models import Registration, Restriction
from sekisho.network.queries.handshake.certificates import pem_facts
from sekisho.network.queries.sightings import LookedAt, registered, tls_endpoints
from sekisho.network.rules.credentials import ClientIdentity, certificates_in
from sekisho.network.rules.observation import Certificate, StartTls
from sekisho.network.rules.registration import Allowance, counts_on
from sekisho.trust.sealing import unseal


@dataclass(frozen=True, slots=True)
class Registered:
    """What counts today for an endpoint. ``restricted_by`` is set where known devices are told apart otherwise."""

    ca_pem: str | None = None
    server_name: str | None = None
    starttls: StartTls | None = None
    tls12_reason: bool = False
    tls12_until: date | None = None
    allowed_by: str = ""
    restricted_by: str = ""
    changed_at: datetime | None = None
    has_client: bool = False


NOTHING = Registered()


def registrations() -> Mapping[str, Registered]:
    """Return what is registered, by the id of the endpoint."""
    return {str(row.pk): _registered(row) for row in Registration.objects.all()}


def _registered(row: Registration) -> Registered:
    today = clock.now().astimezone(FACILITY_ZONE).date()
    return Registered(
        ca_pem=row.ca_pem or None,
        server_name=row.server_name or None,
        starttls=StartTls(row.starttls) if row.starttls else None,
        tls12_reason=bool(row.tls12_reason and row.allowed_by) and counts_on(row.tls12_until, today),
        tls12_until=row.tls12_until,
        allowed_by=row.allowed_by,
        restricted_by=row.restricted_by if row.allowed_by and row.restriction == Restriction.OTHER else "",
        changed_at=row.changed_at,
        has_client=row.sealed_client_key is not None,
    )


def client_identities(endpoint_ids: Collection[str]) -> Mapping[str, ClientIdentity]:
    """Return the client certificates of these endpoints with their opened keys, for trying them. Raises SealBroken."""
    rows = Registration.objects.filter(pk__in=[UUID(one) for one in endpoint_ids], sealed_client_key__isnull=False)
    return {str(row.pk): ClientIdentity(row.client_certificate_pem, _opened(row)) for row in rows}


def _opened(row: Registration) -> str:
    return unseal(settings.SEAL_KEY, bytes(row.sealed_client_key or b""), client_key_context(row.pk)).decode()


def client_key_context(endpoint_id: UUID) -> str:
    """Return what the sealed key of an endpoint is bound to: moved to another row it opens no more."""
    return f"network.client_key:{endpoint_id}"


def registration_of(endpoint_id: UUID) -> Registration:
    """Return the row of an endpoint, an unsaved one of version 0 where nothing is registered."""
    return Registration.objects.filter(pk=endpoint_id).first() or Registration(pk=endpoint_id)


def allowance_of(row: Registration) -> Allowance:
    """Return what a row says that a manager allowed, whether it still counts or not."""
    return Allowance(row.tls12_reason, row.tls12_until, row.restriction, row.restricted_by)


def endpoint_subject(endpoint_id: UUID) -> Subject:
    """Return an open endpoint. Raises NotFound."""
    found = next((one for one in registered(SubjectKind.ENDPOINT) if one.id == str(endpoint_id)), None)
    if found is None:
        raise NotFound
    return found


def looked_at_endpoints(known: Mapping[str, Registered] | None = None) -> Sequence[LookedAt]:
    """Return the endpoints whose TLS is looked at: what speaks it from the first byte, or turns to it as registered."""
    rows = registrations() if known is None else known
    found = list(tls_endpoints())
    ids = {endpoint.subject.id for endpoint in found}
    turning = [one for one in registered(SubjectKind.ENDPOINT) if rows.get(one.id, NOTHING).starttls]
    return [*found, *(_turning(subject) for subject in turning if subject.id not in ids)]


def _turning(subject: Subject) -> LookedAt:
    return LookedAt(subject, str(subject.facts["host"]), int(subject.facts["port"] or 0), is_http=False)


def facts_of_pem(pem: str) -> Sequence[Certificate]:
    """Return the facts of every certificate in PEM text."""
    return [facts for one in certificates_in(pem) if (facts := pem_facts(one)) is not None]
