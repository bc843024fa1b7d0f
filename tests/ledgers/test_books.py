"""One model and one declaration give a whole working book."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ninja import NinjaAPI

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Conflict, Forbidden
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.ledgers.controls.books_kept import control
from sekisho.ledgers.errors import EntryEnded, EntryInvalid
from sekisho.ledgers.forms.book_rows import RowState, plan_rows
from sekisho.ledgers.models import BookNumber, ImportDraft
from sekisho.ledgers.queries import keeping
from sekisho.ledgers.queries.book_values import headings, rows, text_of
from sekisho.ledgers.queries.books import Look
from sekisho.ledgers.rules.book_files import TableUnreadable, read_table, write_table
from sekisho.ledgers.rules.keeping import gaps
from sekisho.ledgers.services import books as services
from sekisho.ledgers.views.book_api import book_router
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.ledgers.trial_book import KEYS, Key, make_table, url_module

pytestmark = pytest.mark.django_db
LIST = "/trial/keys/"


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    make_table()
    before = registry.current()
    registry.install(replace(before, ledgers=(*before.ledgers, KEYS), actions=(*before.actions, *KEYS.actions)))  # type: ignore[misc]
    settings.ROOT_URLCONF = url_module()
    yield
    registry.install(before)


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def enter(actor: Actor, **values: Any) -> Any:
    return services.add_entry(actor=actor, ledger=KEYS, values={"place": "box", **values})


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def exported() -> bytes:
    return write_table([headings(KEYS), *([text_of(value) for value in row] for row in rows(KEYS, Look(shelf="all")))])  # type: ignore[arg-type]


def test_the_form_takes_japanese_dates_and_full_width_digits(keeper: Client) -> None:
    form = page(keeper, f"{LIST}new/")
    assert "札のとおり" in form
    values = {"name": "薬品庫", "place": "safe", "copies": "３", "due_on": "令和９年３月３１日"}
    answer = keeper.post(f"{LIST}new/", values)
    stored = Key.objects.get()
    assert answer.headers["Location"] == f"{LIST}{stored.pk}/"
    assert (stored.copies, stored.due_on, stored.number) == (3, date(2027, 3, 31), 1)
    shown = page(keeper, answer.headers["Location"])
    assert "KY-00001" in shown
    assert "金庫" in shown
    assert keeper.post(f"{LIST}new/", {"name": "", "place": "safe"}).status_code == 422


def test_the_list_searches_narrows_sorts_and_pages(keeper: Client, operator: Actor) -> None:
    for number in range(60):
        enter(operator, name=f"ロッカー{number:02}", copies=60 - number, place="safe" if number == 7 else "box")
    assert page(keeper, LIST).count('<th scope="row"') == 50
    assert page(keeper, f"{LIST}?page=2").count('<th scope="row"') == 10
    assert page(keeper, f"{LIST}?q=ﾛｯｶｰ０７").count('<th scope="row"') == 1, "half-width kana, full-width digits"
    assert page(keeper, f"{LIST}?q=ろっかー07").count('<th scope="row"') == 1, "hiragana"
    assert page(keeper, f"{LIST}?place=safe").count('<th scope="row"') == 1
    assert page(keeper, f"{LIST}?place=%00").count('<th scope="row"') == 0
    first = re.search(r"KY-\d+", page(keeper, f"{LIST}?order=copies"))
    assert first
    assert first[0] == "KY-00060"
    assert page(keeper, f"{LIST}?order=password").count('<th scope="row"') == 50, "an order that is none is the usual"


def test_every_correction_stays_in_the_history(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="旧館")
    assert (
        keeper.post(
            f"{LIST}{entry.pk}/change/", {"name": "新館", "place": "box", "copies": "1", "version": "1"}
        ).status_code
        == 302
    )
    shown = page(keeper, f"{LIST}{entry.pk}/")
    assert "鍵の名称: 旧館 → 新館" in shown
    assert keeper.post(f"{LIST}{entry.pk}/confirm/", {"version": "2"}).status_code == 302
    actions = [event.action for event in Event.objects.filter(subject_id=str(entry.pk)).order_by("source_seq")]
    assert actions == ["key.add", "key.change", "key.confirm"]


def test_two_who_correct_at_once_lose_nothing(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="旧館")
    services.change_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=1, values={"name": "本館"})
    mine = {"name": "新館", "place": "box", "copies": "1", "version": "1"}
    answer = keeper.post(f"{LIST}{entry.pk}/change/", mine)
    assert answer.status_code == 409
    assert re.search(r"<del>本館</del>.*<ins>新館</ins>", answer.content.decode(), re.DOTALL)
    assert Key.objects.get().name == "本館"
    assert keeper.post(f"{LIST}{entry.pk}/change/", {**mine, "version": "2"}).status_code == 302
    with pytest.raises(Conflict):
        services.confirm_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=1)


def test_nothing_is_deleted_closed_and_struck_out_need_a_reason(keeper: Client, operator: Actor) -> None:
    entry, other = enter(operator, name="旧館"), enter(operator, name="誤記")
    assert keeper.post(f"{LIST}{entry.pk}/close/", {"reason": "", "version": "1"}).status_code == 422
    assert keeper.post(f"{LIST}{entry.pk}/close/", {"reason": "廃止", "version": "1"}).status_code == 302
    assert "旧館" in page(keeper, LIST), "what was done is said once"
    assert "旧館" not in page(keeper, LIST)
    assert "旧館" in page(keeper, f"{LIST}?shelf=closed")
    assert keeper.post(f"{LIST}{entry.pk}/reopen/", {"reason": "再使用", "version": "2"}).status_code == 302
    assert keeper.post(f"{LIST}{other.pk}/strike/", {"reason": "二重", "version": "1"}).status_code == 302
    assert "誤記" in page(keeper, f"{LIST}?shelf=struck")
    for call in (services.change_entry, services.reopen_entry):
        with pytest.raises(EntryEnded):
            call(
                actor=operator, ledger=KEYS, entry_id=other.pk, version=2,
                **({"values": {"name": "x"}} if call is services.change_entry else {"reason": "x"}),
            )  # fmt: skip
    with pytest.raises(EntryInvalid):
        services.close_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=3, reason="　")
    assert enter(operator, name="次").number == 3, "a number is never given twice"


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR, Role.INSPECTOR, Role.MAINTAINER, Role.DEPARTMENT_MANAGER])
def test_only_those_named_by_the_declaration_keep_it(role: Role, signed_in: Callable[..., Client]) -> None:
    client = signed_in(role)
    looks = role in {Role.AUDITOR, Role.INSPECTOR}
    for tail in ("", "export.csv", "export.xlsx"):
        assert (client.get(f"{LIST}{tail}").status_code == 200) == looks
    for tail in ("new/", "import/"):
        assert client.get(f"{LIST}{tail}").status_code == 403
    with pytest.raises(Forbidden):
        services.add_entry(actor=actor_with(role), ledger=KEYS, values={"name": "x", "place": "box"})


def test_excel_and_csv_carry_the_japanese_headings_and_the_name_of_the_year(
    at_nine: clock.FixedClock, keeper: Client, operator: Actor
) -> None:
    enter(operator, name="=1+1", due_on=date(2027, 3, 31))
    answer = keeper.get(f"{LIST}export.xlsx")
    assert "鍵台帳_令和8年度_20261121.xlsx" in unquote(answer.headers["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    for wanted in ('state="frozen"', "<autoFilter", 'orientation="landscape"', 'fitToHeight="0"', 'paperSize="9"'):
        assert wanted in sheet
    assert "_xlnm.Print_Titles" in names
    assert "鍵の名称" in sheet
    assert "<f>" not in sheet, "a text is no formula"
    table = list(csv.reader(io.StringIO(keeper.get(f"{LIST}export.csv").content.decode("utf-8-sig"))))
    assert table[0][1:4] == ["鍵の名称", "保管場所", "本数"]
    assert table[1][:6] == ["KY-00001", "'=1+1", "鍵箱", "1", table[1][4], "2027/03/31"]


def test_the_paper_is_a_pdf(keeper: Client, operator: Actor) -> None:
    enter(operator, name="#strong[旧館]")
    answer = keeper.get(f"{LIST}export.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")


def test_the_api_lists_it(operator: Actor) -> None:
    entry = enter(operator, name="旧館", due_on=date(2027, 3, 31))
    router = book_router("trial", [KEYS])
    assert isinstance(NinjaAPI(urls_namespace="trial-api"), NinjaAPI)
    operation = router.path_operations["/keys"].operations[0]
    request: Any = type("Asked", (), {"actor": operator, "GET": {}})()
    found = operation.view_func(request)
    assert found.entries[0]["number"] == "KY-00001"
    assert found.entries[0]["due_on"] == "2027-03-31"
    assert found.entries[0]["id"] == str(entry.pk)
    request.actor = actor_with(Role.STAFF)
    with pytest.raises(Forbidden):
        operation.view_func(request)


# The control


@pytest.fixture
def facility(monkeypatch: pytest.MonkeyPatch) -> None:
    """A facility, and only the trial ledger to keep."""

    class Here:
        def kinds(self) -> frozenset[SubjectKind]:
            return frozenset({SubjectKind.FACILITY})

        def subjects(self, kind: SubjectKind) -> list[Subject]:
            return [Subject(kind, "f", "青空医院")]

    monkeypatch.setattr(registry.Registry, "offers", lambda _self, _port: (Here(),))
    monkeypatch.setattr(keeping, "books", lambda: [KEYS])


def outcome() -> Outcome:
    (found,) = control.check()
    return found.outcome


@pytest.mark.usefixtures("facility")
@pytest.mark.failing_fixture("ledgers.books_kept")
def test_a_ledger_that_nobody_keeps_fails(operator: Actor, at_nine: clock.FixedClock) -> None:
    assert outcome() is Outcome.UNKNOWN, "an empty ledger shows nothing"
    entry = enter(operator, name="旧館", due_on=date(2026, 11, 21))
    assert outcome() is Outcome.PASS
    Key.objects.filter(pk=entry.pk).update(due_on=date(2026, 11, 20))
    assert outcome() is Outcome.FAIL, "a day that has passed"
    Key.objects.filter(pk=entry.pk).update(due_on=None, confirmed_at=clock.now() - timedelta(days=366))
    assert outcome() is Outcome.FAIL, "nobody looked for more than a year"
    Key.objects.filter(pk=entry.pk).update(confirmed_at=clock.now() + timedelta(days=1))
    assert outcome() is Outcome.FAIL, "a look from the future is none"
    Key.objects.filter(pk=entry.pk).update(confirmed_at=clock.now())
    assert outcome() is Outcome.PASS


@pytest.mark.usefixtures("facility")
def test_an_entry_that_vanished_past_the_platform_is_missed(operator: Actor) -> None:
    for name in "甲乙丙":
        enter(operator, name=name)
    Key.objects.filter(number__in=[2, 3]).delete()
    (found,) = control.check()
    assert found.outcome is Outcome.FAIL
    assert json.loads(json.dumps(found.facts))["trial.keys"]["vanished"] == ["KY-00002", "KY-00003"]
    BookNumber.objects.all().delete()
    assert keeping.missing_numbers(KEYS) == []
    assert {member.missing for member in keeping.members(KEYS, lambda _row: ())} == {()}


@given(st.sets(st.integers(1, 60)), st.integers(0, 60))
def test_gaps_are_exactly_the_numbers_nobody_has(there: set[int], last: int) -> None:
    assert gaps(there, last) == sorted(set(range(1, last + 1)) - there)


# Reading a file

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"]), min_size=1, max_size=20)
KEY_VALUES = st.fixed_dictionaries(
    {
        "name": WORDS.map(str.strip).filter(bool),
        "place": st.sampled_from(["box", "safe"]),
        "copies": st.integers(-(2**31), 2**31 - 1),
        "spare": st.booleans(),
        "due_on": st.none() | st.dates(),
        "note": st.sampled_from(["", "=cmd", "'=x", "+81", "a\r\nb", '"', "髙﨑", "'"]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(KEY_VALUES, min_size=1, max_size=4))
def test_what_was_exported_changes_nothing_when_read_back(values: list[dict[str, Any]], operator: Actor) -> None:
    for one in values:
        services.add_entry(actor=operator, ledger=KEYS, values=one)
    assert {plan.state for plan in plan_rows(KEYS, exported())} == {RowState.UNCHANGED}


@given(
    st.lists(st.lists(WORDS | st.sampled_from(["=1", "'=1", "''=", "@", "-1", ""]), min_size=2, max_size=3), min_size=1)
)
def test_a_table_is_read_as_it_was_written_and_holds_no_formula(table: list[list[str]]) -> None:
    written = write_table(table)
    assert read_table(written) == table
    assert not any(
        cell.startswith(("=", "+", "-", "@"))
        for row in csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
        for cell in row
    )


def test_a_file_in_either_encoding_is_read_and_any_other_is_not() -> None:
    text = "鍵の名称,保管場所\r\n高崎,金庫\r\n"
    assert read_table(text.encode("cp932")) == read_table(text.encode()) == read_table(text.encode("utf-8-sig"))
    for data in (b"\x81", b'"a\r\n'):
        with pytest.raises(TableUnreadable):
            read_table(data)


TAKE_OVER = re.compile(r'action="([^"]+/import/[0-9a-f-]+/)"')


def give(client: Client, text: str, encoding: str = "cp932") -> tuple[int, str]:
    answer = client.post(f"{LIST}import/", {"file": SimpleUploadedFile("鍵.csv", text.encode(encoding))})
    return answer.status_code, answer.content.decode()


def test_a_file_is_looked_at_and_then_taken_over_whole(keeper: Client, operator: Actor) -> None:
    first, second = enter(operator, name="旧館"), enter(operator, name="薬品庫")
    text = (
        "鍵台帳（様式3）,,,\r\n,,,\r\n管理番号,鍵の名称,保管場所,返却期限\r\n"
        "KY-00001,旧館,鍵箱,\r\nＫＹ－００００２,薬品庫,金庫,R9.3.31\r\n,,,\r\n,新館,鍵箱,\r\n"
    )
    status, preview = give(keeper, text)
    assert status == 200
    assert "保管場所: 鍵箱 → 金庫" in preview
    assert Key.objects.count() == 2, "looking stores nothing"
    address = TAKE_OVER.search(preview)
    assert address, preview
    assert keeper.post(address[1]).headers["Location"] == LIST
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.place, second.due_on, second.version) == ("safe", date(2027, 3, 31), 2)
    assert first.version == 1, "what is unchanged is not touched"
    assert Key.objects.get(number=3).name == "新館"
    event = json.loads(Event.objects.get(action="key.import").entry)
    assert event["details"]["changed"] == 2
    assert not ImportDraft.objects.exists()
    assert keeper.post(address[1]).headers["Location"] == f"{LIST}import/", "once is enough"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("KY-00009,x,鍵箱,", "No entry has this number."),
        ("XX,x,鍵箱,", "No entry has this number."),
        (",x,机,", "“%(text)s” is none of the choices."),
        (",x,鍵箱,2026/02/30", "“%(text)s” is not a date."),
        (",,鍵箱,", "鍵の名称"),
        (",a\x07b,鍵箱,", "鍵の名称"),
        ("KY-00001,y,鍵箱,\r\nKY-00001,z,鍵箱,", "This number stands there twice."),
    ],
)
def test_one_wrong_row_keeps_all_others_out(keeper: Client, operator: Actor, row: str, reason: str) -> None:
    from django.utils.translation import gettext, override

    enter(operator, name="旧館")
    status, preview = give(keeper, f"管理番号,鍵の名称,保管場所,返却期限\r\n,良い行,鍵箱,\r\n{row}\r\n")
    assert status == 200
    with override("ja"):
        said = gettext(reason)
    assert said.rpartition("%(text)s")[2] in preview
    assert TAKE_OVER.search(preview) is None
    draft = ImportDraft.objects.get()
    assert keeper.post(f"{LIST}import/{draft.pk}/").headers["Location"] == f"{LIST}import/"
    assert [key.name for key in Key.objects.all()] == ["旧館"]


def test_a_change_in_between_is_not_overwritten_and_nothing_is_half_done(keeper: Client, operator: Actor) -> None:
    entry = enter(operator, name="旧館")
    _status, preview = give(keeper, "管理番号,鍵の名称,保管場所\r\n,新館,鍵箱\r\nKY-00001,本館,鍵箱\r\n")
    services.strike_entry(actor=operator, ledger=KEYS, entry_id=entry.pk, version=1, reason="誤記")
    address = TAKE_OVER.search(preview)
    assert address
    keeper.post(address[1])
    assert [key.name for key in Key.objects.all()] == ["旧館"]


@pytest.mark.parametrize("text", ["", "鍵の名称,鍵の名称\r\nx,y\r\n", "\x00"])
def test_a_table_of_something_else_is_refused(keeper: Client, text: str) -> None:
    status, _page = give(keeper, text)
    assert status == 422
    assert not ImportDraft.objects.exists()


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n", "鍵の名称,知らない列\r\nx,y\r\n"])
def test_a_heading_that_is_not_the_ledger_s_is_asked_about(keeper: Client, text: str) -> None:
    """Nothing can be taken over before somebody has said what it means."""
    status, shown = give(keeper, text)
    assert status == 200
    assert 'name="column-1"' in shown
    assert TAKE_OVER.search(shown) is None
    assert keeper.post(f"{LIST}import/{ImportDraft.objects.get().pk}/").headers["Location"] == f"{LIST}import/"
    assert not Key.objects.exists()


def test_a_file_looked_at_by_one_is_not_taken_over_by_another(
    keeper: Client, operator: Actor, signed_in: Callable[..., Client]
) -> None:
    give(keeper, "鍵の名称,保管場所\r\n新館,鍵箱\r\n")
    draft = ImportDraft.objects.get()
    other = signed_in(Role.SYSTEM_OPERATOR, login="other")
    assert other.post(f"{LIST}import/{draft.pk}/").headers["Location"] == f"{LIST}import/"
    assert not Key.objects.exists()
