"""Importing the official text: whole or not at all, verbatim, recorded, and comparable with the next edition."""

import hashlib
import json
import os
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import IntegrityError
from django.utils.translation import override

from sekisho.governance.commands import guideline as command
from sekisho.governance.errors import TextHasControl, TextNotAFile, TextNotWhole, TextTooLarge, TextUnreadable
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.official import changed_items, newest_text, verbatim
from sekisho.governance.rules.official import NoGuideline, Report
from sekisho.governance.services import official as service
from sekisho.governance.services.official import LARGEST, describe, import_official, read_official
from sekisho.kernel.access import Role
from sekisho.kernel.actor import console
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.governance.synthetic import IDS, ITEMS, cut_in_the_last_item, guideline, only_marks

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
    assert stored is not None
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
        read_official(text_file(tmp_path, "何もない"), synthetic_edition)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso2022_jp_2004", "euc_jis_2004", "utf-32"])
def test_another_encoding_is_said_so(tmp_path: Path, synthetic_edition: str, encoding: str) -> None:
    """Rather than that there are no items in it, or a control character."""
    text = guideline().replace("¹²", "注").replace("－", "・").encode(encoding)
    with pytest.raises(TextUnreadable):
        read_official(text_file(tmp_path, text), synthetic_edition)


@pytest.mark.parametrize("sign", ["\0", "\x01", "\b", "\v", "\x1b", "\x1c", "\x1f", "\x7f", "\x80", "\x85", "\x9f"])
def test_a_control_character_is_refused_with_its_place(tmp_path: Path, synthetic_edition: str, sign: str) -> None:
    """One database keeps it, another does not."""
    for end in ("\n", "\r\n", "\r"):
        text = guideline().replace("鐘を鳴らす", f"鐘を{sign}鳴らす").replace("\n", end)
        with pytest.raises(TextHasControl) as refused:
            read_official(text_file(tmp_path, text), synthetic_edition)
        line = 1 + guideline()[: guideline().index("鐘を鳴らす")].count("\n")
        assert refused.value.params == {"name": "手引き.txt", "line": line, "sign": f"U+{ord(sign):04X}"}


def test_tabs_line_ends_and_form_feeds_are_plain_text(tmp_path: Path, synthetic_edition: str) -> None:
    """A form feed is a page's end."""
    for end in ("\n", "\r\n", "\r", "\n\f"):
        reading = read_official(text_file(tmp_path, guideline().replace("\n", end)), synthetic_edition)
        assert reading.report.is_whole, repr(end)
        assert not any(set(part.text) & {"\r", "\f"} for part in reading.parts)
    tabbed = read_official(text_file(tmp_path, guideline().replace("鐘を", "\t鐘を")), synthetic_edition)
    assert any("\t鐘を" in part.text for part in tabbed.parts)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "socket"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, synthetic_edition: str, kind: str) -> None:
    """A pipe that nobody writes to does not hold us up, and a device without an end is not read."""
    path = tmp_path / "x"
    with socket.socket(socket.AF_UNIX) as listener:
        match kind:
            case "pipe":
                os.mkfifo(path)
            case "device":
                path.symlink_to("/dev/zero")
            case "folder":
                path.mkdir()
            case _:
                listener.bind(str(path))
        with pytest.raises(TextNotAFile) as refused:
            read_official(path, synthetic_edition)
    assert refused.value.params == {"name": "x"}


