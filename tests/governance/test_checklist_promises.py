"""Target days outlive the year and the list they were given in; the official forms lie in the pack."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import ChecklistFile, Notice
from sekisho.governance.queries.checklists import checklist_form
from sekisho.governance.rules.notices import NoticeKind, Urgency
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.ids import new_id
from tests.conftest import MORNING
from tests.governance.official_checklists import one_column
from tests.governance.pages import judge, page, post, words
from tests.governance.test_checklist_official_pages import adopted
from tests.governance.test_paper_pages import compact
from tests.governance.working import OPERATOR

pytestmark = pytest.mark.django_db
YEAR = 2026
_NONE: dict[str, Any] = {"1-1": "none"}
_SWAPPED: dict[str, Any] = {"2-6": "2-7", "2-7": "2-6"}
LAST_MORNING = MORNING + (date(2027, 3, 31) - date(2026, 11, 21))


@pytest.fixture
def signed(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Callable[[], Client]:
    """Return a function that signs the operator in at the present moment."""
    return lambda: signed_in(Role.SYSTEM_OPERATOR, login=f"at{clock.now():%m%d%H%M}{new_id().hex[-4:]}")


def told() -> dict[str, tuple[Urgency, bool]]:
    """Look, and return the open notices of target days: how urgent they are, and whether overdue."""
    look_for_notices(actor=platform("test"))
    rows = Notice.objects.filter(kind=NoticeKind.TARGET, ended_at=None)
    return {row.ref: (Urgency(row.urgency), row.overdue) for row in rows}


def vendor(name: str = "関所システムズ") -> str:
    return str(add_entry(actor=OPERATOR, ledger=ledgers.VENDORS, values={"name": name}).pk)


def test_a_target_day_at_the_end_of_march_is_overdue_in_april(
    signed: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """The year of the form ends with the very day: what was not done must not vanish with it."""
    post(signed(), "checklist-answer", YEAR, "2-6", answer="no", target_on="R9.3.31")
    at_nine.moment = LAST_MORNING
    assert told() == {"2-6": (Urgency.WEEK, False)}
    first = Notice.objects.get(kind=NoticeKind.TARGET)
    at_nine.moment = LAST_MORNING.replace(hour=14, minute=59)  # 23:59 in Tokyo
    assert told() == {"2-6": (Urgency.WEEK, False)}
    at_nine.moment += timedelta(minutes=2)
    assert told() == {"2-6": (Urgency.TODAY, True)}
    assert Notice.objects.get(kind=NoticeKind.TARGET) == first, "it is the same notice, and worse"
    at_nine.moment += timedelta(days=200)
    client = signed()
    assert told() == {"2-6": (Urgency.TODAY, True)}
    address = reverse("governance:checklist-item", args=[YEAR, "2-6"])
    assert address in page(client, "notices", query="?kind=target")
    assert 'href="#item-2-6"' in page(client, "checklist")
    post(client, "checklist-answer", YEAR + 1, "2-6", answer="no", target_on="R10.3.31")
    assert told() == {}
    assert 'href="#item-2-6"' not in page(client, "checklist"), "it was answered anew"


def test_a_target_day_of_a_vendors_official_form_is_told(
    signed: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """It has items of its own, by other numbers than the facility's."""
    client, name = signed(), vendor()
    adopted(client, one_column({1: 1, 5: 1}, kind="vendor"), kind="vendor", **_NONE)
    answer = post(client, "checklist-answer", YEAR, "5-1", query=f"?vendor={name}", answer="no", target_on="R8.11.25")
    assert answer.status_code == 302, answer.content.decode()
    assert told() == {"5-1": (Urgency.WEEK, False)}
    assert "架空の対策" in page(client, "notices", query="?kind=target")
    at_nine.moment += timedelta(days=10)
    assert told() == {"5-1": (Urgency.TODAY, True)}


def test_a_target_day_survives_that_another_list_is_taken_over(signed: Callable[[], Client]) -> None:
    """And is told under the number by which the item is asked now."""
    client = signed()
    post(client, "checklist-answer", YEAR, "2-6", answer="no", target_on="R8.11.25")
    adopted(client, one_column(), **_SWAPPED)
    assert told() == {"2-7": (Urgency.WEEK, False)}
    post(client, "checklist-answer", YEAR, "2-7", answer="yes", confirmed_on="R8.11.20")
    assert told() == {}


