"""Filled-in forms that come back, proposals, vendors' forms, and the years side by side."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.models import Vendor
from sekisho.estate.services import add_entry, close_entry
from sekisho.governance.models import ChecklistAnswer, ChecklistFile, ChecklistProposal
from sekisho.governance.queries.checklist_proposals import proposals
from sekisho.governance.queries.checklist_years import differences, year_by_year
from sekisho.governance.queries.checklists import checklist_form, vendor_form
from sekisho.governance.rules.checklist import State
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.register.models import Event
from tests.governance.official_checklists import LAYOUTS, R7_SHAPE, one_column, two_columns, two_rounds
from tests.governance.pages import page, post, words
from tests.governance.test_checklist_official_pages import adopted
from tests.governance.working import OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
YEAR = 2026


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def vendor() -> Vendor:
    entry = add_entry(actor=OPERATOR, ledger=ledgers.VENDORS, values={"name": "関所システムズ"})
    assert isinstance(entry, Vendor)
    return entry


def filled(data: bytes, **cells: object) -> bytes:
    """Return a form as somebody fills it in with Excel."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for cell, value in cells.items():
        book.worksheets[0][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def row_of(html: str, heading: str) -> str:
    """Return the row of a table whose heading begins with ``heading``."""
    found = re.search(rf'<tr><th scope="row"[^>]*>{re.escape(heading)}.*?</tr>', html, re.DOTALL)
    assert found, html
    return found[0]


def bring(client: Client, data: bytes, query: str = "") -> Any:
    """Bring a filled-in form."""
    return post(client, "checklist-returned", query=query, file=SimpleUploadedFile("戻り<1>.xlsx", data))


def proposed(client: Client, data: bytes, query: str = "") -> None:
    """Bring a filled-in form and keep its answers as proposals."""
    answer = bring(client, data, query)
    assert answer.status_code == 302, answer.content.decode()
    assert client.post(answer.headers["Location"]).status_code == 302


def take(client: Client, *items: str, query: str = "", **data: str) -> Any:
    return client.post(reverse("governance:checklist-take") + query, {"items": items, **data})


def test_what_a_file_answers_is_a_proposal_and_no_answer(client: Client) -> None:
    """Software ticks nothing: neither by reading the file, nor by keeping it; a person takes over with a day."""
    adopted(client, one_column())
    data = filled(
        one_column(), B8="はい", C8=date(2026, 10, 1), E8="関所 花子", B10="いいえ", D10=date(2027, 3, 31), B11="はい"
    )
    answer = bring(client, data)
    html = client.get(answer.headers["Location"]).content.decode()
    assert "戻り&lt;1&gt;.xlsx" in html
    assert "関所 花子" in row_of(html, "1①")
    assert not ChecklistProposal.objects.exists()
    assert client.post(answer.headers["Location"]).status_code == 302
    assert checklist_form(YEAR).counts == {State.OPEN: 18}
    assert {one.line.item.id: one.answer for one in proposals(checklist_form(YEAR))} == {
        "1-1": "yes",
        "2-1": "no",
        "2-2": "yes",
    }
    assert "checklist/proposals" in page(client, "checklist")
    assert "checked" not in page(client, "checklist-proposals").split("<main")[1]
    nothing = take(client)
    assert nothing.status_code == 422
    undated = take(client, "1-1", "2-1", "2-2")
    assert undated.status_code == 422, "2② has no day in the file, and nobody entered one: none is kept"
    assert not ChecklistAnswer.objects.exists()
    assert take(client, "1-1", "2-1", "2-2", confirmed_on="R8.11.20").status_code == 302
    kept = ChecklistAnswer.objects.get(item="1-1")
    assert (kept.answer, str(kept.confirmed_on), kept.source) == ("yes", "2026-11-20", "戻り<1>.xlsx")
    assert kept.answered_by_name == client.user.staff.name  # type: ignore[attr-defined]
    assert proposals(checklist_form(YEAR)) == []
    actions = list(Event.objects.order_by("source_seq").values_list("action", flat=True))
    wanted = [
        "checklist.receive",
        "checklist.adopt",
        "checklist.receive",
        "checklist.propose",
        *["checklist.answer"] * 3,
    ]
    assert [action for action in actions if action.startswith("checklist.")] == wanted
    entry = json.loads(Event.objects.filter(action="checklist.answer").latest("source_seq").entry)
    assert entry["details"]["source"] == "戻り<1>.xlsx"
    assert "戻り&lt;1&gt;.xlsx" in page(client, "checklist-item", YEAR, "1-1")


def test_the_day_in_the_file_counts_where_it_may(client: Client) -> None:
    """A day of another year or one to come does not: the person says when they looked."""
    adopted(client, one_column())
    day, old, late = date(2026, 10, 1), date(2026, 3, 31), date(2026, 11, 22)
    proposed(client, filled(one_column(), B8="はい", C8=day, B10="はい", C10=old, B11="はい", C11=late))
    assert take(client, "1-1").status_code == 302
    assert str(ChecklistAnswer.objects.get().confirmed_on) == "2026-10-01"
    for item in ("2-1", "2-2"):
        assert take(client, item).status_code == 422
    assert ChecklistAnswer.objects.count() == 1


def test_a_no_whose_day_has_passed_is_answered_anew(client: Client) -> None:
    adopted(client, one_column())
    proposed(client, filled(one_column(), B8="いいえ", D8=date(2026, 5, 1), B10="いいえ"))
    html = page(client, "checklist-proposals")
    assert 'value="1-1"' not in html and 'value="2-1"' not in html
    assert 'href="/checklist/2026/1-1/"' in html
    assert take(client, "1-1").status_code == 422


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_what_was_written_out_brings_nothing_new(client: Client, name: str) -> None:
    """Export and import again: no change, in every layout."""
    make = LAYOUTS[name]
    adopted(client, make())
    post(client, "checklist-answer", YEAR, "1-1", answer="yes", confirmed_on="R8.11.20")
    post(client, "checklist-answer", YEAR, "2-6", answer="no", target_on="R9.3.31")
    post(client, "checklist-answer", YEAR, "2-7", answer="no", confirmed_on="R8.11.20", target_on="R9.3.31")
    made = client.get(reverse("governance:checklist-filled-in")).content
    answer = bring(client, made)
    assert answer.status_code == 302, answer.content.decode()
    assert client.post(answer.headers["Location"]).status_code == 409
    assert not ChecklistProposal.objects.exists()


def test_a_form_with_other_items_or_of_no_official_list_is_refused(client: Client) -> None:
    """Named item by item; nothing of it is kept."""
    assert bring(client, one_column()).status_code == 422
    adopted(client, one_column())
    count = ChecklistFile.objects.count()
    other = bring(client, filled(one_column(), A15="⑥ほかの文。"))
    assert other.status_code == 422
    assert "2-6" in other.content.decode()
    assert bring(client, one_column(kind="vendor")).status_code == 422
    assert bring(client, b"rubbish").status_code == 422
    assert ChecklistFile.objects.count() == count


def test_what_was_not_understood_is_named_and_the_rest_is_proposed(client: Client) -> None:
    adopted(client, two_columns())
    answer = bring(client, filled(two_columns(), D6="たぶん", D7="レ", F7="きのう"))
    html = client.get(answer.headers["Location"]).content.decode()
    assert "D6" in html and "F7" in html
    assert client.post(answer.headers["Location"]).status_code == 302
    assert list(ChecklistProposal.objects.values_list("item", "answer", "confirmed_on")) == [("2-1", "yes", None)]


def test_each_vendor_gets_its_form_and_its_answers_stand_beside_ours(client: Client, vendor: Vendor) -> None:
    """Handed out with both names and no answers; taken back; a contradiction is marked."""
    add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values={"name": "関所内科", "kind": "clinic"})
    address = reverse("governance:checklist-hand-out", args=[vendor.pk])
    assert client.post(address).status_code == 422
    assert 'class="empty"' in page(client, "checklist-vendor", vendor.pk)
    adopted(client, one_column({1: 1, 2: 13}, kind="vendor"), "vendor", **{"2-1": "none"})
    handed = client.post(address)
    assert handed.status_code == 200, handed.content.decode()
    sheet = openpyxl.load_workbook(io.BytesIO(handed.content)).worksheets[0]
    assert [sheet["B4"].value, sheet["B8"].value] == ["関所システムズ", None]
    assert Event.objects.filter(action="checklist.hand_out").count() == 1
    query = f"?year={YEAR}&vendor={vendor.pk}"
    proposed(client, filled(handed.content, B8="はい", C8="R8.11.1", B15="いいえ", D15="R9.1.31"), query)
    post(client, "checklist-answer", YEAR, "2-6", answer="yes", confirmed_on="R8.11.20")
    form, own = checklist_form(YEAR, vendor_form(vendor.pk)), checklist_form(YEAR)
    assert [one.vendor.item.id for one in differences(form, own) if one.differs] == ["2-6"]
    html = page(client, "checklist-vendor", vendor.pk)
    assert words("Contradiction") in row_of(html, "2⑥")
    assert words("Cannot be compared") in row_of(html, "1①")
    listed = page(client, "checklist-vendors")
    assert "0/14" in listed and "関所システムズ" in listed
    assert take(client, "1-1", "2-6", query=query).status_code == 302
    assert "2/14" in page(client, "checklist-vendors")
    assert checklist_form(YEAR).line("1-1").state is State.OPEN, "the facility's own form is another"