def test_what_becomes_a_pipe_after_the_look_is_refused_too(
    tmp_path: Path, synthetic_edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening does not wait for somebody to write."""
    usual = text_file(tmp_path).stat()
    os.mkfifo(tmp_path / "x")
    monkeypatch.setattr(Path, "stat", lambda *_args, **_options: usual)
    with pytest.raises(TextNotAFile):
        read_official(tmp_path / "x", synthetic_edition)


def test_a_file_with_more_in_it_than_it_says_is_refused(
    tmp_path: Path, synthetic_edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that grows while it is read."""
    path = text_file(tmp_path)
    size = path.stat().st_size
    monkeypatch.setattr(service, "LARGEST", size)
    assert read_official(path, synthetic_edition).report.is_whole
    usual = os.fstat

    def smaller(number: int) -> os.stat_result:
        said = usual(number)
        return os.stat_result((*said[:6], 1, *said[7:10]))

    monkeypatch.setattr(os, "fstat", smaller)
    assert read_official(path, synthetic_edition).report.is_whole
    monkeypatch.setattr(service, "LARGEST", size - 1)
    with pytest.raises(TextTooLarge):
        read_official(path, synthetic_edition)


def test_a_file_name_that_is_no_text_is_stored_printable(tmp_path: Path, synthetic_edition: str) -> None:
    """Bytes of another encoding, a line break."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x8e\xe8\n1.txt"))
    text_file(tmp_path).rename(path)
    reading = read_official(path, synthetic_edition)
    stored = import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert stored is not None
    stored.refresh_from_db()
    assert stored.file_name == "\ufffd\ufffd\ufffd1.txt"
    assert service.printable("手引き　1.txt") == "手引き　1.txt"


@override("en")
def test_the_same_text_again_stores_nothing(tmp_path: Path, synthetic_edition: str) -> None:
    """Neither rows nor an entry; after another text in between it is new again."""
    path, other = text_file(tmp_path), tmp_path / "別.txt"
    options = ["import", "--edition", synthetic_edition, "--json"]
    first = CliRunner().invoke(command, [*options, str(path)], standalone_mode=False)
    again = CliRunner().invoke(command, [*options, str(path)], standalone_mode=False)
    assert (first.return_value, again.return_value, again.stdout) == (0, 0, first.stdout)
    assert (first.stderr, "already" in again.stderr) == ("", True)
    assert (OfficialText.objects.count(), Event.objects.count()) == (1, 1)
    other.write_text(guideline().replace("鐘", "太鼓"), encoding="utf8")
    for name in (other, path):
        CliRunner().invoke(command, [*options, str(name)], standalone_mode=False)
    assert (OfficialText.objects.count(), Event.objects.count()) == (3, 3)


def test_the_same_bytes_read_otherwise_are_stored_anew(tmp_path: Path, synthetic_edition: str) -> None:
    """As an earlier version of the program may have read them; otherwise its fault could never be put right."""
    reading = read_official(text_file(tmp_path), synthetic_edition)
    wrong = replace(reading, parts=(*reading.parts[:-1], replace(reading.parts[-1], text="¹² 開門")))
    assert import_official(actor=ROOT, reading=wrong, edition_id=synthetic_edition)
    assert import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition) is None


def test_who_may_not_import_is_refused_also_for_the_same_text(tmp_path: Path, synthetic_edition: str) -> None:
    """The right comes first."""
    reading = read_official(text_file(tmp_path), synthetic_edition)
    import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    with pytest.raises(Forbidden):
        import_official(actor=actor_with(Role.STAFF), reading=reading, edition_id=synthetic_edition)


@pytest.mark.parametrize("broken", ["items", "entry"])
def test_a_failure_in_the_middle_stores_nothing(
    tmp_path: Path, synthetic_edition: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The head of the text is written first, the entry last."""

    def fail(*_args: object, **_options: object) -> None:
        assert OfficialText.objects.count() == 1
        raise IntegrityError

    if broken == "items":
        monkeypatch.setattr(OfficialItem.objects, "bulk_create", fail)
    else:
        monkeypatch.setattr(service, "append", fail)
    reading = read_official(text_file(tmp_path), synthetic_edition)
    with pytest.raises(IntegrityError):
        import_official(actor=ROOT, reading=reading, edition_id=synthetic_edition)
    assert (OfficialText.objects.count(), OfficialItem.objects.count(), Event.objects.count()) == (0, 0, 0)


DAMAGED = [
    (cut_in_the_last_item, "unended", "  without an end: SO-3"),
    (only_marks, "empty", f"  without words: {', '.join(IDS)}"),
]


@override("en")
@pytest.mark.parametrize(("damaged", "kind", "line"), DAMAGED, ids=["unended", "empty"])
def test_a_text_without_an_end_or_without_words_is_refused_by_name(
    tmp_path: Path, synthetic_edition: str, damaged: Callable[[], str], kind: str, line: str
) -> None:
    """In the facts, below them, and in the refusal."""
    path = text_file(tmp_path, damaged())
    options = ["import", str(path), "--edition", synthetic_edition, "--json"]
    checked = CliRunner().invoke(command, [*options, "--check"], standalone_mode=False)
    facts = json.loads(checked.stdout)
    assert (checked.return_value, facts["matched"], facts[kind]) == (1, 10, len(line.split(": ")[1].split(", ")))
    assert checked.stderr == f"{line}\n"
    with pytest.raises(TextNotWhole, match=re.escape(line)):
        CliRunner().invoke(command, options, standalone_mode=False, catch_exceptions=False)
    assert OfficialText.objects.count() == 0


@override("ja")
def test_people_read_the_kinds_of_damage_in_their_language_and_programs_do_not(
    tmp_path: Path, synthetic_edition: str
) -> None:
    """The names in JSON stay."""
    options = ["import", str(text_file(tmp_path, cut_in_the_last_item())), "--edition", synthetic_edition, "--check"]
    shown = CliRunner().invoke(command, options, standalone_mode=False)
    assert shown.stdout.splitlines()[:-1] == [
        *("一致: 10", "箇条書き: 2", "不足: 0", "余分: 0", "重複: 0", "順序違い: 0", "終わりなし: 1", "中身なし: 0")
    ]
    assert shown.stderr == "  終わりなし: SO-3\n"
    facts = json.loads(CliRunner().invoke(command, [*options, "--json"], standalone_mode=False).stdout)
    kinds = ["missing", "extra", "duplicate", "out_of_order", "unended", "empty"]
    assert list(facts) == ["matched", "bullets", *kinds, "sha256"]
    every = Report((), *(((name,)) for name in kinds))
    assert describe(every).splitlines() == [
        *("  不足: missing", "  余分: extra", "  重複: duplicate"),
        *("  順序違い: out_of_order", "  終わりなし: unended", "  中身なし: empty"),
    ]


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
