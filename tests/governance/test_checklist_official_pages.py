"""Official checklists by HTTP: given, looked at, taken over whole or not at all, and filled in again."""

import hashlib
import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import ChecklistAnswer, ChecklistFile, OfficialChecklist, OfficialChecklistItem
from sekisho.governance.queries.checklists import checklist_form
from sekisho.governance.rules.checklist import Recommended, State
from sekisho.kernel.access import Role
from sekisho.register.models import Event
from tests.governance.official_checklists import R7_SHAPE, bomb, one_column, two_columns, two_rounds
from tests.governance.pages import field_error, judge, page, post
from tests.governance.working import OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
YEAR = 2026


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


def give(client: Client, data: bytes, kind: str = "facility", year: int = YEAR, name: str = "R8_医療機関.xlsx") -> Any:
    """Give an official file as a browser sends it."""
    file = SimpleUploadedFile(name, data)
    return post(client, "checklist-give-official", file=file, kind=kind, fiscal_year=str(year))


def adopted(client: Client, data: bytes, kind: str = "facility", year: int = YEAR, **more: str) -> OfficialChecklist:
    """Give an official file and take it over, each item matched by its number unless ``more`` says otherwise."""
    answer = give(client, data, kind, year)
    assert answer.status_code == 302, answer.content.decode()
    address = answer.headers["Location"]
    names = re.findall(r'<select name="([0-9]+-[0-9]+)"', client.get(address).content.decode())
    decided = {name: "none" if name.startswith(("0-", "5-")) else name for name in names}
    answer = client.post(address, {**decided, **more})
    assert answer.status_code == 302, answer.content.decode()
    return OfficialChecklist.objects.latest("adopted_at", "id")


def test_before_a_file_was_given_the_page_says_where_it_comes_from(client: Client) -> None:
    html = page(client, "checklist-official")
    assert "医療機関等におけるサイバーセキュリティ対策チェックリスト" in html
    assert 'class="empty"' in html
    assert 'href="/checklist/official/give/"' in html
    assert "/checklist/official/" in page(client, "checklist")


def test_a_file_is_looked_at_before_it_is_taken_over(client: Client) -> None:
    """The bytes are kept with their hash, the register says who gave them, and nothing is asked by it yet."""
    data = one_column()
    answer = give(client, data)
    kept = ChecklistFile.objects.get()
    assert answer.headers["Location"] == f"/checklist/official/{kept.pk}/"
    assert (bytes(kept.data), kept.sha256) == (data, hashlib.sha256(data).hexdigest())
    html = page(client, "checklist-adopt", kept.pk)
    assert kept.sha256 in html
    assert "試験の文2の6：架空の対策を行っている。" in html
    assert "A15" in html
    assert html.count("<select") == sum(R7_SHAPE.values())
    assert not re.search(r'<option value="(?!")[^"]*" selected', html), "the number alone decides nothing"
    assert checklist_form(YEAR).checklist.id == "r7"
    entry = json.loads(Event.objects.get(action="checklist.receive").entry)
    assert entry["details"]["sha256"] == kept.sha256


def test_nothing_is_taken_over_while_an_item_is_undecided(client: Client) -> None:
    """All or nothing; every undecided number is named."""
    address = give(client, one_column()).headers["Location"]
    answer = client.post(address, {"2-6": "2-6", "2-7": "none"})
    assert answer.status_code == 422
    assert "2⑧" in answer.content.decode()
    twice = {f"{section}-{number}": "2-6" for section, most in R7_SHAPE.items() for number in range(1, most + 1)}
    assert client.post(address, twice).status_code == 422
    assert client.post(address, {"2-6": "9-9"}).status_code == 422
    assert not OfficialChecklist.objects.exists()
    assert not OfficialChecklistItem.objects.exists()


def test_the_official_items_are_asked_word_for_word(client: Client) -> None:
    """With the recommendation of the item that a person matched; the unmatched one has none and can be answered."""
    official = adopted(client, two_rounds({**R7_SHAPE, 5: 1}), **{"2-6": "2-7", "2-7": "2-6"})
    form = checklist_form(YEAR)
    assert form.checklist.id == official.pk.hex
    assert len(form.lines) == 20
    assert form.line("2-6").leaves == checklist_form(2025).line("2-7").leaves
    new = form.line("5-1")
    assert (new.leaves, new.recommendation.answer, new.state) == ((), Recommended.PERSON, State.OPEN)
    html = page(client, "checklist")
    assert "試験の文5の1：架空の対策を行っている。" in html
    assert "医療情報システムを使っている（試験の文）。" in html
    for item in ("5-1", "0-1"):
        answer = post(client, "checklist-answer", YEAR, item, answer="yes", confirmed_on="R8.11.20")
        assert answer.status_code == 302, answer.content.decode()
    assert checklist_form(YEAR).counts == {State.YES: 2, State.OPEN: 18}
    entry = json.loads(Event.objects.get(action="checklist.adopt").entry)
    assert entry["details"]["means"]["2-6"] == "2-7"
    assert OfficialChecklistItem.objects.get(item="2-6").is_confirmed
    assert official.file.sha256[:16] in page(client, "checklist-official")


def test_the_same_year_and_shape_is_matched_by_number(client: Client) -> None:
    """Only there: fiscal 2025 is the year of our own list."""
    address = give(client, two_columns(year=2025), year=2025).headers["Location"]
    html = client.get(address).content.decode()
    assert '<option value="2-6" selected>' in html
    assert client.post(address, {}).status_code == 302
    assert {row.ours for row in OfficialChecklistItem.objects.all()} == {
        row.item for row in OfficialChecklistItem.objects.all()
    }
    assert not OfficialChecklistItem.objects.filter(is_confirmed=True).exists()
    other = give(client, two_columns({**R7_SHAPE, 3: 4}, year=2025), year=2025).headers["Location"]
    assert client.post(other, {}).status_code == 422, "another shape: the numbers may mean something else"


