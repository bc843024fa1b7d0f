"""A stocktake as people use it: begun, counted with a scanner or by script, settled, closed, taken away."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.test import Client
from pypdf import PdfReader

from sekisho.assets.models import Equipment, StockLine, Stocktake
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import User
from tests.assets.counting import begun, device, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
STOCKTAKES = "/assets/stocktakes/"
PLAN = {
    "name": "機器の棚卸",
    "ledger": "assets.devices",
    "begins_on": "R8.11.1",
    "ends_on": "R8.11.30",
    "responsible": "山田 花子",
}
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def client(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


def page(client: Client, address: str, **data: str) -> str:
    return client.get(address, data).content.decode()


def test_a_stocktake_from_the_list_to_the_paper(client: Client, operator: Actor, at_nine: clock.FixedClock) -> None:
    """Everything by HTTP, without a script, as somebody with a scanner does it."""
    assert "Begin a stocktake" in page(client, STOCKTAKES)
    assert client.post(f"{STOCKTAKES}new/", PLAN).status_code == 422, "there is nothing to count"
    device(operator, "受付端末", "1階 受付", asset_number="A-001")
    device(operator, "ノートPC", "2階 診察室1", asset_number="A-002")
    wrong = {**PLAN, "ends_on": "R8.10.1"}
    assert "lies before the first" in client.post(f"{STOCKTAKES}new/", wrong).content.decode()
    here = client.post(f"{STOCKTAKES}new/", PLAN).headers["Location"]
    assert "ST-00001" in page(client, here)

    answer = client.post(f"{here}scan/", {"place": "1階 受付", "code": "EQ-00001"})
    assert answer.status_code == 302
    shown = page(client, answer.headers["Location"])
    assert "Found where expected" in shown
    assert 'value="1階 受付"' in shown, "the place is kept"
    assert "1 of 2 found" in shown
    unsaid = client.post(f"{here}scan/", {"place": "", "code": "A-002"})
    assert unsaid.status_code == 422
    nowhere = client.post(f"{here}scan/", {"place": "。", "code": "A-002"}).content.decode()
    assert "Say first where you are" in nowhere

    part = client.post(f"{here}scan/", {"place": "1階 受付", "code": "A-002"}, headers=SCRIPT)
    assert part.status_code == 200
    assert 'id="scanned"' in part.content.decode()
    assert "The ledger says: 2階 診察室1" in part.content.decode()
    assert "<html" not in part.content.decode()
    undo = re.findall(rf'action="({here}scans/[^"]+)"', part.content.decode())
    back = client.post(undo[0], {"place": "1階 受付"})
    assert "was taken back" in page(client, back.headers["Location"])
    client.post(f"{here}scan/", {"place": "1階 受付", "code": "A-002"})

    assert "Not everything is settled yet" in page(client, f"{here}close/")
    assert client.post(f"{here}close/", {"note": ""}).status_code == 409
    line = StockLine.objects.get(result="elsewhere")
    question = page(client, f"{here}lines/{line.pk}/")
    assert "Place corrected in the ledger" in question
    assert client.post(f"{here}lines/{line.pk}/", {"settlement": "place_corrected", "reason": ""}).status_code == 422
    settled = client.post(f"{here}lines/{line.pk}/", {"settlement": "place_corrected", "reason": "受付で使うため"})
    assert settled.headers["Location"] == f"{here}?left=1"
    assert "Nothing is left here" in page(client, f"{here}?left=1")
    assert Equipment.objects.get(number=2).place == "1階 受付"
    assert client.post(f"{here}close/", {"note": "全数"}).headers["Location"] == here
    assert "Signed off by" in page(client, here)
    assert client.get(f"{here}scan/").headers["Location"] == here
    _look_at_the_papers(client, here)


def _look_at_the_papers(client: Client, here: str) -> None:
    Stocktake.objects.update(closed_at=datetime(2026, 11, 20, 20, tzinfo=UTC))
    paper = PdfReader(io.BytesIO(client.get(f"{here}summary.pdf").content))
    words = "".join(sheet.extract_text() for sheet in paper.pages)
    assert "2026-11-20" not in words, "days are those of the facility"
    for expected in ("SK-ST-00001", "Checked by", "受付で使うため", "Signed off by"):
        assert expected in words
    width, height = (round(float(side)) for side in paper.pages[0].mediabox[2:])
    assert (width, height) == (595, 842), "A4"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{here}summary.xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert {"EQ-00001", "Found in another place", "受付で使うため"} <= set(cells)


def test_what_was_found_is_narrowed_and_paged(client: Client, operator: Actor, at_nine: clock.FixedClock) -> None:
    for number in range(55):
        device(operator, f"端末{number:02}", serial=f"SN-{number}")
    stocktake = begun(operator)
    read(operator, stocktake, "SN-7")
    here = f"{STOCKTAKES}{stocktake.pk}/"
    assert "端末54" not in page(client, here)
    assert "端末54" in page(client, here, page="2")
    assert "端末08" not in page(client, here, result="match")
    assert "端末07" in page(client, here, result="match")
    assert "端末07" in page(client, here, q="ｓｎ-7")
    assert "54 not settled" in page(client, here)
    Stocktake.objects.update(ends_on=date(2026, 11, 20))
    listed = page(client, STOCKTAKES)
    assert "Overdue" in listed


def test_something_unknown_is_entered_with_what_is_known(
    client: Client, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """The form of the ledger opens filled in; its control number then settles the difference."""
    device(operator, "受付端末")
    stocktake = begun(operator)
    line = read(operator, stocktake, "A-900", "3階 病棟").line
    here = f"{STOCKTAKES}{stocktake.pk}/lines/{line.pk}/"
    link = re.search(r'href="(/assets/devices/new/\?[^"]+)"', page(client, here))
    assert link is not None
    form = page(client, link[1].replace("&amp;", "&"))
    assert 'value="A-900"' in form
    assert 'value="3階 病棟"' in form
    device(operator, "病棟端末", "3階 病棟", asset_number="A-900")
    given = {"settlement": "registered", "reason": "登録漏れ", "reference": "EQ-00002"}
    assert client.post(here, {**given, "reference": "EQ-9"}).status_code == 422
    assert client.post(here, given).status_code == 302


def test_each_role_does_its_part(signed_in: Callable[..., Client], operator: Actor, at_nine: clock.FixedClock) -> None:
    """A department's manager counts and neither settles nor closes; an auditor looks."""
    device(operator, "受付端末")
    stocktake = begun(operator)
    here = f"{STOCKTAKES}{stocktake.pk}/"
    line = StockLine.objects.get()
    manager, auditor = signed_in(Role.DEPARTMENT_MANAGER), signed_in(Role.AUDITOR)
    given = {"place": "2階 診察室1", "code": "EQ-00001"}
    assert auditor.post(f"{here}scan/", given).status_code == 403
    assert manager.post(f"{here}scan/", given, headers=SCRIPT).status_code == 200
    assert manager.post(f"{here}scan/", given, headers=SCRIPT).status_code == 200
    again = StockLine.objects.get(result="twice")
    assert line.pk != again.pk
    settle = {"settlement": "read_in_error", "reason": "二度読んだ"}
    assert manager.post(f"{here}lines/{again.pk}/", settle).status_code == 403
    assert "Settle</button>" not in page(auditor, f"{here}lines/{again.pk}/")
    assert manager.get(f"{here}close/").status_code == 403
    assert "Close the stocktake" not in page(manager, here)
    assert isinstance(manager.user, User)  # type: ignore[attr-defined]
    assert Stocktake.objects.get().closed_at is None


def test_the_camera_is_for_the_page_that_counts(client: Client, operator: Actor, at_nine: clock.FixedClock) -> None:
    """The policy of contents stays as strict, and no other page may use the camera."""
    device(operator, "受付端末")
    here = f"{STOCKTAKES}{begun(operator).pk}/"
    counting, other = client.get(f"{here}scan/"), client.get(here)
    assert counting.headers["Permissions-Policy"].startswith("camera=(self), ")
    assert other.headers["Permissions-Policy"].startswith("camera=(), ")
    assert counting.headers["Content-Security-Policy"] == other.headers["Content-Security-Policy"]


def test_cancelling_asks_why(client: Client, operator: Actor, at_nine: clock.FixedClock) -> None:
    device(operator, "受付端末")
    here = f"{STOCKTAKES}{begun(operator).pk}/"
    assert client.post(f"{here}cancel/", {"reason": ""}).status_code == 422
    assert client.post(f"{here}cancel/", {"reason": "範囲の誤り"}).headers["Location"] == here
    assert "Cancelled" in page(client, here)
    assert "proves nothing" in PdfReader(io.BytesIO(client.get(f"{here}summary.pdf").content)).pages[0].extract_text()
