"""12⑥ for the platform itself: a session that nobody uses is locked, tried on a real session at our own door.

Its own pages alone: whether the terminals in front of them lock is shown by their settings (``assets.screen_lock``).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import _
from sekisho.people.models import Session
from sekisho.people.rules.sessions import IDLE_LIMIT, IDLE_MINUTES_OF_A_TERMINAL, UNLOCK_WITHIN
from sekisho.people.services.sessions import settle_session
from sekisho.people.sessions import SessionStore

_MOMENT = timedelta(seconds=1)
LIMITS = {"ordinary": IDLE_LIMIT, "shared_terminal": timedelta(minutes=IDLE_MINUTES_OF_A_TERMINAL[1])}
# A minute before its limit, a moment after it, when it is used again, and when nobody unlocked it in time.
EXPECTED = ["open", "locked", "locked", "over"]


def states_of_a_trial(idle: timedelta) -> list[str]:
    """Return what becomes of a session that rests at most ``idle``. Nothing of it is stored."""
    with transaction.atomic():
        try:
            return list(_states(idle))
        finally:
            transaction.set_rollback(True)


def _states(idle: timedelta) -> Iterator[str]:
    public_id = str(new_id())
    actor = Actor(ActorKind.PERSON, public_id, "check", frozenset({Role.STAFF}), session=public_id, assurance=2)
    store = SessionStore()
    store.update({"public_id": public_id, "signed_in_at": clock.now().isoformat()})
    store.save()
    for column, ago in (
        ("seen_at", idle - timedelta(minutes=1)),
        ("seen_at", idle + _MOMENT),
        ("seen_at", timedelta()),
        ("locked_at", UNLOCK_WITHIN + _MOMENT),
    ):
        Session.objects.filter(public_id=public_id).update(**{column: clock.now() - ago})
        row = Session.objects.filter(public_id=public_id).first()
        yield settle_session(actor=actor, row=row, idle=idle).value


def check() -> Iterator[Finding]:
    """Leave a session alone, on an ordinary computer and on a shared terminal, and see it lock."""
    seen = {name: states_of_a_trial(idle) for name, idle in LIMITS.items()}
    holds = all(states == EXPECTED for states in seen.values())
    facts: dict[str, Json] = {name: list(states) for name, states in seen.items()}
    facts |= {f"minutes_{name}": int(idle.total_seconds() // 60) for name, idle in LIMITS.items()}
    message = _("Sessions that nobody uses are locked.") if holds else _("A session that nobody uses stays open.")
    outcome = Outcome.PASS if holds else Outcome.FAIL
    for subject in (*platform_systems(), *_own_devices()):
        yield Finding(subject, outcome, message, clock.now(), facts)


def _own_devices() -> Iterator[Subject]:
    """Yield the groups of devices that belong to the platform: the item is judged per group."""
    for provider in registry.current().offers(SubjectProvider):  # type: ignore[type-abstract]  # a port is asked for
        if SubjectKind.DEVICE_GROUP in provider.kinds():
            groups = provider.subjects(SubjectKind.DEVICE_GROUP)
            yield from (group for group in groups if group.facts.get("platform") is True)


control = Control(
    id="people.platform_session_lock",
    title=_("Sekisho locks sessions that nobody uses"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("This is a fault of Sekisho itself. Report it to whoever looks after it."),
    parameters={f"idle_minutes_{name}": int(idle.total_seconds() // 60) for name, idle in LIMITS.items()},
)
