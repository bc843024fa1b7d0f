"""Reading what is known of heads kept elsewhere, and of the heartbeat."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from sekisho.register.actions import RegisterAction
from sekisho.register.log.files import Disk
from sekisho.register.log.heads import Standing, compare
from sekisho.register.log.layout import CHECKPOINT
from sekisho.register.log.tree import read_head, verify_edge
from sekisho.register.models import Event, HeldHead
from sekisho.register.queries import log_head, log_tree
from sekisho.trust.notes import Checkpoint

CONTRADICTIONS = frozenset({str(Standing.AHEAD), str(Standing.DIFFERS)})


@dataclass(frozen=True, slots=True)
class PlaceState:
    """A place that keeps heads: the last one it has, when it took it, and the code of what is wrong since when."""

    place: str
    size: int
    held_at: datetime | None
    failure: str
    failing_since: datetime | None

    @property
    def contradicts(self) -> bool:
        """Tell whether what this place keeps says that the log went back or was written anew."""
        return self.failure in CONTRADICTIONS


def places() -> Sequence[PlaceState]:
    """Return every place that ever kept a head or was asked to, by name."""
    fields = ("place", "size", "held_at", "failure", "failing_since")
    return [PlaceState(*row) for row in HeldHead.objects.order_by("place").values_list(*fields)]


def cosignatures(head: Checkpoint) -> list[str]:
    """Return the lines by which witnesses cosigned exactly this head, verified when they came."""
    rows = HeldHead.objects.filter(size=head.size, root=head.root.hex()).exclude(cosignature="")
    return list(rows.order_by("place").values_list("cosignature", flat=True))


def current_note() -> tuple[bytes, Checkpoint] | None:
    """Return the checkpoint as it is published, and what it says; None where there is none. Raises CheckpointBroken."""
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    return None if note is None else (note, read_head(note, settings.REGISTER_PUBLIC_KEY))


def held_standing(held: Checkpoint) -> Standing:
    """Hold a head of this log against the log as it is. Raises LogFault; a log that is gone has gone back."""
    head = log_head()
    if head is None:
        return Standing.AHEAD
    tree = log_tree(head.size)
    verify_edge(tree, head)
    return compare(tree, held)


def remembered_heads(limit: int) -> Sequence[tuple[datetime, Checkpoint]]:
    """Return the heads that the newest heartbeats in the database saw, the newest first, with their times."""
    rows = Event.objects.filter(action=str(RegisterAction.HEARTBEAT)).order_by("-occurred_at", "-source_seq")[:limit]
    found = []
    for row in rows:
        details = json.loads(row.entry)["details"]
        if "root" in details:
            head = Checkpoint(details["origin"], details["size"], bytes.fromhex(details["root"]))
            found.append((row.occurred_at, head))
    return found


def last_heartbeat() -> datetime | None:
    """Return when the newest heartbeat was recorded."""
    row = (
        Event.objects.filter(action=str(RegisterAction.HEARTBEAT)).order_by("-occurred_at").only("occurred_at").first()
    )
    return row.occurred_at if row else None


def newest_elsewhere(now: datetime, within: timedelta) -> Sequence[PlaceState]:
    """Return the places outside this computer whose last head was taken not longer ago than ``within``.

    What was sent without a receipt (syslog) does not count, nor do time stamps, which lie beside the log.
    """
    counted = [one for one in places() if one.place.startswith(("witness:", "folder")) and not one.contradicts]
    return [one for one in counted if one.held_at and now - one.held_at <= within]
