"""Importing the official text: whole or not at all, verbatim, recorded, and comparable with the next edition."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sekisho.governance.commands import guideline as command
from sekisho.governance.errors import TextNotWhole, TextTooLarge, TextUnreadable
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.official import changed_items, newest_text, verbatim
from sekisho.governance.rules.official import NoGuideline
from sekisho.governance.services.official import LARGEST, import_official, read_official
from sekisho.kernel.access import Role
from sekisho.kernel.actor import console
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.governance.synthetic import IDS, ITEMS, guideline

pytestmark = pytest.mark.django_db
ROOT = console()


def text_file(folder: Path, text: str | bytes | None = None) -> Path:
    """Write a guideline to a file."""
    path = folder / "手引き.txt"
    data = guideline() if text is None else text
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf8"))
    return path


def test_a_whole_text_is_stored_verbatim_and_recorded(tmp_path: Path, synthetic_edition: str) -> None:
    """Every item with its mark; the hash is that of the bytes."""
    path = text_file(tmp_path)
    reading = read_official(path, synthetic_edition)
    stored = import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert stored.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    found = verbatim(synthetic_edition)
    assert tuple(found) == IDS
    assert found["SO-1-2"] == ITEMS[1].line
    assert OfficialItem.objects.filter(requirement_id="").get().verbatim.startswith("¹²")
    entry = json.loads(Event.objects.get().entry)
    assert (entry["action"], entry["details"]["items"]) == ("guideline.import", len(IDS))


def test_half_a_text_is_refused_and_nothing_is_stored(tmp_path: Path, synthetic_edition: str) -> None:
    """The missing items are named."""
    reading = read_official(text_file(tmp_path, guideline(ITEMS[:6])), synthetic_edition)
    with pytest.raises(TextNotWhole, match="SO-3-1-1b"):
        import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert (OfficialText.objects.count(), OfficialItem.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_a_new_import_does_not_touch_the_old_one(tmp_path: Path, synthetic_edition: str) -> None:
    """Texts are never overwritten; the newest is shown."""
    for text in (guideline(), guideline().replace("鐘を鳴らす", "太鼓を打つ")):
        reading = read_official(text_file(tmp_path, text), synthetic_edition)
        import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert OfficialText.objects.count() == 2
    newest = newest_text(synthetic_edition)
    assert newest is not None
    assert "太鼓" in verbatim(synthetic_edition)["SO-3-1-2"]


def test_shift_jis_is_read_and_other_bytes_are_refused(tmp_path: Path, synthetic_edition: str) -> None:
    """With the place where reading stopped."""
    japanese = guideline().replace("¹²", "注").encode("cp932")
    assert read_official(text_file(tmp_path, japanese), synthetic_edition).report.is_whole
    assert read_official(text_file(tmp_path, b"\xef\xbb\xbf" + guideline().encode()), synthetic_edition).report.is_whole
    with pytest.raises(TextUnreadable):
        read_official(text_file(tmp_path, b"\x81\xff\xff\xff" * 50), synthetic_edition)
    with pytest.raises(NoGuideline):
        read_official(text_file(tmp_path, b"\x00" * 500), synthetic_edition)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, synthetic_edition: str) -> None:
    """Two GiB, as a hole in a file."""
    path = text_file(tmp_path)
    with path.open("r+b") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(TextTooLarge):
        read_official(path, synthetic_edition)
    assert LARGEST < 2**30


def test_who_may_import(tmp_path: Path, synthetic_edition: str) -> None:
    """The planning manager may, staff may not."""
    reading = read_official(text_file(tmp_path), synthetic_edition)
    with pytest.raises(Forbidden):
        import_official(actor=actor_with(Role.STAFF), reading=reading, edition_id=synthetic_edition)
    import_official(actor=actor_with(Role.PLANNING_MANAGER), reading=reading, edition_id=synthetic_edition)


def test_an_unknown_edition_is_said_so(tmp_path: Path, synthetic_edition: str) -> None:
    """Neither read nor compared."""
    with pytest.raises(NotFound):
        read_official(text_file(tmp_path), "mhlw-9.9")
    with pytest.raises(NotFound):
        changed_items(synthetic_edition, "mhlw-9.9")


def test_the_command_imports_checks_and_reports(tmp_path: Path, synthetic_edition: str) -> None:
    """`sekisho guideline import`."""
    path = text_file(tmp_path)
    options = ["import", str(path), "--edition", synthetic_edition, "--json"]
    checked = CliRunner().invoke(command, [*options, "--check"], standalone_mode=False)
    assert (checked.return_value, OfficialText.objects.count()) == (0, 0)
    facts = json.loads(checked.stdout)
    assert {name: facts[name] for name in ("matched", "bullets", "missing", "extra", "duplicate")} == {
        "matched": 10,
        "bullets": 2,
        "missing": 0,
        "extra": 0,
        "duplicate": 0,
    }
    CliRunner().invoke(command, options, standalone_mode=False)
    assert OfficialText.objects.count() == 1
    half = text_file(tmp_path, guideline(ITEMS[:3]))
    refused = CliRunner().invoke(
        command, ["import", str(half), "--edition", synthetic_edition, "--check"], standalone_mode=False
    )
    assert refused.return_value == 1
    assert "SO-2-3-a" in refused.stderr
