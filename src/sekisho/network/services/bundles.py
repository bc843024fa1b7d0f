"""Taking over what was seen from elsewhere: signed, each bundle once, all of the files or none of them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.ports import Subject
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import (
    AddressNotRegistered,
    BundleNotGenuine,
    BundleOutOfTime,
    BundleReplayed,
    OtherServer,
    ProbeNotCarried,
    TicketUnknown,
    TicketWithdrawn,
)
from sekisho.network.models import CollectedBundle, CollectionTicket, Probe, Vantage
from sekisho.network.queries.registration import NOTHING, Registered, registrations
from sekisho.network.queries.tickets import endpoints_by_address
from sekisho.network.queries.tls_scan import sni_name
from sekisho.network.rules.bundle import (
    LARGEST_BUNDLE,
    PAYLOAD_TYPE,
    TOLERANCE,
    Bundle,
    BundleUnreadable,
    one_form,
    read_bundle,
)
from sekisho.network.rules.looks import HostLook, is_in_time
from sekisho.network.rules.observation import Asked, MutualObservation, Observation
from sekisho.network.rules.reached import normal
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.trust.dsse import Envelope, EnvelopeBroken, SignatureBroken, read_envelope, verify

# What may be carried. Not the clocks: how far a clock is off was measured against the clock of the machine that looked.
_Observed = Observation | MutualObservation | HostLook
_CARRIED: Mapping[str, TypeAdapter[Any]] = {
    Probe.TLS: TypeAdapter(Observation),
    Probe.MUTUAL_TLS: TypeAdapter(MutualObservation),
    Probe.EXPOSURE: TypeAdapter(HostLook),
}


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file that was brought here: its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """A bundle that may be taken over. ``document`` is the observation as it is kept, ``sha256`` of the payload."""

    name: str
    bundle: Bundle
    ticket: CollectionTicket
    sha256: str
    subjects: tuple[Subject, ...]
    document: bytes
    envelope: bytes

    @property
    def seen_from(self) -> str:
        """From where it was looked, as people read it."""
        return str(Vantage(self.ticket.vantage).label)

    @property
    def place(self) -> tuple[str, str]:
        """What is kept together: the way of looking, and from where."""
        return self.bundle.probe, self.ticket.vantage


@transaction.atomic
def import_bundles(*, actor: Actor, files: Sequence[BundleFile], dry_run: bool = False) -> Sequence[Carried]:
    """Take over every file, or with ``dry_run`` only say what would be. Returns what the files hold.

    Raises Forbidden, BundleUnreadable, TicketUnknown, TicketWithdrawn, BundleNotGenuine, BundleOutOfTime,
    BundleReplayed, AddressNotRegistered, ProbeNotCarried, OtherServer; then nothing at all was taken over.
    """
    actor.require(NetworkAction.IMPORT_BUNDLES)
    envelopes = [(file, _envelope(file)) for file in files]
    tickets, endpoints = _locked(envelope.key_id for _file, envelope in envelopes), endpoints_by_address()
    carried = [_open(file, envelope, tickets, endpoints) for file, envelope in envelopes]
    _refuse_replay(carried)
    if not dry_run:
        _keep(actor, carried)
        for ticket, bundles in _by_ticket(carried):
            details: dict[str, Json] = {"bundles": [one.sha256 for one in bundles], "vantage": ticket.vantage}
            subject = SubjectRef("collection_ticket", str(ticket.pk), str(Vantage(ticket.vantage).label))
            append(actor=actor, action=NetworkAction.IMPORT_BUNDLES, subject=subject, details=details)
    return carried


def _envelope(file: BundleFile) -> Envelope:
    if len(file.data) > LARGEST_BUNDLE:
        raise BundleUnreadable(name=file.name, reason=f"> {LARGEST_BUNDLE // 2**20} MiB")
    try:
        return read_envelope(file.data)
    except EnvelopeBroken as error:
        raise BundleUnreadable(name=file.name, reason=error.text) from error


def _locked(ids: Iterable[str]) -> Mapping[str, CollectionTicket]:
    """Return the tickets of these ids, locked to the end: two imports of one bundle wait for each other."""
    wanted = {one for one in ids if _is_id(one)}
    rows = CollectionTicket.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    return {str(row.pk): row for row in rows}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _open(
    file: BundleFile,
    envelope: Envelope,
    tickets: Mapping[str, CollectionTicket],
    endpoints: Mapping[str, Sequence[Subject]],
) -> Carried:
    """Return what an envelope holds, once its signature and everything it says were found right."""
    ticket = tickets.get(envelope.key_id)
    if ticket is None:
        raise TicketUnknown(name=file.name)
    try:
        payload = verify(envelope, bytes.fromhex(ticket.public_key), PAYLOAD_TYPE)
    except SignatureBroken as error:
        raise BundleNotGenuine(name=file.name) from error
    if ticket.withdrawn_at is not None:
        raise TicketWithdrawn(name=file.name, by=ticket.withdrawn_by)
    bundle = read_bundle(file.name, payload)
    if bundle.ticket != str(ticket.pk):
        raise BundleNotGenuine(name=file.name)
    _require_time(file.name, bundle.observed_at, ticket)
    subjects = endpoints.get(bundle.address, ())
    if not subjects or bundle.address not in json.loads(ticket.addresses):
        raise AddressNotRegistered(name=file.name, address=bundle.address)
    seen = _seen(file.name, bundle)
    meant = _meant(file.name, seen, subjects)
    digest, document = hashlib.sha256(payload).hexdigest(), _CARRIED[bundle.probe].dump_json(seen)
    return Carried(file.name, bundle, ticket, digest, meant, document, file.data)


def _require_time(name: str, observed_at: datetime, ticket: CollectionTicket) -> None:
    """Seen while the ticket was valid and not in the future, and brought back before it ran out."""
    now = clock.now()
    seen_in_time = ticket.issued_at - TOLERANCE <= observed_at <= min(ticket.valid_until, now + TOLERANCE)
    if not seen_in_time or now > ticket.valid_until:
        moments = {"observed": observed_at, "since": ticket.issued_at, "until": ticket.valid_until}
        words = {key: f"{moment.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}" for key, moment in moments.items()}
        raise BundleOutOfTime(name=name, **words)


def _seen(name: str, bundle: Bundle) -> _Observed:
    """Return the observation: of the right form, about the address that the bundle names, and not of another time."""
    adapter = _CARRIED.get(bundle.probe)
    if adapter is None:
        raise ProbeNotCarried(name=name, probe=bundle.probe)
    try:
        seen: _Observed = adapter.validate_json(json.dumps(bundle.observation))
    except ValidationError as error:
        raise BundleUnreadable(name=name, reason=f"observation, Sekisho {bundle.version}") from error
    if one_form(seen.host, seen.port) != bundle.address:
        raise BundleUnreadable(name=name, reason=f"{seen.host}:{seen.port} ≠ {bundle.address}")
    if isinstance(seen, HostLook) and not is_in_time(seen, bundle.observed_at):
        raise BundleUnreadable(name=name, reason="since")
    return seen


def _meant(name: str, seen: _Observed, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """Return the endpoints of the address that the observation speaks of.

    Behind one address there may be many servers: it is the one that is registered now, by its name and the protocol in
    which it turns to TLS, or the observation is none of an endpoint.
    """
    if isinstance(seen, HostLook):
        return tuple(subjects)
    known = registrations()
    meant = tuple(one for one in subjects if _asked(seen) == _to_ask(one, known.get(one.id, NOTHING)))
    if not meant:
        server, starttls = _asked(seen)
        raise OtherServer(name=name, server=server or "-", starttls=starttls or "-")
    return meant


def _asked(seen: Asked) -> tuple[str, str | None]:
    return normal(seen.server_name or ""), seen.starttls


def _to_ask(endpoint: Subject, known: Registered) -> tuple[str, str | None]:
    """Return the server name and the protocol with which a look at an endpoint begins."""
    return normal(known.server_name or sni_name(str(endpoint.facts["host"])) or ""), known.starttls


def _refuse_replay(carried: Sequence[Carried]) -> None:
    known = set(CollectedBundle.objects.filter(pk__in=[one.sha256 for one in carried]).values_list("pk", flat=True))
    for one in carried:
        if one.sha256 in known:
            raise BundleReplayed(name=one.name)
        known.add(one.sha256)


def _keep(actor: Actor, carried: Sequence[Carried]) -> None:
    """Store the bundles as they came, then what they hold: one after another, in the order in which it was seen."""
    now = clock.now()
    CollectedBundle.objects.bulk_create(
        CollectedBundle(
            sha256=one.sha256,
            ticket=one.ticket,
            envelope=one.envelope.decode("ascii"),
            version=one.bundle.version,
            received_at=now,
        )
        for one in carried
    )
    in_order = sorted(carried, key=lambda one: (one.place, one.bundle.observed_at, one.sha256))
    for (probe, vantage), together in groupby(in_order, key=lambda one: one.place):
        seen = [
            Seen(subject.id, subject.label, one.bundle.observed_at, one.document, one.sha256)
            for one in together
            for subject in one.subjects
        ]
        keep_sightings(actor=actor, probe=Probe(probe), seen=seen, vantage=Vantage(vantage))


def _by_ticket(carried: Sequence[Carried]) -> Iterable[tuple[CollectionTicket, Sequence[Carried]]]:
    """Yield each ticket, marked as used, with its bundles."""
    in_order = sorted(carried, key=lambda one: (str(one.ticket.pk), one.bundle.observed_at, one.sha256))
    for _pk, together in groupby(in_order, key=lambda one: one.ticket.pk):
        bundles = list(together)
        ticket = bundles[0].ticket
        if ticket.used_at is None:
            ticket.used_at = clock.now()
            ticket.save(update_fields=["used_at"])
        yield ticket, bundles