def packed(client: Client) -> dict[str, bytes]:
    """Return the pack by the names of its files."""
    judge()
    answer = client.get(reverse("governance:inspection-pack"))
    assert answer.status_code == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def listed(files: dict[str, bytes]) -> str:
    return next(content.decode("utf-8-sig") for name, content in files.items() if name.startswith("00_"))


OFFICIAL = words("Checklist of cybersecurity measures, official form")


def test_the_pack_holds_the_official_form_with_what_persons_answered(signed: Callable[[], Client]) -> None:
    """And says of those that have none why; each vendor's paper says whose it is."""
    client = signed()
    vendor("../あ/会社")
    vendor("い会社")
    before = packed(client)
    assert not [name for name in before if OFFICIAL in name]
    given = words("the official form of the facility with its answers: the file of this year was not given")
    vendors = words("the official forms of the vendors: the file of this year was not given")
    assert given in listed(before) and listed(before).count(vendors) == 1
    adopted(client, one_column())
    post(client, "checklist-answer", YEAR, "1-1", answer="yes", confirmed_on="R8.11.20")
    files = packed(client)
    assert all("/" not in name and ".." not in name for name in files)
    (official,) = [name for name in files if OFFICIAL in name]
    sheet = openpyxl.load_workbook(io.BytesIO(files[official])).worksheets[0]
    assert [sheet["B8"].value, sheet["B10"].value] == ["はい", None]
    assert f"{official}\r\n  SHA-256 {hashlib.sha256(files[official]).hexdigest()}" in listed(files)
    assert given not in listed(files) and vendors in listed(files)
    assert sum("い会社" in name for name in files) == 1
    numbers = [re.findall(r"SK-CL-2026-20261121[-0-9A-F]*", text(content)) for content in papers(files)]
    assert len({found[0] for found in numbers if found}) == 3, "each of the three papers has a number of its own"


def papers(files: dict[str, bytes]) -> list[bytes]:
    return [content for name, content in files.items() if name.endswith(".pdf")]


def text(content: bytes) -> str:
    return compact("".join(found.extract_text() for found in pypdf.PdfReader(io.BytesIO(content)).pages))


def test_an_official_form_that_cannot_be_written_is_named_and_keeps_nothing_else_out(
    signed: Callable[[], Client],
) -> None:
    """One cell of a day that holds a formula must not cost the inspector every other paper."""
    client = signed()
    book = openpyxl.load_workbook(io.BytesIO(one_column()))
    book.worksheets[0]["C8"] = '=IF(1=1,"","")'
    buffer = io.BytesIO()
    book.save(buffer)
    adopted(client, buffer.getvalue())
    files = packed(client)
    assert not [name for name in files if OFFICIAL in name]
    assert "C8" in listed(files)
    assert len(files) == 6


def test_a_paper_does_not_call_the_ministrys_words_ours(signed: Callable[[], Client]) -> None:
    client = signed()
    ours = words("The items are in our own words: fill in the official form from this list.")

    def said() -> str:
        judge()
        answer = client.get(reverse("governance:checklist-workbook"))
        rows = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(max_row=4, values_only=True)
        return " ".join(str(cell) for row in rows for cell in row if cell)

    assert ours in said()
    adopted(client, one_column())
    assert ours not in said()
    assert words("The items are those of the official file.") in said()


def test_the_name_of_the_official_form_has_the_day_of_the_facility(
    signed: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """At half past midnight in Tokyo it is still yesterday in UTC."""
    adopted(signed(), one_column())
    at_nine.moment = MORNING.replace(hour=15, minute=30)
    answer = signed().get(reverse("governance:checklist-filled-in"))
    assert "_20261122.xlsx" in answer.headers["Content-Disposition"]


def test_the_words_to_compare_stand_beside_each_other(signed: Callable[[], Client]) -> None:
    """Nobody can compare with what a closed list hides."""
    client = signed()
    adopted(client, one_column())
    html = page(client, "checklist-adopt", ChecklistFile.objects.get().pk)
    own = checklist_form(2025).line("2-6").item
    assert f"{words('Same number:')} {own.printed} {own.title.ja}" in html
