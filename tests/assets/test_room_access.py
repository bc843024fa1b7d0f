"""Protected areas and who entered them: every area, with a record that somebody looked at in time."""

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.assets.ledgers import ROOM_ACCESS, ROOMS
from sekisho.governance.queries.world import measured
from sekisho.governance.rules.assessment import WHOLE_FACILITY
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.services.books import add_entry
from tests.assets.covering import add_system, covered, each_lacks, lacks

pytestmark = pytest.mark.django_db
NAME = "assets.room_access"
ROOM: dict[str, Any] = {
    "name": "サーバ室",
    "kind": "server_room",
    "entry_control": "personal",
    "watch": "camera",
    "allowed": "システム運用担当者、院長",
    "carry_rule": "記録媒体、撮影機器",
    "keeper": "試験 太郎",
}
WRONG_ROOM = [
    ({"keeper": ""}, "Person in charge"),
    ({"entry_control": "shared_key"}, "An entry that knows who goes in"),
    ({"watch": "none"}, "How a break-in is noticed"),
    ({"carry_rule": ""}, "What may not be brought in"),
]
VISIT: dict[str, Any] = {
    "kind": "vendor",
    "entered_on": date(2026, 11, 20),
    "times": "10:00–11:30",
    "person": "保守 次郎",
    "company": "試験システム",
    "purpose": "ディスク交換",
    "escort": "試験 太郎",
    "carried": "allowed",
    "things": "交換用ディスク S/N 123、PC",
    "checked_by": "試験 太郎",
}
WRONG_VISIT = [
    ({"entered_on": date(2026, 11, 22)}, "A day that has come"),
    ({"times": ""}, "From and to"),
    ({"carried": ""}, "Brought in"),
    ({"things": ""}, "What was brought in"),
    ({"escort": ""}, "Escorted by"),
    ({"checked_by": ""}, "Entry checked by"),
]
LOOK: dict[str, Any] = {
    "kind": "look",
    "entered_on": date(2026, 11, 20),
    "looked_from": date(2026, 10, 21),
    "person": "試験 太郎",
    "purpose": "月次点検",
    "result": "入室2件、いずれも申請どおり",
}


@pytest.mark.failing_fixture("assets.room_access")
def test_an_area_counts_with_its_door_and_a_record_of_three_months(operator: Actor, at_nine: clock.FixedClock) -> None:
    add_system(operator)
    assert covered(NAME) == (0, 1), "what stands here stands in no protected area"
    room = add_entry(actor=operator, ledger=ROOMS, values=ROOM)
    assert lacks(NAME, "RM-00001") == {"An entry, or a look through the records, within 90 days"}
    each_lacks(operator, ROOM_ACCESS, NAME, {**VISIT, "room": room}, WRONG_VISIT)
    assert covered(NAME) == (2, 2)
    cabinet = {**ROOM, "name": "媒体保管庫", "kind": "rack", "entry_control": "key_list"}
    store = add_entry(actor=operator, ledger=ROOMS, values=cabinet)
    assert covered(NAME) == (2, 3), "the visit to one room says nothing of the other"
    wrong = [({"result": ""}, "Result of the look"), ({"looked_from": None}, "Records looked through from")]
    each_lacks(operator, ROOM_ACCESS, NAME, {**LOOK, "room": store}, wrong)
    assert covered(NAME) == (4, 4)
    at_nine.moment += timedelta(days=100)
    assert covered(NAME) == (2, 4), "what was entered stays in order, and nobody has looked at either area since"


def test_an_area_lacks_what_its_door_lacks(operator: Actor, at_nine: clock.FixedClock) -> None:
    room = add_entry(actor=operator, ledger=ROOMS, values=ROOM)
    add_entry(actor=operator, ledger=ROOM_ACCESS, values={**VISIT, "room": room})
    at_nine.moment += timedelta(days=80)
    newest = at_nine.moment
    add_entry(actor=operator, ledger=ROOM_ACCESS, values={**VISIT, "room": room, "entered_on": date(2027, 2, 9)})
    found = measured(NAME)[NAME, WHOLE_FACILITY]
    assert (found.covered, found.population, found.oldest) == (3, 3, newest), "as fresh as the newest record"
    for values, title in WRONG_ROOM:
        other = add_entry(actor=operator, ledger=ROOMS, values={**ROOM, "name": title, **values})
        assert title in lacks(NAME, f"RM-{other.number:05}")


def test_a_look_that_begins_after_itself_is_refused(operator: Actor, at_nine: clock.FixedClock) -> None:
    room = add_entry(actor=operator, ledger=ROOMS, values=ROOM)
    with pytest.raises(EntryInvalid):
        add_entry(
            actor=operator,
            ledger=ROOM_ACCESS,
            values={**LOOK, "room": room, "looked_from": date(2026, 11, 21)},
        )
