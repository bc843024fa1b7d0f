"""Reading entries of the log as they are stored: they name patients, so every reading is an event of its own."""

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.register.actions import RegisterAction
from sekisho.register.log.layout import WIDTH, Tile
from sekisho.register.queries import log_file
from sekisho.register.rules import SubjectRef
from sekisho.register.services.outbox import append


@transaction.atomic
def read_bundle(*, actor: Actor, tile: Tile) -> bytes:
    """Return a bundle of entries. Raises Forbidden, NotFound, CheckpointBroken."""
    actor.require(RegisterAction.READ_ENTRIES)
    data = log_file(tile)
    if data is None:
        raise NotFound
    first = tile.index * WIDTH
    append(
        actor=actor,
        action=RegisterAction.READ_ENTRIES,
        subject=SubjectRef("register_entries", tile.path, f"{first}–{first + tile.width - 1}"),
        details={"file": tile.path},
    )
    return data
