"""Reading registered ranges, permits and sweeps."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.search import search_words
from sekisho.network.models import NewestSighting, Probe, RegisteredRange, RequestedSweep, SweepPermit, Zone
from sekisho.network.models.ranges import UNDER_WAY
from sekisho.network.queries.sightings import newest_of, registered
from sekisho.network.rules.sweep import AddressRange, Network, Permit
from sekisho.network.rules.swept import SweepLook, read_sweep

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class RangeRow:
    """An open range with the permit in force and its newest sweep, if there are any."""

    range: RegisteredRange
    permit: SweepPermit | None
    newest: RequestedSweep | None


def network_of(found: RegisteredRange) -> Network:
    """Return the range as a network."""
    return ipaddress.ip_network(found.network)


def address_ranges() -> Sequence[AddressRange]:
    """Return every open range as the rules of sweeping take it."""
    rows = RegisteredRange.objects.filter(closed_at=None)
    return [AddressRange(network_of(row), row.label, row.zone == Zone.MEDICAL) for row in rows]


def get_range(range_id: UUID) -> RegisteredRange:
    """Return a range, open or closed. Raises NotFound."""
    found = RegisteredRange.objects.filter(pk=range_id).first()
    if found is None:
        raise NotFound
    return found


def range_rows(text: str = "", page: int = 1) -> "Page[RegisteredRange]":
    """Return a page of the open ranges whose label, addresses or note hold every word of ``text``."""
    rows = RegisteredRange.objects.filter(closed_at=None).order_by("label", "network")
    words = search_words(text)
    found = [row for row in rows if all(word in f"{row.label} {row.network} {row.note}".casefold() for word in words)]
    return Paginator(found, PAGE_SIZE).get_page(page)


def with_permits(rows: Sequence[RegisteredRange]) -> list[RangeRow]:
    """Return ranges with the permit in force and the newest sweep of each."""
    return [RangeRow(row, permit_in_force(row), newest_sweep(row)) for row in rows]


def permit_in_force(found: RegisteredRange) -> SweepPermit | None:
    """Return the permit that holds now for a range; of several the one that holds longest."""
    return next(iter(permits_in_force(found)), None)


def permits_in_force(found: RegisteredRange) -> Sequence[SweepPermit]:
    """Return the permits that hold now for a range, first the one that holds longest."""
    now = clock.now()
    return list(found.permits.filter(revoked_at=None, since__lte=now, until__gt=now).order_by("-until", "-id"))


def permits_of(found: RegisteredRange) -> Sequence[SweepPermit]:
    """Return every permit of a range, the newest first; fifty are enough to look at."""
    return list(found.permits.order_by("-since", "-id")[:PAGE_SIZE])


def get_permit(permit_id: UUID) -> SweepPermit:
    """Return a permit. Raises NotFound."""
    found = SweepPermit.objects.filter(pk=permit_id).first()
    if found is None:
        raise NotFound
    return found


def as_permit(found: SweepPermit) -> Permit:
    """Return a permit as the rules of sweeping take it."""
    networks = tuple(network_of(row) for row in found.ranges.all())
    return Permit(found.allowed_by, found.reason, networks, found.since, found.until)


def newest_sweep(found: RegisteredRange) -> RequestedSweep | None:
    """Return the sweep of a range that was asked for last."""
    return found.sweeps.select_related("permit").order_by("-requested_at", "-id").first()


def sweeps_of(found: RegisteredRange, page: int = 1) -> "Page[RequestedSweep]":
    """Return a page of the sweeps of a range, the newest first."""
    return Paginator(found.sweeps.select_related("permit").order_by("-requested_at", "-id"), PAGE_SIZE).get_page(page)


def get_sweep(sweep_id: UUID) -> RequestedSweep:
    """Return a sweep with its range and permit. Raises NotFound."""
    found = RequestedSweep.objects.select_related("range", "permit").filter(pk=sweep_id).first()
    if found is None:
        raise NotFound
    return found


def waiting_or_running() -> Sequence[RequestedSweep]:
    """Return the sweeps that have not ended, the oldest first."""
    rows = RequestedSweep.objects.filter(state__in=UNDER_WAY).select_related("range", "permit")
    return list(rows.order_by("requested_at", "id"))


def sweep_look(sweep: RequestedSweep) -> SweepLook | None:
    """Return what a sweep saw, None before it ended or when it saw nothing. Raises Unusable."""
    heads = NewestSighting.objects.filter(probe=Probe.SWEEP, subject_id=str(sweep.pk)).select_related("sighting")
    head = heads.first()
    return newest_of(head.sighting).opened(read_sweep) if head else None


def last_look(found: RegisteredRange) -> tuple[RequestedSweep, SweepLook] | None:
    """Return the newest sweep of a range that saw anything, and what it saw. Raises Unusable."""
    for sweep in found.sweeps.filter(asked__gt=0).order_by("-started_at", "-id")[:PAGE_SIZE]:
        if look := sweep_look(sweep):
            return sweep, look
    return None


def lines() -> Sequence[tuple[str, str]]:
    """Return the open network lines by id and name."""
    return [(subject.id, subject.label) for subject in registered(SubjectKind.LINK)]
