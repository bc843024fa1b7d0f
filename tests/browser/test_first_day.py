"""The first day, with the mouse, in Japanese."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.first_day import Day, walk
from tests.browser.hands import Mouse
from tests.config.running import Instance


def test_from_the_link_to_the_pack_with_the_mouse(
    platform: Instance, open_browser: Callable[..., Page], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        walk(Day(Mouse(open_browser()), "ja"), platform, tmp_path, lambda said: sys.stderr.write(f"\n{said}\n"))
