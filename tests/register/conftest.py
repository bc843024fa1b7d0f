"""Every test of the register gets a log and an inbox of its own: a log outlives what a test rolls back."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def log_folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of this test's log."""
    settings.REGISTER_FOLDER = tmp_path / "register"
    settings.INBOX_FOLDER = tmp_path / "inbox"
    settings.REGISTER_INDEX = tmp_path / "index"
    return tmp_path / "register"
