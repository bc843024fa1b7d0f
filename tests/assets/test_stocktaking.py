"""A stocktake from the frozen list to the signature: the five results, their settlement, what closing does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sekisho.assets import ledgers
from sekisho.assets.errors import (
    CodeAmbiguous,
    CodeUnreadable,
    DifferencesOpen,
    NothingExpected,
    NumberUnknown,
    PeriodInvalid,
    PlaceUnsaid,
    ReadingGone,
    ReasonUnsaid,
    SettlementUnfit,
    StocktakeEnded,
)
from sekisho.assets.models import Equipment, ExpectedThing, StockLine, StockReading, Stocktake
from sekisho.assets.queries import stocktaking as queries
from sekisho.assets.queries.stocktaking import Scope
from sekisho.assets.rules.stocktaking import Settlement
from sekisho.assets.services.scanning import undo_scan
from sekisho.assets.services.settling import Decision, settle_lines
from sekisho.assets.services.stocktaking import (
    StocktakePlan,
    begin_stocktake,
    cancel_stocktake,
    close_stocktake,
)
from sekisho.estate import ledgers as estate
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.governance.models import Notice
from sekisho.governance.queries.notice_words import title_of, url_of
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry
from sekisho.register.models import Event
from tests.assets.counting import FIRST, LAST, begun, counts, device, left, read, settle
from tests.conftest import actor_with


@pytest.mark.django_db
def test_the_five_results_their_settlement_and_the_end(operator: Actor, at_nine: clock.FixedClock) -> None:
    """One device each: where it should be, elsewhere, nowhere, not in the ledger, read twice."""
    there = device(operator, "受付端末", asset_number="A-001")
    moved = device(operator, "ノートPC", asset_number="A-002", serial="SN-77")
    gone = device(operator, "タブレット", asset_number="A-003")
    stocktake = begun(operator)
    assert counts(stocktake) == {"missing": 3}, "whatever nobody has found yet is not found"

    assert read(operator, stocktake, "ＥＱ－００００１").result == "match"
    assert read(operator, stocktake, "sn-77", "3階 病棟").result == "elsewhere"
    stranger = read(operator, stocktake, "UNKNOWN-9").line
    assert (stranger.result, stranger.label) == ("unlisted", "UNKNOWN-9")
    again = read(operator, stocktake, "A-001").line
    assert (again.result, again.first.entry_id) == ("twice", there.pk)
    assert counts(stocktake) == {"match": 1, "elsewhere": 1, "missing": 1, "unlisted": 1, "twice": 1}
    with pytest.raises(DifferencesOpen) as refused:
        close_stocktake(actor=operator, stocktake_id=stocktake.pk)
    assert refused.value.params == {"count": 4}

    lines = {line.result: line for line in StockLine.objects.filter(stocktake=stocktake)}
    settle(operator, stocktake, lines["elsewhere"], Settlement.PLACE_CORRECTED)
    settle(operator, stocktake, lines["missing"], Settlement.LOST, "事故報告 8-3")
    with pytest.raises(NumberUnknown):
        settle(operator, stocktake, stranger, Settlement.REGISTERED, "EQ-00099")
    new = device(operator, "検査機", "2階 検査室")
    settle(operator, stocktake, stranger, Settlement.REGISTERED, "eq-00004")
    settle(operator, stocktake, again, Settlement.READ_IN_ERROR)
    assert left(stocktake) == 0

    at_nine.moment += timedelta(days=1)
    close_stocktake(actor=operator, stocktake_id=stocktake.pk, note="全数を確認")
    assert Equipment.objects.get(pk=moved.pk).place == "3階 病棟"
    assert Equipment.objects.get(pk=gone.pk).state == "lost"
    confirmed = set(Equipment.objects.filter(confirmed_at=at_nine.moment).values_list("pk", flat=True))
    assert confirmed == {there.pk, moved.pk, new.pk}, "what was seen is confirmed, what is lost is not"
    stored = Stocktake.objects.get()
    assert (stored.closed_by, stored.closing_note, stored.document_number) == (operator.name, "全数を確認", "ST-00001")
    told = list(Event.objects.filter(subject_kind="stocktake").order_by("source_seq").values_list("action", flat=True))
    verbs = ["begin", *["scan"] * 4, *["settle"] * 4, "close"]
    assert told == [f"stocktake.{verb}" for verb in verbs]
    with pytest.raises(StocktakeEnded):
        read(operator, stocktake, "A-001")


@pytest.mark.django_db
def test_the_list_stays_what_it_was(operator: Actor, at_nine: clock.FixedClock) -> None:
    """What the ledger learns after the beginning changes nothing of what was expected."""
    one = device(operator, "受付端末", serial="S1")
    stocktake = begun(operator)
    values = {"name": "別の名前", "serial": "S2", "place": "3階"}
    change_entry(actor=operator, ledger=ledgers.DEVICES, entry_id=one.pk, version=1, values=values)
    device(operator, "あとから", "2階 診察室1")
    assert stocktake.expected == 1
    assert read(operator, stocktake, "S1").result == "match"
    assert read(operator, stocktake, "EQ-00002").line.thing is None, "it was not expected, and is where the ledger says"
    assert counts(stocktake) == {"match": 2}
    thing = ExpectedThing.objects.get()
    with pytest.raises(AppendOnlyViolation):
        thing.save()
    with pytest.raises(AppendOnlyViolation):
        StockReading.objects.all().delete()


@pytest.mark.django_db
def test_the_scope_narrows_and_what_is_gone_is_not_expected(operator: Actor, at_nine: clock.FixedClock) -> None:
    ward = add_to_estate(actor=operator, ledger=estate.DEPARTMENTS, values={"name": "病棟"})
    device(operator, "病棟端末", "3階 病棟", department=ward)
    device(operator, "受付端末", "1階 受付")
    device(operator, "紛失端末", "3階 病棟", state="lost", department=ward)
    ended = device(operator, "廃棄端末", "3階 病棟", department=ward)
    close_entry(actor=operator, ledger=ledgers.DEVICES, entry_id=ended.pk, version=1, reason="廃棄")
    by_department, by_place = begun(operator, department=ward.pk), begun(operator, place="３階")
    assert (by_department.expected, by_place.expected, begun(operator).expected) == (1, 1, 2)
    assert by_place.number == 2
    with pytest.raises(NothingExpected):
        begun(operator, place="地下")
    with pytest.raises(NothingExpected):
        begun(operator, "assets.media")
    with pytest.raises(PeriodInvalid):
        plan = StocktakePlan("x", "assets.devices", LAST, FIRST, "y", Scope())
        begin_stocktake(actor=operator, plan=plan)
    # From outside the scope, but in the ledger: judged by its place. What the ledger gave up is not in it.
    assert read(operator, by_department, "EQ-00002", "1階 受付").result == "match"
    assert read(operator, by_department, "EQ-00002", "3階 病棟").result == "twice"
    assert read(operator, by_place, "EQ-00002", "3階 病棟").result == "elsewhere"
    for number in ("EQ-00003", "EQ-00004"):
        line = read(operator, by_department, number, "3階 病棟").line
        assert (line.result, line.entry_id is not None) == ("unlisted", True)


@pytest.mark.django_db
def test_a_reading_is_taken_back(operator: Actor, at_nine: clock.FixedClock) -> None:
    """It leaves no difference, and stays in the books; a later reading of the same thing goes first."""
    device(operator, "受付端末")
    stocktake = begun(operator)
    first, second = read(operator, stocktake, "EQ-00001"), read(operator, stocktake, "EQ-00001")

    def undo(reading: StockReading) -> None:
        undo_scan(actor=operator, stocktake_id=stocktake.pk, scan_id=reading.pk)

    with pytest.raises(ReadingGone):
        undo(first)
    undo(second)
    assert counts(stocktake) == {"match": 1}
    undo(first)
    assert counts(stocktake) == {"missing": 1}
    with pytest.raises(ReadingGone):
        undo(first)
    assert StockReading.objects.count() == 2
    assert queries.last_scans(stocktake) == []
    third = read(operator, stocktake, "EQ-00001", "3階")
    assert third.result == "elsewhere"
    settle(operator, stocktake, third.line, Settlement.MOVED_BACK)
    with pytest.raises(ReadingGone):
        undo(third)
    stranger = read(operator, stocktake, "X")
    assert read(operator, stocktake, "ｘ").result == "twice"
    undo(queries.last_scans(stocktake)[0])
    undo(stranger)
    assert counts(stocktake) == {"elsewhere": 1}
    assert read(operator, stocktake, "X").result == "unlisted", "what was taken back was never read"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "place", "error"),
    [
        ("", "2階", CodeUnreadable),
        ("ー" * 201, "2階", CodeUnreadable),
        ("EQ-00001", "", PlaceUnsaid),
        ("EQ-00001", "。", PlaceUnsaid),
        ("EQ\u202e1", "2階", InvisibleCharacters),
        ("SAME", "2階", CodeAmbiguous),
    ],
)
def test_what_cannot_be_counted_is_said(operator: Actor, code: str, place: str, error: type[Exception]) -> None:
    """Nothing of it is stored; a serial number that two makers gave asks for the control number."""
    for name in ("甲社の端末", "乙社の端末"):
        device(operator, name, serial="SAME")
    stocktake = begun(operator)
    with pytest.raises(error):
        read(operator, stocktake, code, place)
    assert StockReading.objects.count() == 0


@pytest.mark.django_db
def test_a_difference_is_settled_as_it_can_be(operator: Actor, at_nine: clock.FixedClock) -> None:
    """With a reason, in a way that fits, many alike at once, anew while it goes on; what is found later counts."""
    for number in range(3):
        device(operator, f"端末{number}")
    stocktake = begun(operator)
    lines = list(queries.open_lines(stocktake).order_by("label"))

    def decide(how: Settlement, reason: str, *chosen: StockLine) -> None:
        ids = [line.pk for line in chosen]
        decision = Decision(how, reason)
        settle_lines(actor=operator, stocktake_id=stocktake.pk, line_ids=ids, decision=decision)

    with pytest.raises(ReasonUnsaid):
        decide(Settlement.LOST, "、。", lines[0])
    with pytest.raises(SettlementUnfit):
        decide(Settlement.READ_IN_ERROR, "理由", *lines)
    assert left(stocktake) == 3, "all or none"
    assert set(queries.alike(stocktake, lines[0])) == {line.pk for line in lines[1:]}
    decide(Settlement.AWAY, "往診に持出し中", *lines)
    decide(Settlement.FOUND_LATER, "翌日に戻った", lines[1])
    decide(Settlement.ENDED, "先月廃棄した", lines[2])
    assert read(operator, stocktake, "EQ-00001").result == "match", "the reading counts more than the telling"
    assert read(operator, stocktake, "EQ-00003").result == "unlisted", "the ledger has closed it"
    assert Equipment.objects.get(number=3).closed_at == at_nine.moment
    assert set(queries.seen_entries(stocktake)) == {lines[0].entry_id, lines[1].entry_id}


def _notices(stocktake: Stocktake) -> list[Notice]:
    """Return the open notices about a stocktake, looked for now."""
    look_for_notices(actor=platform("test"))
    return list(Notice.objects.filter(ref=str(stocktake.pk), ended_at=None))


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_cancelled_stocktake_proves_nothing(operator: Actor, at_nine: clock.FixedClock) -> None:
    device(operator, "端末")
    stocktake = begun(operator)
    at_nine.moment += timedelta(days=20)
    (notice,) = _notices(stocktake)
    assert (notice.kind, notice.overdue, notice.urgency, notice.until) == (NoticeKind.STOCKTAKE, True, 2, LAST)
    assert title_of(notice, "en") == f"The stocktake {stocktake} is past its last day."
    assert url_of(notice) == f"/assets/stocktakes/{stocktake.pk}/"
    with pytest.raises(ReasonUnsaid):
        cancel_stocktake(actor=operator, stocktake_id=stocktake.pk, reason=" ")
    cancel_stocktake(actor=operator, stocktake_id=stocktake.pk, reason="範囲の誤り")
    assert _notices(stocktake) == []
    for end in (close_stocktake, cancel_stocktake):
        arguments = {"reason": "x"} if end is cancel_stocktake else {}
        with pytest.raises(StocktakeEnded):
            end(actor=operator, stocktake_id=stocktake.pk, **arguments)


@pytest.mark.django_db
def test_the_book_decides_who_may_change_it(operator: Actor, at_nine: clock.FixedClock) -> None:
    """The medical device safety manager settles devices; a medium is not theirs to close, and nothing is stored."""
    add_entry(actor=operator, ledger=ledgers.MEDIA, values={"label": "USB-1", "kind": "usb", "place": "金庫"})
    stocktake = begun(operator, "assets.media")
    line = queries.open_lines(stocktake).get()
    safety = actor_with(Role.DEVICE_SAFETY_MANAGER)
    with pytest.raises(Forbidden):
        settle(safety, stocktake, line, Settlement.LOST)
    assert left(stocktake) == 1
    settle(operator, stocktake, line, Settlement.LOST)
    ended = queries.get_line(stocktake, line.pk)
    assert (ended.settlement, ended.settled_by) == ("lost", operator.name)


@pytest.fixture
def numbers() -> Callable[[], tuple[int, int]]:
    """Return n and N of the coverage, as the verdicts count them."""
    found = next(one for one in registry.current().coverages if one.id == "assets.stocktakes")

    def measure() -> tuple[int, int]:
        members = list(found.measure())
        return sum(not member.missing for member in members), len(members)

    return measure


@pytest.mark.django_db
@pytest.mark.failing_fixture("assets.stocktakes")
def test_only_what_was_found_in_a_closed_stocktake_is_covered(
    operator: Actor, at_nine: clock.FixedClock, numbers: Callable[[], tuple[int, int]]
) -> None:
    """Neither an entry nor a stocktake that goes on proves anything, and after a year neither does a closed one."""
    system = add_to_estate(
        actor=operator, ledger=estate.SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    )
    assert numbers() == (0, 1), "a system of which no device is known is a gap"
    for number in range(2):
        device(operator, f"端末{number}", system=system)
    add_entry(actor=operator, ledger=ledgers.MEDIA, values={"label": "USB-1", "kind": "usb", "place": "金庫"})
    assert numbers() == (0, 3)
    stocktake = begun(operator)
    read(operator, stocktake, "EQ-00001")
    assert numbers() == (0, 3), "it goes on"
    settle(operator, stocktake, queries.open_lines(stocktake).get(), Settlement.AWAY)
    close_stocktake(actor=operator, stocktake_id=stocktake.pk)
    assert numbers() == (1, 3), "what was explained was not seen, and media were not counted"
    at_nine.moment += timedelta(days=366)
    assert numbers() == (0, 3)
