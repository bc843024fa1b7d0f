"""Registering ranges of addresses, and the leave to sweep them."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.wording import require_visible, says_something
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import PermitLength, PermitRevoked, RangeClosed, RangeInvalid, RangeKnown
from sekisho.network.models import RegisteredRange, SweepPermit, Zone
from sekisho.network.queries.ranges import address_ranges, as_permit, get_permit, get_range, lines, network_of
from sekisho.network.rules.sweep import (
    Network,
    RangeNotOwn,
    check_zones,
    has_scope,
    is_own,
    is_second_name,
    overlap,
)
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LONGEST_PERMIT = timedelta(days=31)


@transaction.atomic
def register_range(
    *, actor: Actor, network: str, label: str, zone: Zone, line: str = "", note: str = ""
) -> RegisteredRange:
    """Take in a range of addresses (CIDR); ``line`` is the id of a network line.

    Raises RangeInvalid, RangeNotOwn, RangeKnown.
    """
    actor.require(NetworkAction.REGISTER_RANGE)
    require_visible(label, note)
    found = _network(network, zone)
    if line and line not in dict(lines()):
        raise InvalidInput(field="line")
    row = RegisteredRange(
        network=str(found),
        label=_said(label, "label"),
        zone=Zone(zone),
        line=UUID(line) if line else None,
        note=note.strip(),
        registered_at=clock.now(),
        registered_by=actor.name,
    )
    RegisteredRange.objects.bulk_create([row], ignore_conflicts=True)
    if not RegisteredRange.objects.filter(pk=row.pk).exists():
        raise RangeKnown(field="network", network=found)
    details: dict[str, Json] = {"network": row.network, "zone": row.zone, "line": line or None}
    append(actor=actor, action=NetworkAction.REGISTER_RANGE, subject=range_ref(row), details=details)
    return row


def _network(text: str, zone: Zone) -> Network:
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise RangeInvalid(field="network", text=text) from error
    if network.prefixlen == 0 or network.is_multicast:
        raise RangeInvalid(field="network", text=text)
    # A zone that is never swept may have public addresses; but every device has one name by which it is protected.
    protected = zone == Zone.MEDICAL and not has_scope(network) and not is_second_name(network)
    if not protected and not is_own(network):
        raise RangeNotOwn(field="network", network=network)
    return network


def _said(text: str, field: str) -> str:
    if not says_something(text):
        raise InvalidInput(field=field)
    return text.strip()


@transaction.atomic
def close_range(*, actor: Actor, range_id: UUID, reason: str) -> RegisteredRange:
    """Close a range; a sweep under way ends. With a medical zone go the permits of ranges that it touches.

    So nothing is swept there until a manager allows it anew. Raises Forbidden, NotFound, RangeClosed.
    """
    actor.require(NetworkAction.CLOSE_RANGE)
    require_visible(reason)
    found = get_range(range_id)
    closed = {"closed_at": clock.now(), "closed_by": actor.name, "closed_reason": _said(reason, "reason")}
    if not RegisteredRange.objects.filter(pk=range_id, closed_at=None).update(**closed):
        raise RangeClosed(network=found.network)
    append(actor=actor, action=NetworkAction.CLOSE_RANGE, subject=range_ref(found), reason=reason)
    if found.zone == Zone.MEDICAL:
        for permit in _permits_touching(network_of(found)):
            _revoke(actor, permit, reason)
    return get_range(range_id)


def _permits_touching(network: Network) -> Sequence[SweepPermit]:
    rows = SweepPermit.objects.filter(revoked_at=None, until__gt=clock.now()).prefetch_related("ranges").order_by("pk")
    return [row for row in rows if any(overlap(network, one) for one in as_permit(row).networks)]


@transaction.atomic
def give_permit(*, actor: Actor, range_ids: Sequence[UUID], reason: str, until: datetime) -> SweepPermit:
    """Allow sweeps of some ranges from now until ``until`` (aware, 31 days at most), by the acting person.

    Raises Forbidden, NotFound, RangeClosed, MedicalZone, RangeNotOwn, PermitLength.
    """
    actor.require(NetworkAction.GIVE_PERMIT)
    require_visible(reason)
    now = clock.now()
    if not now < until <= now + LONGEST_PERMIT:
        raise PermitLength(field="until", most=LONGEST_PERMIT.days)
    ranges = [_may_be_swept(range_id) for range_id in range_ids]
    if not ranges:
        raise InvalidInput(field="ranges")
    permit = SweepPermit.objects.create(
        allowed_by=actor.name, allowed_by_id=actor.id, reason=_said(reason, "reason"), since=now, until=until
    )
    permit.ranges.set(ranges)
    details: dict[str, Json] = {"networks": [row.network for row in ranges], "until": until.isoformat()}
    append(
        actor=actor,
        action=NetworkAction.GIVE_PERMIT,
        subject=permit_ref(permit, ranges),
        reason=reason,
        details=details,
    )
    return permit


def _may_be_swept(range_id: UUID) -> RegisteredRange:
    """Return a range that may be allowed. One that only touches a medical zone is refused with it."""
    found = get_range(range_id)
    if found.closed_at is not None:
        raise RangeClosed(network=found.network)
    network = network_of(found)
    check_zones(network, address_ranges())
    if not is_own(network):
        raise RangeNotOwn(field="network", network=network)
    return found


@transaction.atomic
def revoke_permit(*, actor: Actor, permit_id: UUID, reason: str) -> SweepPermit:
    """Revoke a permit; a sweep under way by it ends. Raises Forbidden, NotFound, PermitRevoked."""
    actor.require(NetworkAction.REVOKE_PERMIT)
    require_visible(reason)
    found = get_permit(permit_id)
    if not _revoke(actor, found, _said(reason, "reason")):
        raise PermitRevoked(name=found.revoked_by)
    return get_permit(permit_id)


def _revoke(actor: Actor, found: SweepPermit, reason: str) -> bool:
    """Revoke a permit; False when it was revoked before."""
    revoked = {"revoked_at": clock.now(), "revoked_by": actor.name, "revoked_reason": reason.strip()}
    if not SweepPermit.objects.filter(pk=found.pk, revoked_at=None).update(**revoked):
        return False
    subject = permit_ref(found, list(found.ranges.all()))
    append(actor=actor, action=NetworkAction.REVOKE_PERMIT, subject=subject, reason=reason)
    return True


def range_ref(found: RegisteredRange) -> SubjectRef:
    """Return how the register names a range."""
    return SubjectRef("address_range", str(found.pk), str(found))


def permit_ref(permit: SweepPermit, ranges: Sequence[RegisteredRange]) -> SubjectRef:
    """Return how the register names a permit."""
    return SubjectRef("sweep_permit", str(permit.pk), ", ".join(row.network for row in ranges))