def test_a_closed_vendor_is_handed_nothing(client: Client, vendor: Vendor) -> None:
    adopted(client, one_column({1: 1, 2: 13}, kind="vendor"), "vendor", **{"2-1": "none"})
    close_entry(actor=OPERATOR, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=vendor.version, reason="契約終了")
    assert client.post(reverse("governance:checklist-hand-out", args=[vendor.pk])).status_code == 404
    assert "checklist/vendors" in page(client, "checklist-vendors")


def test_years_stand_side_by_side_and_last_year_is_only_a_proposal(client: Client, at_nine: clock.FixedClock) -> None:
    """R6, R7 and R8; what was to be done by a day that has passed is overdue; nothing is carried over by itself."""
    adopted(client, two_rounds(year=2024), year=2024)
    post(client, "checklist-answer", 2024, "2-5", answer="yes", confirmed_on="R6.11.1")
    post(client, "checklist-answer", 2025, "2-6", answer="no", confirmed_on="R7.11.1", target_on="R8.3.31")
    post(client, "checklist-answer", 2025, "2-7", answer="no", confirmed_on="R7.11.1", target_on="R9.3.31")
    post(client, "checklist-answer", 2025, "2-8", answer="yes", confirmed_on="R7.11.1")
    adopted(client, one_column({**R7_SHAPE, 5: 1}))
    forms, rows = year_by_year()
    assert [form.year for form in forms] == [2026, 2025, 2024]
    assert len(rows) == 20, "18 in common, one new, one without a number"
    html = page(client, "checklist-years")
    assert re.search(r"令和8年度.*令和7年度.*令和6年度", html, re.DOTALL)
    assert words("No, overdue") in row_of(html, "2⑥")
    assert words("Yes") in row_of(html, "2⑤")
    assert words("Not asked") in row_of(html, "5①")
    assert checklist_form(YEAR).counts == {State.OPEN: 19}
    listed = page(client, "checklist")
    assert 'href="#item-2-6"' in listed and 'href="#item-2-7"' not in listed
    found = {one.line.item.id: one for one in proposals(checklist_form(YEAR))}
    assert {name: (one.answer, one.is_takeable, one.confirmed_on) for name, one in found.items()} == {
        "2-6": ("no", False, None),
        "2-7": ("no", True, None),
        "2-8": ("yes", True, None),
    }
    assert take(client, "2-8").status_code == 422, "last year's day is not this year's"
    assert take(client, "2-7", "2-8", confirmed_on="R8.11.20").status_code == 302
    assert ChecklistAnswer.objects.get(item="2-8", fiscal_year=YEAR).source == "2025"
    assert checklist_form(YEAR).line("2-7").state is State.NO
    assert checklist_form(2025).line("2-8").state is State.YES


def test_what_was_answered_since_is_proposed_no_more(client: Client) -> None:
    """And what nobody proposed cannot be taken over."""
    adopted(client, one_column())
    proposed(client, filled(one_column(), B8="はい", C8="R8.11.1"))
    post(client, "checklist-answer", YEAR, "1-1", answer="no", target_on="R9.3.31")
    assert proposals(checklist_form(YEAR)) == []
    assert take(client, "1-1").status_code == 422
    assert checklist_form(YEAR).line("1-1").state is State.NO