def test_a_later_file_is_compared_and_never_rewrites_the_first(client: Client) -> None:
    """New, changed, as before and gone; the same file again changes nothing."""
    data = one_column()
    first = adopted(client, data)
    book = openpyxl.load_workbook(io.BytesIO(one_column({**R7_SHAPE, 5: 1, 4: 0})))
    book.worksheets[0]["A15"] = "⑥試験の文が変わった。"
    buffer = io.BytesIO()
    book.save(buffer)
    address = give(client, buffer.getvalue()).headers["Location"]
    html = client.get(address).content.decode()
    assert html.count('class="badge info"') >= 1
    assert html.count('class="badge warn"') == 1
    assert "4-1" in html
    again = give(client, data).headers["Location"]
    decided = {row.item: row.ours or "none" for row in OfficialChecklistItem.objects.filter(checklist=first)}
    assert client.post(again, decided).status_code == 409
    assert OfficialChecklist.objects.count() == 1
    for table in ("checklistfile", "officialchecklist", "officialchecklistitem"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM governance_{table}")


def test_answers_by_another_list_of_the_year_are_proposals(client: Client) -> None:
    """They were given to other words: they neither count nor are lost."""
    post(client, "checklist-answer", YEAR, "2-6", answer="yes", confirmed_on="R8.11.20")
    adopted(client, one_column())
    assert checklist_form(YEAR).line("2-6").state is State.OPEN
    html = page(client, "checklist-proposals")
    assert 'name="items" value="2-6"' in html
    answer = client.post(reverse("governance:checklist-take"), {"items": ["2-6"]})
    assert answer.status_code == 302, answer.content.decode()
    assert checklist_form(YEAR).line("2-6").state is State.YES


@pytest.mark.parametrize(
    ("data", "kind", "year", "field"),
    [
        (bomb, "facility", YEAR, None),
        (lambda: b"%PDF", "facility", YEAR, None),
        (one_column, "vendor", YEAR, "kind"),
        (one_column, "facility", 2025, "fiscal_year"),
        (one_column, "facility", 1999, "fiscal_year"),
        (one_column, "", YEAR, "kind"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    client: Client, data: Callable[[], bytes], kind: str, year: int, field: str | None
) -> None:
    answer = give(client, data(), kind, year)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert field_error(html, field) if field else 'class="error-summary"' in html
    assert not ChecklistFile.objects.exists()


def test_a_faulty_file_is_shown_with_its_cells_and_cannot_be_taken_over(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(one_column()))
    book.worksheets[0]["A15"] = "⑤二度目の番号。"
    buffer = io.BytesIO()
    book.save(buffer)
    address = give(client, buffer.getvalue()).headers["Location"]
    html = client.get(address).content.decode()
    assert "A14" in html and "A15" in html and 'class="badge ng"' in html
    decided = dict.fromkeys([f"2-{number}" for number in range(1, 14)], "none") | {"1-1": "none", "4-1": "none"}
    assert client.post(address, {**decided, "3-1": "none", "3-2": "none", "3-3": "none"}).status_code == 422
    assert not OfficialChecklist.objects.exists()


def test_the_filled_in_form_holds_what_persons_answered_and_nothing_else(client: Client) -> None:
    """In the file that was given, under its name; what nobody answered stays open, whatever is recommended."""
    assert client.get(reverse("governance:checklist-filled-in")).status_code == 422
    add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values={"name": "=関所<内科>", "kind": "clinic"})
    adopted(client, one_column())
    judge()
    post(client, "checklist-answer", YEAR, "1-1", answer="yes", confirmed_on="R8.11.20")
    post(client, "checklist-answer", YEAR, "2-1", answer="no", target_on="R9.3.31")
    answer = client.get(reverse("governance:checklist-filled-in"))
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    name = ChecklistAnswer.objects.latest("id").answered_by_name
    assert [sheet[cell].value for cell in ("B4", "B8", "D8", "E8", "B11")] == ["=関所<内科>", "はい", None, name, None]
    assert sheet["C8"].value.date() == date(2026, 11, 20)
    assert [sheet["B10"].value, sheet["D10"].value.date()] == ["いいえ", date(2027, 3, 31)]


def test_a_stored_file_that_was_changed_is_not_used(client: Client) -> None:
    """Its hash is compared each time."""
    official = adopted(client, one_column())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE governance_checklistfile DISABLE TRIGGER ALL")
        else:
            cursor.execute("DROP TRIGGER governance_checklistfile_no_update")
        cursor.execute("UPDATE governance_checklistfile SET sha256 = %s", ["0" * 64])
    assert official.file_id
    assert client.get(reverse("governance:checklist-filled-in")).status_code == 500


def test_readers_look_and_change_nothing(signed_in: Callable[..., Client], client: Client) -> None:
    adopted(client, one_column())
    inspector = signed_in(Role.INSPECTOR)
    for name in ("checklist-official", "checklist-years", "checklist-vendors", "checklist-proposals", "checklist"):
        html = page(inspector, name)
        assert "checklist/official/give" not in html
        assert 'name="items"' not in html
    assert inspector.get(reverse("governance:checklist-filled-in")).status_code == 200
    assert give(inspector, one_column()).status_code == 403
    file = ChecklistFile.objects.get()
    assert post(inspector, "checklist-adopt", file.pk).status_code == 403
    assert post(inspector, "checklist-take").status_code == 403
