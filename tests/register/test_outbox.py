"""The outbox: an event lives and dies with its change, numbers have no holes, places are given once."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.register.errors import OutsideTransaction
from sekisho.register.models import Body, Event, Head
from sekisho.register.queries import Search, events, history
from sekisho.register.rules import EventOutcome, SubjectRef, changes, commit_to
from sekisho.register.services import append, integrate
from tests.conftest import actor_with

FIELDS = {
    "id", "occurred_at", "recorded_at", "source", "source_seq", "actor", "session", "action", "subject", "patient",
    "system", "device", "network", "outcome", "reason", "details", "commitment",
}  # fmt: skip
PUMP = SubjectRef("system", "s-1", "輸液ポンプ")


def write(actor: Actor, **more: object) -> str:
    """Append one event in a transaction of its own."""
    with transaction.atomic():
        return append(actor=actor, action=EstateAction.CHANGE, subject=PUMP, **more)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_entry_has_its_final_fields_in_canonical_form(operator: Actor) -> None:
    """What is stored is exactly what will be hashed."""
    write(operator, details={"changes": {"name": ["古", "新"]}}, reason="更新", patient="P-1", system="s-1")
    event = Event.objects.get()
    document = json.loads(event.entry)
    assert document.keys() == FIELDS
    assert canonical_json(document).decode() == event.entry
    assert document["actor"]["roles"] == ["system_operator"]
    assert document["recorded_at"].endswith("Z")
    assert document["commitment"] is None


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change(operator: Actor) -> None:
    """Outside a transaction nothing is written."""
    with pytest.raises(OutsideTransaction):
        append(actor=operator, action=EstateAction.CHANGE)
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_neither_event_nor_hole(operator: Actor) -> None:
    """The number of a rolled-back event is given again."""
    write(operator)
    with pytest.raises(RuntimeError, match="no"), transaction.atomic():
        append(actor=operator, action=EstateAction.CHANGE)
        raise RuntimeError("no")
    write(operator)
    assert list(Event.objects.order_by("source_seq").values_list("source_seq", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_a_private_body_can_be_destroyed_and_proven(operator: Actor) -> None:
    """The entry commits to the body; without the body the entry stays as it is."""
    write(operator, private={"login": "geheim"})
    event, body = Event.objects.get(), Body.objects.get()
    assert "geheim" not in event.entry
    commitment = json.loads(event.entry)["commitment"]
    assert commitment == commit_to(bytes(body.nonce), bytes(body.body))
    assert commitment == hashlib.sha256(bytes(body.nonce) + b'{"login":"geheim"}').hexdigest()
    before = event.entry
    body.delete()
    assert Event.objects.get().entry == before


@pytest.mark.django_db
def test_places_are_given_once_and_in_order(operator: Actor) -> None:
    """Integrating twice changes nothing; a limit is kept."""
    ids = [write(operator) for _ in range(5)]
    assert (integrate(limit=3), integrate(limit=3), integrate(limit=3)) == (3, 2, 0)
    placed = list(Event.objects.order_by("log_index").values_list("log_index", "id"))
    assert [(index, str(event_id)) for index, event_id in placed] == list(enumerate(ids))
    assert Head.objects.get(name="log").last == 5


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sequencers_lose_and_double_nothing() -> None:
    """Parallel appends get numbers without a hole; parallel sequencers give each event one place."""
    writers, each = 6, 15
    stop = threading.Event()

    def work(number: int) -> None:
        actor = actor_with(Role.SYSTEM_OPERATOR, actor_id=f"writer-{number}")
        for _ in range(each):
            write(actor)
        connections.close_all()

    def sequence() -> None:
        while not stop.is_set() or integrate(limit=7):
            integrate(limit=7)
        connections.close_all()

    with ThreadPoolExecutor(writers + 2) as pool:
        sequencers = [pool.submit(sequence) for _ in range(2)]
        for future in [pool.submit(work, number) for number in range(writers)]:
            future.result(timeout=60)
        stop.set()
        for future in sequencers:
            future.result(timeout=60)
    rows = Event.objects.order_by("source_seq").values_list("source_seq", "log_index")
    assert [seq for seq, _ in rows] == list(range(1, writers * each + 1))
    assert [index for _, index in rows] == list(range(writers * each))


@pytest.mark.django_db
def test_searching_folds_width_case_and_kana(operator: Actor) -> None:
    """People find what they mean, however they type it."""
    write(operator, reason="ﾎﾟﾝﾌﾟ交換")
    write(operator, outcome=EventOutcome.DENIED)
    assert len(events(Search(text="ぽんぷ 交換")).events) == 1
    assert len(events(Search(text="輸液")).events) == 2
    assert len(events(Search(outcome="denied")).events) == 1
    assert len(events(Search(action="person.invite")).events) == 0
    assert len(history("system", "s-1")) == 2


@pytest.mark.django_db
def test_a_search_text_is_no_pattern(operator: Actor) -> None:
    """Percent and underscore are letters like any other."""
    write(operator, reason="100% sure")
    assert len(events(Search(text="100%")).events) == 1
    assert len(events(Search(text="1_0%")).events) == 0


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.none() | st.text(max_size=5)), st.data())
def test_changes_name_what_differs(before: dict[str, object], data: st.DataObject) -> None:
    """Applying the changes to the old values gives the new ones; equal values are not named."""
    after = data.draw(st.dictionaries(st.sampled_from(sorted(before)) if before else st.text(), st.integers()))
    found = changes(before, after)  # type: ignore[arg-type]
    assert all(old != new for old, new in found.values())  # type: ignore[misc]
    assert {**before, **{name: pair[1] for name, pair in found.items()}} == {  # type: ignore[index]
        **{name: after.get(name) for name in before},
        **after,
    }


@pytest.mark.django_db(transaction=True)
def test_the_database_is_the_one_asked_for() -> None:
    """The PostgreSQL run really runs on PostgreSQL, and SQLite keeps what it has committed."""
    import os

    wanted = "postgresql" if os.environ.get("SEKISHO_DATABASE_URL") else "sqlite"
    assert connection.vendor == wanted
    if wanted == "sqlite":
        with connection.cursor() as cursor:
            facts = [
                cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert facts == ["wal", 2, 1]


@pytest.mark.django_db
def test_a_reason_with_invisible_characters_is_not_recorded(operator: Actor) -> None:
    """What auditors read must be what stands there; nothing of the entry is written."""
    with pytest.raises(InvisibleCharacters):
        write(operator, reason="承認\u202e済")
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_a_period_has_two_ends(operator: Actor, at_nine: clock.FixedClock) -> None:
    """From the first moment on, up to the last one and not beyond."""
    moments = [at_nine.moment + timedelta(hours=hour) for hour in range(3)]
    for at_nine.moment in moments:
        write(operator)
    found = events(Search(since=moments[1], until=moments[2])).events
    assert [event.occurred_at for event in found] == [moments[1]]
