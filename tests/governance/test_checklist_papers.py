"""The checklist to take away: workbook and PDF say what the page says, of the facility and of a vendor."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import unquote

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from sekisho.estate import ledgers
from sekisho.estate.models import Vendor
from sekisho.estate.services import add_entry
from sekisho.governance.queries.checklists import ChecklistForm, checklist_form, vendor_form
from sekisho.governance.services.checklists import Answering, answer_item
from sekisho.governance.views.checklist_wording import ItemRow, item_rows
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from tests.governance.pages import judge, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
HOSTILE = '=HYPERLINK("x") #panic() $x$ <b>*注*</b> \\ 〜髙﨑'
YEAR, DAY, TARGET = 2026, date(2026, 11, 20), date(2027, 3, 31)


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.AUDITOR)


@pytest.fixture
def vendor(operator: Actor) -> Vendor:
    """A clinic with some answers of its own, and a vendor that returned one."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    entry = add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": HOSTILE})
    assert isinstance(entry, Vendor)
    judge()
    answer_item(actor=operator, answering=Answering(YEAR, "1-1", is_yes=True, confirmed_on=DAY, note=HOSTILE))
    answer_item(actor=operator, answering=Answering(YEAR, "2-6", is_yes=False, target_on=TARGET))
    answer_item(actor=operator, answering=Answering(YEAR, "2-6", is_yes=True, vendor=entry.pk, confirmed_on=DAY))
    return entry


def workbook(client: Client, **query: object) -> list[tuple[object, ...]]:
    """Return the rows below the heading."""
    answer = client.get(reverse("governance:checklist-workbook"), query)
    assert answer.status_code == 200
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    assert sheet.freeze_panes and sheet.print_title_rows
    return [row for row in sheet.iter_rows(values_only=True) if re.fullmatch(r"\d[①-⑳]", str(row[0]))]


def pdf(client: Client, **query: object) -> tuple[str, pypdf.PdfReader]:
    answer = client.get(reverse("governance:checklist-pdf"), query)
    assert answer.status_code == 200, answer.content
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    return compact("".join(found.extract_text() for found in reader.pages)), reader


def compact(text: str) -> str:
    return re.sub(r"\s", "", text)


def rows_of(form: ChecklistForm) -> list[ItemRow]:
    with override("ja"):
        return [row for _heading, rows in item_rows(form, "ja") for row in rows]


def test_page_workbook_and_pdf_say_the_same(client: Client, vendor: Vendor) -> None:
    """Row by row: answer, days, who, n/N and the leaves that do not conform."""
    form = checklist_form(YEAR)
    html, cells, (text, _reader) = page(client, "checklist"), workbook(client), pdf(client)
    assert len(cells) == len(form.lines) == html.count('<tr id="item-')
    for row, line, cell in zip(rows_of(form), form.lines, cells, strict=True):
        with override("ja"):
            answer, recommended = str(row.answer.text), str(row.recommended.text)
            grounds = "\n".join(str(ground) for ground in row.grounds)
        said = line.recommendation
        assert cell[:3] == (row.printed, row.title, answer)
        assert cell[6:10] == (recommended, said.conforming, said.applying, grounds or None)
        assert compact(f"{recommended}{row.numbers}") in text
        assert compact(row.title) in text
        assert f"{row.numbers}" in html


def test_days_and_names_stand_beside_the_answers(client: Client, vendor: Vendor) -> None:
    by_number = {row[0]: row for row in workbook(client)}
    yes, no, none = by_number["1①"], by_number["2⑥"], by_number["2①"]
    assert yes[3:6] == (datetime(2026, 11, 20), None, "試験 太郎")  # noqa: DTZ001  # as Excel keeps a day
    assert no[3:6] == (None, datetime(2027, 3, 31), "試験 太郎")  # noqa: DTZ001
    assert none[3:6] == (None, None, None)
    text, _reader = pdf(client)
    assert all(words in text for words in ("令和8年11月20日", "令和9年3月31日", "試験太郎"))


def test_a_vendors_form_is_another_paper(client: Client, vendor: Vendor) -> None:
    """With the items that vendors are asked, its answers and its name, whatever that holds."""
    query = {"year": YEAR, "vendor": str(vendor.pk)}
    form = checklist_form(YEAR, vendor_form(vendor.pk))
    rows = workbook(client, **query)
    assert [row[1] for row in rows] == [row.title for row in rows_of(form)]
    assert len(rows) < len(workbook(client))
    answered = [row[0] for row in rows if row[5]]
    assert answered == ["2⑥"]
    text, _reader = pdf(client, **query)
    assert compact(HOSTILE) in text


def test_what_somebody_typed_is_text(client: Client, vendor: Vendor) -> None:
    answer = client.get(reverse("governance:checklist-workbook"))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == HOSTILE]
    assert cell.data_type == "s"


def test_the_pdf_is_a4_with_number_seals_and_page_numbers(client: Client, vendor: Vendor) -> None:
    text, reader = pdf(client, year=2025)
    assert all(word in text for word in ("SK-CL-2025-20261121", "関所内科クリニック", "令和7年度", "作成", "承認"))
    for number, found in enumerate(reader.pages, start=1):
        assert [round(float(side)) for side in found.mediabox[2:]] == [595, 842]
        assert f"{number}/{len(reader.pages)}" in compact(found.extract_text())


def test_the_file_is_named_by_year_and_day(client: Client, vendor: Vendor) -> None:
    answer = client.get(reverse("governance:checklist-pdf"))
    assert unquote(answer["Content-Disposition"]).endswith("_令和8年度_20261121.pdf")


def test_what_is_not_there_is_refused(client: Client, vendor: Vendor) -> None:
    """Unknown years, unknown vendors."""
    for name in ("checklist-pdf", "checklist-workbook"):
        assert client.get(reverse(f"governance:{name}"), {"year": 2024}).status_code == 422
        assert client.get(reverse(f"governance:{name}"), {"vendor": "x"}).status_code == 404


def test_no_paper_is_made_of_old_verdicts(
    client: Client, vendor: Vendor, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """Something changed and nothing was judged since: the page says so, the papers wait."""
    add_entry(
        actor=operator, ledger=ledgers.SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    )
    at_nine.moment += timedelta(minutes=5)
    assert client.get(reverse("governance:checklist-pdf")).status_code == 200
    at_nine.moment += timedelta(hours=1)
    assert "sekisho doctor" in page(client, "checklist")
    for name in ("checklist-pdf", "checklist-workbook"):
        assert client.get(reverse(f"governance:{name}")).status_code == 409
    judge()
    assert client.get(reverse("governance:checklist-pdf")).status_code == 200


def test_in_english(client: Client, vendor: Vendor) -> None:
    client.cookies["sekisho_language"] = "en"
    text, _reader = pdf(client)
    assert "Checklistofcybersecuritymeasures(facility)" in text
    assert "Apersonmustjudge" in text
