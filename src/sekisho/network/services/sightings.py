"""Keeping what was seen."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.network.actions import NetworkAction
from sekisho.network.models import NewestSighting, Probe, Sighting, Vantage
from sekisho.network.rules.bundle import TOLERANCE
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe saw of a subject: the observation as the bytes of its JSON.

    ``bundle`` is the id of the bundle that brought it here, None where this machine looked itself.
    """

    subject_id: str
    label: str
    observed_at: datetime
    document: bytes
    bundle: str | None = None


@transaction.atomic
def keep_sightings(*, actor: Actor, probe: Probe, seen: Sequence[Seen], vantage: Vantage = Vantage.INTERNAL) -> int:
    """Store what was seen, and make it the newest unless newer is known; return how many. Raises Forbidden.

    What the platform saw itself and what was carried here never replace each other.
    """
    actor.require(NetworkAction.OBSERVE)
    rows = [_row(probe, vantage, one) for one in seen]
    Sighting.objects.bulk_create(rows, batch_size=200)
    for row in rows:
        _make_newest(row)
    if rows:
        details: dict[str, Json] = {"looks": len(rows), "digest": _digest(rows), "vantage": vantage.value}
        append(actor=actor, action=NetworkAction.OBSERVE, subject=SubjectRef("probe", probe, probe), details=details)
    return len(rows)


def _row(probe: Probe, vantage: Vantage, seen: Seen) -> Sighting:
    return Sighting(
        probe=probe,
        subject_id=seen.subject_id,
        subject_label=seen.label[:300],
        observed_at=seen.observed_at,
        received_at=clock.now(),
        document=seen.document.decode(),
        sha256=hashlib.sha256(seen.document).hexdigest(),
        vantage=vantage,
        bundle_id=seen.bundle,
    )


def _make_newest(row: Sighting) -> None:
    """Let the sighting count, unless a newer one is known already: what is carried here may come late.

    One dated in the future was made by a clock that ran ahead: it gives way to any other, and takes no place.
    """
    latest = row.received_at + TOLERANCE
    if row.observed_at > latest:
        return
    carried = row.bundle_id is not None
    place = {"probe": row.probe, "subject_id": row.subject_id, "vantage": row.vantage, "carried": carried}
    NewestSighting.objects.bulk_create([NewestSighting(**place, sighting=row)], ignore_conflicts=True)
    head = NewestSighting.objects.select_for_update().select_related("sighting").get(**place)
    if head.sighting.observed_at > latest or head.sighting.observed_at < row.observed_at:
        head.sighting = row
        head.save()


def _digest(rows: Iterable[Sighting]) -> str:
    return hashlib.sha256("\n".join(f"{row.subject_id} {row.sha256}" for row in rows).encode()).hexdigest()
