"""Labels: every place of every sheet, the QR code, and nothing on it that names a person."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from sekisho.assets.rules.labels import LAYOUTS, layout, on_sheets
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from tests.assets.counting import device


@given(st.lists(st.integers(), max_size=100), st.sampled_from([12, 24, 44]), st.integers(0, 43))
def test_every_label_is_printed_once_and_in_order(labels: list[int], per_sheet: int, used: int) -> None:
    sheets = on_sheets(labels, per_sheet, used)
    assert [one for sheet in sheets for one in sheet if one is not None] == labels
    assert all(len(sheet) <= per_sheet for sheet in sheets)
    if labels:
        assert sheets[0][: used % per_sheet] == [None] * (used % per_sheet)
    else:
        assert sheets == []


def test_a_sheet_is_an_a4() -> None:
    for one in LAYOUTS:
        assert layout(one.id) == one
        assert one.left >= 0
        assert one.top >= 0
        assert round(2 * one.left + one.columns * one.width, 1) == 210
        assert round(2 * one.top + one.rows * one.height, 1) == 297
    assert layout("99") is None


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_labels_are_chosen_and_printed(signed_in: Callable[..., Client], operator: Actor) -> None:
    """By search and filter, on the sheet that is at hand; names and keepers stay off them."""
    client = signed_in(Role.DEPARTMENT_MANAGER)
    assert "No entry matches" in client.get("/assets/labels/").content.decode()
    for number in range(46):
        device(operator, "山田PC", asset_number=f"A-{number:03}", keeper="山田 花子")
    page = client.get("/assets/labels/", {"q": "a-00"}).content.decode()
    assert "Make labels (PDF): 10" in page
    assert "A-045" not in page
    assert client.get("/assets/labels.pdf").status_code == 422
    assert client.get("/assets/labels.pdf", {"sheet": "99"}).status_code == 422
    taken = client.get("/assets/labels.pdf", {"ledger": "assets.devices", "sheet": "44", "used": "1"})
    paper = PdfReader(io.BytesIO(taken.content))
    words = [sheet.extract_text() for sheet in paper.pages]
    assert len(words) == 2, "44 less one on the first sheet, three on the second"
    assert "EQ-00043" in words[0]
    assert "A-045" in words[1]
    assert "山田" not in "".join(words)
    nothing = client.get("/assets/labels.pdf", {"ledger": "assets.media", "sheet": "24"})
    assert "nothing to print" in PdfReader(io.BytesIO(nothing.content)).pages[0].extract_text()
