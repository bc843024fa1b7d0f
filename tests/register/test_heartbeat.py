"""Signs of life: each makes a new head, and their absence is said for what it is."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from sekisho.estate.actions import EstateAction
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.errors import Forbidden
from sekisho.register.controls.integrity import LONGEST_SILENCE, check
from sekisho.register.log.files import Disk
from sekisho.register.log.writer import create_log
from sekisho.register.models import Event, HeldHead
from sekisho.register.queries import log_head, log_tree
from sekisho.register.services import append, integrate
from sekisho.register.services.heartbeat import beat

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def living(operator: Actor, log_folder: Path, at_nine: clock.FixedClock) -> None:
    """A log with a heartbeat that saw some entries."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    with transaction.atomic():
        for number in range(20):
            append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
    integrate()
    beat(actor=platform("test"))
    integrate()


def finding() -> Finding:
    (one,) = check()
    return one


def test_a_heartbeat_makes_a_new_head_and_holds_the_one_before(living: None) -> None:
    before = log_head()
    assert before
    beat(actor=platform("test"))
    integrate()
    after = log_head()
    assert after
    assert after.size == before.size + 1
    (entry,) = log_tree(after.size).entries(before.size, after.size)
    assert json.loads(entry)["details"] == {
        "origin": before.origin,
        "size": before.size,
        "root": before.root.hex(),
    }


def test_only_the_platform_gives_signs_of_life(operator: Actor) -> None:
    with pytest.raises(Forbidden):
        beat(actor=operator)


def test_a_heartbeat_says_what_keeps_it_from_seeing_a_head(living: None, log_folder: Path) -> None:
    (log_folder / "checkpoint").write_bytes(b"nothing")
    beat(actor=platform("test"))
    row = Event.objects.filter(action="register.heartbeat").order_by("-source_seq").first()
    assert row
    assert json.loads(row.entry)["details"] == {"fault": "register.checkpoint_broken"}


def test_silence_alone_cannot_be_judged(living: None, at_nine: clock.FixedClock) -> None:
    at_nine.moment += LONGEST_SILENCE + MINUTE
    found = finding()
    assert found.outcome is Outcome.UNKNOWN
    assert "head_places" not in found.facts  # nothing else was judged any more


@pytest.mark.failing_fixture("register.integrity")
def test_events_without_a_sign_of_life_among_them_are_said(
    living: None, operator: Actor, at_nine: clock.FixedClock
) -> None:
    begun = at_nine.moment
    at_nine.moment = begun + LONGEST_SILENCE + MINUTE
    with transaction.atomic():
        append(actor=operator, action=EstateAction.CHANGE)
    integrate()
    at_nine.moment = begun + 3 * LONGEST_SILENCE
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert found.facts["noted"] == []


@pytest.mark.failing_fixture("register.integrity")
def test_a_log_other_than_the_one_a_heartbeat_saw_is_said(living: None, log_folder: Path) -> None:
    """Log and rows were written anew together, with the key; the heartbeat in the rows was left as it is."""
    head = log_head()
    assert head
    entries = list(log_tree(head.size).entries(0, head.size))
    first = Event.objects.get(log_index=0)
    changed = entries[0].replace(b"estate", b"estatE") if b"estate" in entries[0] else entries[0].replace(b"a", b"b", 1)
    Event.objects.filter(pk=first.pk).update(entry=changed.decode())
    shutil.rmtree(log_folder / "tile")
    create_log(Disk(log_folder), settings.REGISTER_KEY_FILE.read_bytes(), head.origin).append([changed, *entries[1:]])
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert "heartbeat" in str(found.facts["contradicted_by"])


@pytest.mark.failing_fixture("register.integrity")
@pytest.mark.parametrize("says", ["ahead", "differs"])
def test_a_place_that_contradicts_is_said(living: None, says: str) -> None:
    HeldHead.objects.create(place="witness:w1", size=5, root="00" * 32, held_at=clock.now(), failure=says)
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert found.facts["contradicted_by"] == "witness:w1"


def test_without_a_head_elsewhere_nothing_is_vouched_for(living: None) -> None:
    assert finding().outcome is Outcome.UNKNOWN
    HeldHead.objects.create(place="witness:w1", size=5, root="00" * 32, held_at=clock.now())
    found = finding()
    assert (found.outcome, found.facts["heads_kept_elsewhere"]) == (Outcome.PASS, 1)


@pytest.mark.parametrize("place", ["syslog", "stamp", "policy"])
def test_what_gives_no_receipt_does_not_count(living: None, place: str) -> None:
    HeldHead.objects.create(place=place, size=5, root="00" * 32, held_at=clock.now())
    assert finding().outcome is Outcome.UNKNOWN


def test_an_old_head_does_not_count(living: None) -> None:
    HeldHead.objects.create(
        place="witness:w1", size=5, root="00" * 32, held_at=clock.now() - timedelta(days=1, minutes=1)
    )
    assert finding().outcome is Outcome.UNKNOWN
