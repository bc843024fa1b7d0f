"""12⑥ for the platform itself: its own session is seen to lock, and a door that stays open fails."""

from datetime import timedelta

import pytest

from sekisho.assets.ledgers import DEVICES
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Outcome
from sekisho.ledgers.services import books
from sekisho.people.controls import platform_session_lock
from sekisho.people.models import Session
from sekisho.people.rules.sessions import SessionState
from sekisho.people.services import sessions
from sekisho.register.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]


def test_a_session_is_opened_left_alone_and_seen_to_lock(operator: Actor) -> None:
    """For Sekisho and the devices it runs on, for no other system; and nothing of the trial stays."""
    own = add_platform(actor=platform("test"), ledger=SYSTEMS)
    other = add_entry(actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "cloud"})
    for name, system in (("関所サーバ", own), ("カルテ端末", other)):
        books.add_entry(
            actor=operator, ledger=DEVICES, values={"name": name, "kind": "server", "system": system}
        )  # fmt: skip
    events = Event.objects.count()
    found = list(platform_session_lock.check())
    assert own is not None
    assert {one.subject.id for one in found} == {str(own.pk), f"{own.pk}.server"}
    assert {one.outcome for one in found} == {Outcome.PASS}
    assert (found[0].facts["ordinary"], found[0].facts["minutes_shared_terminal"]) == (
        ["open", "locked", "locked", "over"],
        30,
    )
    assert (Session.objects.count(), Event.objects.count()) == (0, events)


@pytest.mark.failing_fixture("people.platform_session_lock")
def test_a_session_that_stays_open_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the clock is never asked, or a lock ends by itself."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    monkeypatch.setattr(sessions, "state_of", lambda *_of: SessionState.OPEN)
    (found,) = platform_session_lock.check()
    assert (found.outcome, found.facts["ordinary"]) == (Outcome.FAIL, ["open"] * 4)
    monkeypatch.undo()
    monkeypatch.setattr(platform_session_lock, "UNLOCK_WITHIN", timedelta(minutes=1))
    (found,) = platform_session_lock.check()
    assert found.outcome is Outcome.FAIL, "what is locked can be unlocked for longer than it should"
