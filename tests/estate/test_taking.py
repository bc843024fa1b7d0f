"""The lists of the estate to take away: what the page shows, in the files of the working books."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client

from sekisho.kernel.access import Role

pytestmark = pytest.mark.django_db


def test_a_list_is_taken_away_as_it_is_shown(clinic: Mapping[str, Any], signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.AUDITOR)
    page = client.get("/estate/systems/?q=予約").content.decode()
    assert "/estate/systems/export.xlsx?q=%E4%BA%88%E7%B4%84" in page
    lines = client.get("/estate/systems/export.csv", {"q": "予約"}).content.decode("utf-8-sig").splitlines()
    assert (lines[0][:9], len(lines)) == ('"名称","種別"', 2)
    assert "甲社" in lines[1]
    book = client.get("/estate/vendors/export.xlsx").content
    cells = [cell for row in openpyxl.load_workbook(BytesIO(book)).active.iter_rows(values_only=True) for cell in row]
    assert {"甲社", "乙通信", "名称"} <= set(cells)
    assert client.get("/estate/links/export.csv", {"closed": "1"}).status_code == 200, "nothing is a file too"
