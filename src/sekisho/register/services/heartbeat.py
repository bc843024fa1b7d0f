"""The heartbeat: an event that makes a new head even when nothing happens, so that silence is visible."""

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import LogFault
from sekisho.register.queries import log_head
from sekisho.register.services.outbox import append


@transaction.atomic
def beat(*, actor: Actor) -> str:
    """Record that the platform lives, and the head of the log that it sees; return the event's id. Raises Forbidden.

    The next head of the log then vouches for this one, and the database remembers what was seen.
    """
    actor.require(RegisterAction.HEARTBEAT)
    return append(actor=actor, action=RegisterAction.HEARTBEAT, details=_seen())


def _seen() -> dict[str, Json]:
    try:
        head = log_head()
    except LogFault as fault:
        return {"fault": fault.code}
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()} if head else {}
