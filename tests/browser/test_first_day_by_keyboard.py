"""The first day, by keyboard alone, in English."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.first_day import Day, walk
from tests.browser.hands import Keyboard
from tests.config.running import Instance


@pytest.mark.full
def test_from_the_link_to_the_pack_by_keyboard(
    platform: Instance, open_browser: Callable[..., Page], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_browser(language="en")
    with capsys.disabled():
        walk(Day(Keyboard(page), "en"), platform, tmp_path, lambda said: sys.stderr.write(f"\n{said}\n"))
