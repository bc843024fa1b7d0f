"""A new key for the log: announced in the log under the old key, so that whoever has the old one can follow.

Each step is durable before the next begins, and whatever moment the power fails at, one key of the file opens the
log; docs/adr/0022 has the table. The command given again goes on where it was cut off.
"""

import json
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import NoHead
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT
from sekisho.register.log.rotations import Announcement
from sekisho.register.log.tree import read_head
from sekisho.register.log.writer import publish
from sekisho.register.models import Event
from sekisho.register.services.keeping import write_durably
from sekisho.register.services.outbox import append
from sekisho.register.services.sequencing import Sequencer
from sekisho.trust.dsse import new_seed, public_key
from sekisho.trust.notes import Checkpoint, sign_also, verifier_key

NEXT = ".next"


@dataclass(frozen=True, slots=True)
class Rotated:
    """The key that signed so far and the one that signs from now on, as verifiers take them."""

    old: str
    new: str


def rotate_key(*, actor: Actor) -> Rotated:
    """Give the log a new key while nobody else writes it. The seed of the old one is gone afterwards.

    Running processes still have the old key, so the platform must be stopped. Raises Forbidden, NoHead, LogInUse,
    LogFault, OSError.
    """
    actor.require(RegisterAction.ROTATE_KEY)
    keys, name = Disk(settings.REGISTER_KEY_FILE.parent), settings.REGISTER_KEY_FILE.name
    with Sequencer() as sequencer:
        _drain(sequencer)
        old_seed = settings.REGISTER_KEY_FILE.read_bytes()
        origin = _published(old_seed)[1].origin
        seed = _next_seed(keys, name + NEXT)
        rotated = Rotated(verifier_key(origin, public_key(old_seed)), verifier_key(origin, public_key(seed)))
        _announce(actor, rotated, sequencer)
        _sign_with_both(old_seed, seed, rotated)
    keys.rename(name + NEXT, name)
    keys.sync_folder("")
    return rotated


def _drain(sequencer: Sequencer) -> None:
    while sequencer.turn():
        pass


def _published(seed: bytes) -> tuple[bytes, Checkpoint]:
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    if note is None:
        raise NoHead
    return note, read_head(note, public_key(seed))


def _next_seed(keys: Disk, name: str) -> bytes:
    """Return the seed that waits to become the key: a new one, durable before anybody hears of it, if there is none."""
    waiting = keys.read(name)
    if waiting is None:
        waiting = new_seed()
        write_durably(keys, name, waiting)
    return waiting


def _announce(actor: Actor, rotated: Rotated, sequencer: Sequencer) -> None:
    if _noted_at(rotated) is None:
        with transaction.atomic():
            append(
                actor=actor,
                action=RegisterAction.ROTATE_KEY,
                details={"old_key": rotated.old, "new_key": rotated.new},
            )
        _drain(sequencer)


def _noted_at(rotated: Rotated) -> int | None:
    """Return the place in the log of the event that names the new key."""
    for row in Event.objects.filter(action=str(RegisterAction.ROTATE_KEY)).order_by("-source_seq"):
        if json.loads(row.entry)["details"]["new_key"] == rotated.new:
            return row.log_index
    return None


def _sign_with_both(old_seed: bytes, seed: bytes, rotated: Rotated) -> None:
    """Publish the head with both signatures, and keep it apart for whoever has only the old key later."""
    note, head = _published(old_seed)
    both = sign_also(note, head.origin, seed)
    index = _noted_at(rotated)
    assert index is not None  # noqa: S101  (_announce has put it there)
    disk = Disk(settings.REGISTER_FOLDER)
    announcement = Announcement(rotated.old, rotated.new, index, both)
    write_durably(disk, announcement.path, announcement.to_bytes())
    publish(disk, both)
