"""Leaving heads of the log at places outside this computer, and remembering what each place has.

A head that lies elsewhere is the only thing that shows, later, that whoever holds the key wrote the log anew.
"""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import HeadNotKept, LogFault, NoHead
from sekisho.register.log.files import Disk
from sekisho.register.log.heads import Standing, read_held
from sekisho.register.log.rotations import keys_of
from sekisho.register.log.tree import verify_edge
from sekisho.register.models import HeldHead
from sekisho.register.queries import log_tree
from sekisho.register.queries.heads import current_note, held_standing
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services.keeping import Offer, Place, configured_places
from sekisho.register.services.outbox import append
from sekisho.trust.notes import Checkpoint


def keep_heads(*, actor: Actor) -> int:
    """Offer the head of the log to every configured place whose turn it is; return how many have it now.

    A log that is not what its own checkpoint says is offered to nobody. Raises Forbidden, LogFault.
    """
    actor.require(RegisterAction.KEEP_HEADS)
    found = current_note()
    if found is None or not found[1].size:
        return 0
    note, head = found
    tree = log_tree(head.size)
    verify_edge(tree, head)
    offer = Offer(note, head, tree)
    return sum(_offered(actor, place, offer) for place in configured_places())


def _offered(actor: Actor, place: Place, offer: Offer) -> bool:
    """Offer a head to one place; no transaction is open while the network is waited for."""
    now = clock.now()
    row = HeldHead.objects.filter(place=place.name).first() or HeldHead(place=place.name)
    has_it = not row.failure and (row.size, row.root) == (offer.head.size, offer.head.root.hex())
    if (has_it and not place.always) or not _is_due(place, row, now):
        return has_it
    failure, cosignature = "", ""
    try:
        cosignature = place.keep(replace(offer, known=row.size))
    except HeadNotKept as error:
        failure = str(error.params["reason"])
    except LogFault as error:
        failure = error.code.rpartition(".")[2]
    _remember(actor, place.name, offer.head, failure, cosignature)
    return not failure


def _is_due(place: Place, row: HeldHead, now: datetime) -> bool:
    wait = place.retry if row.failure else place.every
    return row.tried_at is None or not row.tried_at <= now < row.tried_at + wait


@transaction.atomic
def _remember(actor: Actor, name: str, head: Checkpoint, failure: str, cosignature: str) -> None:
    """Store how it ended. An event is written where a place begins, fails in a new way, or works again."""
    now = clock.now()
    row = HeldHead.objects.select_for_update().filter(place=name).first()
    was = row.failure if row else None
    row = row or HeldHead(place=name)
    row.tried_at, row.failure = now, failure
    if failure:
        row.failing_since = row.failing_since or now
    else:
        row.size, row.root, row.held_at, row.failing_since = head.size, head.root.hex(), now, None
        row.cosignature = cosignature
    row.save()
    if failure != was:
        append(
            actor=actor,
            action=RegisterAction.NOTE_PLACE,
            subject=SubjectRef("head_place", name[:64], name),
            outcome=EventOutcome.FAILURE if failure else EventOutcome.SUCCESS,
            details={"size": head.size, "problem": failure} if failure else {"size": head.size},
        )


@transaction.atomic
def export_head(*, actor: Actor, to: str) -> bytes:
    """Return the head of the log as it is published, for somebody to take away. Raises Forbidden, LogFault, NoHead."""
    actor.require(RegisterAction.EXPORT_HEAD)
    found = current_note()
    if found is None:
        raise NoHead
    note, head = found
    append(actor=actor, action=RegisterAction.EXPORT_HEAD, details={"size": head.size, "place": to})
    return note


@transaction.atomic
def compare_head(*, actor: Actor, note: bytes) -> tuple[Checkpoint, Standing]:
    """Hold a head that was kept elsewhere against the log. Raises Forbidden, HeadForeign, LogFault."""
    actor.require(RegisterAction.COMPARE_HEAD)
    present = current_note()
    keys = keys_of(Disk(settings.REGISTER_FOLDER), settings.REGISTER_PUBLIC_KEY)
    held = read_held(note, keys, present[1].origin if present else None)
    standing = held_standing(held)
    append(
        actor=actor,
        action=RegisterAction.COMPARE_HEAD,
        outcome=EventOutcome.SUCCESS if standing is Standing.CONSISTENT else EventOutcome.FAILURE,
        details={"size": held.size, "observed": str(standing)},
    )
    return held, standing
