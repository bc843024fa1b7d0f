"""Every test of the register gets a log and an inbox of its own: a log outlives what a test rolls back."""

from pathlib import Path
from typing import Any

import pytest

from tests.english import message_ids, signed_in

__all__ = ["message_ids", "signed_in"]


@pytest.fixture(autouse=True)
def log_folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of this test's log."""
    settings.REGISTER_FOLDER = tmp_path / "register"
    settings.INBOX_FOLDER = tmp_path / "inbox"
    return tmp_path / "register"
