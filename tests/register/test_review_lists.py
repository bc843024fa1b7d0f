"""Lists for the rules of the review: handed in as CSV, taken whole or not at all, asked while they are fresh."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import Forbidden, InvalidInput
from sekisho.register.actions import ReferenceAction
from sekisho.register.errors import ListInvalid, LogTooLarge
from sekisho.register.log.review.rulebook import TABLES, load
from sekisho.register.models import Event, ListState, ReferenceList
from sekisho.register.queries.reference import old_lists, rows_for_rules
from sekisho.register.rules.reference import LISTS
from sekisho.register.rules.reference_files import ListFault, Reading, read_list
from sekisho.register.rules.sources.errors import LogHeadingWrong
from sekisho.register.services import reference_tables
from sekisho.register.services.reference_tables import ListFile, drop_list, examine_list, forget_lists, take_list
from sekisho.register.services.review import facility_day
from tests.register import scenarios
from tests.register.review_log import ask, write_log

django = pytest.mark.django_db
ROSTER = {"actor": "職員番号", "from_us": "開始", "until_us": "終了"}
KANA = {"patient": "患者番号", "family": "カナ氏名"}


def read(table: str, headings: dict[str, str], text: str, encoding: str = "utf-8") -> Reading:
    return read_list(LISTS[table], headings, ",", text.encode(encoding))


def us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


def test_lists_fill_the_tables_that_rules_know() -> None:
    assert {table: {column.name for column in form.columns} for table, form in LISTS.items()} == {
        table: set(columns) for table, columns in TABLES.items()
    }
    assert {table for rule in load() for table in (*rule.needs, *rule.wants)} <= LISTS.keys()


def test_a_roster_as_a_hospital_writes_it() -> None:
    text = (
        "氏名,職員番号,開始,終了\n鈴木,１２,2026/11/20 16:30,R8.11.21 9:00\n鈴木,１２,2026/11/20 16:30,R8.11.21 9:00\n"
    )
    found = read("roster", ROSTER, text, "cp932")
    assert (found.encoding, found.wrong) == ("cp932", 0)
    assert found.rows == [("１２", us(2026, 11, 20, 7, 30), us(2026, 11, 21, 0, 0))]


def test_of_patients_only_what_is_compared_is_kept() -> None:
    text = "患者番号,氏名,カナ氏名,生年月日\n1,寿 花子,ｺﾄﾌﾞｷ ﾊﾅｺ,1950/1/1\n2,山田　太郎,やまだ　たろう,1960/1/1\n"
    assert read("patient_kana", KANA, text).rows == [("1", "コトブキ"), ("2", "ヤマダ")]
    assert read("patient_kana", KANA, "患者番号,カナ氏名\n1,コトブキ\n2,ヤマダ\n").rows == [
        ("1", "コトブキ"),
        ("2", "ヤマダ"),
    ]


def test_each_wrong_row_is_named() -> None:
    text = (
        '職員番号,開始,終了\n1,x"y"z,\n2\n,2026/1/1 9:00,2026/1/1 10:00\n4,morgens,2026/1/1 10:00\n'
        f"5,2026/1/1 9:00,2026/1/1 8:00\n{'6' * 65},2026/1/1 9:00,2026/1/1 10:00\n7,2026/1/1 9:00,2026/1/1 10:00\n"
    )
    found = read("roster", ROSTER, text)
    assert [(one.line, one.fault) for one in found.faults] == [
        (2, ListFault.TIME),
        (3, ListFault.SHORT),
        (4, ListFault.EMPTY),
        (5, ListFault.TIME),
        (6, ListFault.ORDER),
        (7, ListFault.LONG),
    ]
    assert [fault.fault for fault in read("roster", ROSTER, '職員番号,開始,終了\n"1"x,a,b\n').faults] == [
        ListFault.FORM
    ]
    mixed = read("patient_kana", KANA, "患者番号,カナ氏名\n1,コトブキ ハナコ\n2,ヤマダタロウ\n")
    assert [(one.line, one.fault) for one in mixed.faults] == [(3, ListFault.FAMILY)]
    ends = {"patient": "番号", "ended_us": "日"}
    assert read("patient_ends", ends, "番号,日\n1,2026/2/30\n").faults[0].fault is ListFault.DAY


def test_an_account_may_have_no_end() -> None:
    text = "番号,業者,退職日\n1,,\n2,○,2026/3/31\n"
    found = read("accounts", {"actor": "番号", "kind": "業者", "ended_us": "退職日"}, text)
    assert found.rows == [("1", "staff", 0), ("2", "maintenance", us(2026, 3, 31, 15, 0))]
    assert read("accounts", {"actor": "番号", "kind": "", "ended_us": ""}, text).rows == [
        ("1", "staff", 0),
        ("2", "staff", 0),
    ]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(LogHeadingWrong, match="カナ氏名"):
        read("patient_kana", KANA, "患者番号,氏名\n1,x\n")


@given(raw=st.binary(max_size=300), table=st.sampled_from(sorted(LISTS)))
def test_whatever_is_handed_in_is_read_or_refused(raw: bytes, table: str) -> None:
    columns = LISTS[table].columns
    heading = ",".join(column.name for column in columns).encode() + b"\n"
    try:
        found = read_list(LISTS[table], {column.name: column.name for column in columns}, ",", heading + raw)
    except InvalidInput:
        return
    assert all(len(row) == len(columns) for row in found.rows)
    assert found.wrong >= len(found.faults)


def handed_in(actor: Actor, text: str, as_of: date, table: str = "watched_patients") -> ReferenceList:
    headings = {"patient": "患者番号"} if table == "watched_patients" else KANA
    return examine_list(actor=actor, table=table, file=ListFile("a/b.csv", text.encode(), as_of, headings))


@django
def test_a_list_replaces_the_one_before_and_nothing_of_that_stays(at_nine: clock.FixedClock, operator: Actor) -> None:
    first = handed_in(operator, "患者番号\n11\n12\n", date(2026, 11, 1))
    assert "watched_patients" not in rows_for_rules(facility_day())
    take_list(actor=operator, list_id=first.pk)
    assert rows_for_rules(facility_day())["watched_patients"] == [["11"], ["12"]]
    forgotten = handed_in(operator, "患者番号\n98\n", date(2026, 11, 19))
    second = handed_in(operator, "患者番号\n99\n", date(2026, 11, 20))
    assert take_list(actor=operator, list_id=second.pk).version == 2
    assert rows_for_rules(facility_day())["watched_patients"] == [["99"]]
    states = dict(ReferenceList.objects.values_list("pk", "state"))
    assert states == {first.pk: ListState.REPLACED, forgotten.pk: ListState.DROPPED, second.pk: ListState.CURRENT}
    assert set(ReferenceList.objects.exclude(pk=second.pk).values_list("content", flat=True)) == {""}
    for known in (first, second):
        with pytest.raises(ListInvalid):
            take_list(actor=operator, list_id=known.pk)
    told = Event.objects.filter(action__startswith="reference_list.").values_list("entry", flat=True)
    assert len(told) == 5
    assert not any('"99"' in entry for entry in told)
    drop_list(actor=operator, list_id=second.pk, reason="個人情報を消します")
    assert "watched_patients" not in rows_for_rules(facility_day())
    with pytest.raises(ListInvalid):
        drop_list(actor=operator, list_id=second.pk, reason="もう一度")
    handed_in(operator, "患者番号\n97\n", facility_day())
    assert forget_lists(actor=platform("test")) == 0
    at_nine.moment += timedelta(days=1, seconds=1)
    assert forget_lists(actor=platform("test")) == 1
    assert not ReferenceList.objects.exclude(content="").exists()


@django
def test_a_list_that_grew_old_is_not_asked(at_nine: clock.FixedClock, operator: Actor) -> None:
    row = handed_in(operator, "患者番号,カナ氏名\n1,コトブキ\n", facility_day(), "patient_kana")
    take_list(actor=operator, list_id=row.pk)
    at_nine.moment += timedelta(days=LISTS["patient_kana"].fresh_days)
    assert "patient_kana" in rows_for_rules(facility_day())
    at_nine.moment += timedelta(days=1)
    assert "patient_kana" not in rows_for_rules(facility_day())
    assert old_lists(facility_day()) == ["patient_kana"]


def test_taking_a_list_is_raised_itself(tmp_path: Path) -> None:
    deed = scenarios.Deed(datetime(2026, 11, 20, 3, tzinfo=UTC), "somebody", ReferenceAction.TAKE.value)
    write_log(tmp_path / "register", [scenarios.document(deed, 1)])
    ask(tmp_path, "build")
    order = {"first": 0, "last": 30_000, "is_over": True, "tables": {}, "rule": "audit_of_the_audit"}
    (found,) = ask(tmp_path, "run", **order)["results"]
    assert [hit[0] for hit in found["hits"]] == ["somebody"]


@django
def test_what_cannot_be_a_list_is_refused(
    english: None, at_nine: clock.FixedClock, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ListInvalid, match="future"):
        handed_in(operator, "患者番号\n1\n", facility_day() + timedelta(days=1))
    with pytest.raises(ListInvalid, match="no row"):
        handed_in(operator, "患者番号\n", facility_day())
    wrong = handed_in(operator, f"患者番号\n1\n{'2' * 65}\n", facility_day())
    assert (wrong.wrong, wrong.content) == (1, "")
    with pytest.raises(ListInvalid, match="wrong"):
        take_list(actor=operator, list_id=wrong.pk)
    monkeypatch.setattr(reference_tables, "MOST_ROWS", 1)
    with pytest.raises(LogTooLarge):
        handed_in(operator, "患者番号\n1\n2\n", facility_day())
    monkeypatch.setattr(reference_tables, "MOST_BYTES", 5)
    with pytest.raises(LogTooLarge):
        handed_in(operator, "患者番号\n1\n2\n", facility_day())
    with pytest.raises(Forbidden):
        examine_list(actor=Actor(operator.kind, "x", "監査", frozenset({Role.AUDITOR})), table="roster", file=FILE)


FILE = ListFile("a.csv", b"", date(2026, 11, 1), {})


@django
def test_the_journey_of_a_list(english: None, at_nine: clock.FixedClock, signed_in: Callable[..., Client]) -> None:
    client, lists = signed_in(Role.SYSTEM_OPERATOR), reverse("register:review-lists")
    page = client.get(lists).content.decode()
    assert page.count("Not there") == len(LISTS)
    assert "Person&#x27;s number" in page
    new = reverse("register:review-list-new", args=["patient_kana"])
    assert new in page
    given: dict[str, Any] = {"as_of": "R8.11.20", "delimiter": ",", "c_patient": "患者番号", "c_family": "カナ"}
    broken = {"file": SimpleUploadedFile("p.csv", "患者番号,氏名\n1,x\n".encode("cp932"))}
    answer = client.post(new, {**given, **broken})
    assert (answer.status_code, "does not name these columns" in answer.content.decode()) == (422, True)
    mixed = {"file": SimpleUploadedFile("p.csv", "患者番号,カナ\n1,コトブキ ハナコ\n2,ヤマダ\n".encode("cp932"))}
    answer = client.post(new, {**given, **mixed}, follow=True)
    assert "Where the family name ends" in answer.content.decode()
    assert "Take this list" not in answer.content.decode()
    assert f'href="{new}">Hand in a corrected file' in answer.content.decode()
    good = {"file": SimpleUploadedFile("p.csv", "患者番号,カナ\n1,コトブキ ハナコ\n".encode("cp932"))}
    answer = client.post(new, {**given, **good}, follow=True)
    assert "コトブキ" in answer.content.decode()
    assert "ハナコ" not in answer.content.decode()
    row = ReferenceList.objects.get(state=ListState.EXAMINED)
    other = signed_in(Role.AUDITOR)
    assert "コトブキ" not in other.get(reverse("register:review-list", args=[row.pk])).content.decode()
    answer = client.post(reverse("register:review-list-take", args=[row.pk]), follow=True)
    assert "コトブキ" not in answer.content.decode(), "what is in use is not read here"
    assert "In use" in client.get(lists).content.decode()
    again = client.post(reverse("register:review-list-take", args=[row.pk]), follow=True).content.decode()
    assert "decided about already" in again
    assert "カナ" in client.get(new).content.decode(), "the headings are known from last time"
    at_nine.moment += timedelta(days=101)
    auditor = signed_in(Role.INSPECTOR)
    assert "Too old" in auditor.get(lists).content.decode()
    drop = reverse("register:review-list-drop", args=[row.pk])
    assert auditor.get(drop).status_code == 403
    client = signed_in(Role.PLANNING_MANAGER)
    assert client.post(drop, {"reason": ""}).status_code == 422
    assert client.post(drop, {"reason": "古い"}).status_code == 302
    assert Event.objects.filter(action=ReferenceAction.DROP, outcome="success").count() == 1
