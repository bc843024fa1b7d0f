"""Importing CSV logs: whole or not at all, once, with every byte kept, and with clear words for what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.actor import platform
from sekisho.register.actions import LogSourceAction
from sekisho.register.commands.sources import import_csv
from sekisho.register.errors import (
    EntryTooLarge,
    LogImportOver,
    LogImportWrong,
    LogSourceClosed,
    LogSourceOtherKind,
    SourceInUse,
)
from sekisho.register.models import Event, ImportedLine, ImportState, LogImport, LogSource
from sekisho.register.queries.sources import get_log_source, imports_folder, kept_file
from sekisho.register.rules.sources.entries import raw_bytes
from sekisho.register.rules.sources.errors import LogEmpty, LogHeadingWrong, LogLineBroken, LogNotText
from sekisho.register.services import import_runs, integrate
from sekisho.register.services.log_imports import (
    KEPT_FOR,
    drop_import,
    import_decided,
    request_import,
    run_imports,
)
from sekisho.register.services.log_looks import examine_log
from sekisho.register.services.log_sources import close_log_source
from sekisho.register.services.spooling import Spool
from sekisho_verify.form import check, take_one
from tests.register.log_files import HEADING, MAPPING, OPERATOR, csv_file, csv_source, row, take_in
from tests.register.log_reading import logged_entries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def _morning(at_nine: clock.FixedClock) -> None:
    """The files are of the day before."""


@pytest.fixture
def source() -> LogSource:
    """A source with every column."""
    return csv_source()


def merge() -> None:
    """Let the sequencer work until nothing waits."""
    while integrate():
        pass


def logged(source: LogSource) -> list[dict[str, Any]]:
    """Return the documents of a source's events in the log, in their order."""
    return [json.loads(entry) for entry in logged_entries(source.spool)]


def look(source: LogSource, data: bytes) -> LogImport:
    """Have a file looked at."""
    return examine_log(actor=OPERATOR, source_id=source.pk, name="log.csv", pieces=[data])


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_file_becomes_entries_that_hold_every_byte(source: LogSource, encoding: str) -> None:
    lines = [row(1), row(2, patient="", action="ログイン"), row(3, action="カルテ印刷")]
    done = take_in(source, csv_file(lines, encoding))
    assert (done.state, done.rows, done.fresh, done.known) == (ImportState.DONE, 3, 3, 0)
    merge()
    documents = logged(source)
    assert [document["action"] for document in documents] == ["imported.read", "imported.sign_in", "imported.print"]
    assert [document["source_seq"] for document in documents] == [1, 2, 3]
    written = "cp932" if encoding == "cp932" else "utf-8"
    assert [raw_bytes(document["details"]) for document in documents] == [line.encode(written) for line in lines]
    first = documents[0]
    assert (first["actor"]["id"], first["actor"]["name"], first["actor"]["kind"]) == ("D001", "髙橋 﨑子", "external")
    assert (first["patient"], first["device"], first["system"]) == ("P100", "PC-1", source.system)
    assert first["occurred_at"] == "2026-11-20T00:01:00.000000Z"


def test_the_entries_are_what_the_verifier_takes(source: LogSource) -> None:
    take_in(source, csv_file([row(1), row(2).replace("D001", '"D""001"')], "utf-8"))
    take_in(source, csv_file([row(3)]))
    merge()
    assert [check(entry).strange for entry in logged_entries(source.spool)] == ["", "", ""]
    assert take_one(logged_entry(source, 3)) is not None


def logged_entry(source: LogSource, number: int) -> bytes:
    (found,) = (entry for entry in logged_entries(source.spool) if json.loads(entry)["source_seq"] == number)
    return found


def test_what_is_there_already_is_not_taken_twice(source: LogSource) -> None:
    twice = [row(1), row(1), row(2)]
    take_in(source, csv_file(twice))
    again = take_in(source, csv_file([*twice, row(3)], end="\n"))
    assert (again.fresh, again.known) == (1, 3)
    more = look(source, csv_file([*twice, row(1)]))
    assert (more.fresh, more.known) == (1, 3)  # the same line once more than ever before is another event
    merge()
    assert len(logged(source)) == 4


def test_another_source_has_lines_of_its_own(source: LogSource) -> None:
    take_in(source, csv_file([row(1)]))
    assert take_in(csv_source("もう一つ"), csv_file([row(1)])).fresh == 1


WRONG = [
    (row(1).replace("2026/11/20 09:01", "きのう"), "日時", "time"),
    (row(1).replace("2026/11/20", "2027/11/20"), "日時", "future"),
    (row(1).replace("D001", ""), "職員番号", "empty"),
    (row(1).replace("P100", "9" * 65), "患者ID", "long"),
    (row(1).replace("成功", "ドウカナ"), "結果", "outcome"),
    (row(1)[:30], "", "short"),
    ('2026/11/20 09:01,"D"001,a,b,c,d,成功', "", "form"),
]


@pytest.mark.parametrize(("line", "column", "fault"), WRONG)
def test_a_wrong_row_is_named_and_nothing_is_imported(source: LogSource, line: str, column: str, fault: str) -> None:
    found = look(source, csv_file([row(5), line, row(6)]))
    assert (found.fresh, found.wrong) == (2, 1)
    assert found.faults[0][:3] == [3, column, fault]
    with pytest.raises(LogImportWrong):
        request_import(actor=OPERATOR, source_id=source.pk, import_id=found.pk)
    run_imports(actor=platform("test"))
    merge()
    assert logged(source) == []


def test_words_that_the_source_explains_are_understood() -> None:
    mapping = MAPPING.document() | {"success": ("ドウカナ",)}
    source = csv_source(mapping=type(MAPPING)(**mapping))
    assert look(source, csv_file([row(1).replace("成功", "ドウカナ")])).wrong == 0


RUBBISH = [
    (b"", LogEmpty),
    (b"\r\n\r\n", LogEmpty),
    (f"{HEADING}\r\n".encode("cp932"), LogEmpty),
    (b"\x89PNG\r\n\x1a\n\x00\x00", LogNotText),
    (f"{HEADING}\n".encode("utf-16"), LogNotText),
    (b"PK\x03\x04" + bytes(range(128, 256)), LogNotText),
    ("日時,氏名\n2026/11/20 9:00,x\n".encode(), LogHeadingWrong),
    (csv_file([row(1)])[:-20] + b'"' + b"x" * 100, LogLineBroken),
    (f'{HEADING}\n"'.encode() + b"x" * 100_000, LogLineBroken),
]


@pytest.mark.parametrize(("data", "error"), RUBBISH, ids=range(len(RUBBISH)))
def test_what_is_no_log_is_refused_and_not_kept(source: LogSource, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        look(source, data)
    assert list(imports_folder().iterdir()) == []
    assert not LogImport.objects.exists()


def test_a_file_that_was_changed_or_lost_is_not_imported(source: LogSource) -> None:
    for harm in ("changed", "gone"):
        found = look(source, csv_file([row(1)]))
        request_import(actor=OPERATOR, source_id=source.pk, import_id=found.pk)
        path = kept_file(found)
        path.write_bytes(csv_file([row(2)])) if harm == "changed" else path.unlink()
        done = import_decided(actor=OPERATOR, import_id=found.pk)
        assert done.state == ImportState.FAILED
        assert "not there any more" in done.reason
    merge()
    assert logged(source) == []
    assert Event.objects.filter(action=str(LogSourceAction.GIVE_UP), outcome="failure").count() == 2


class CrashError(BaseException):
    """The power went."""


STEPS = ["_stage", "_commit", "_publish"]


@pytest.mark.parametrize("step", [*STEPS, "staged", "committed", "moved"])
def test_a_crash_anywhere_leaves_all_or_nothing(source: LogSource, monkeypatch: Any, step: str) -> None:
    """After it the worker begins again or goes on: every row once, never a part."""
    rows = [row(minute % 60, person=f"D{minute:04}") for minute in range(1200)]
    found = look(source, csv_file(rows))
    request_import(actor=OPERATOR, source_id=source.pk, import_id=found.pk)
    with monkeypatch.context() as patch:
        _crash_at(patch, step)
        with pytest.raises(CrashError):
            run_imports(actor=platform("test"))
    merge()
    assert len(logged(source)) in {0, 1200} or step == "moved"
    assert run_imports(actor=platform("test")) == 1
    merge()
    people = [document["actor"]["id"] for document in logged(source)]
    assert people == [f"D{number:04}" for number in range(1200)]
    assert LogImport.objects.get().state == ImportState.DONE
    assert ImportedLine.objects.count() == 1200
    assert not Event.objects.filter(action__in=["register.gap", "register.conflict"]).exists()


def _crash_at(patch: Any, step: str) -> None:
    def crash(*_arguments: object, **_named: object) -> None:
        raise CrashError

    if step in STEPS:
        patch.setattr(import_runs, step, crash)
        return
    name = {"staged": "_stage", "committed": "_commit"}.get(step)
    if name:
        real = getattr(import_runs, name)

        def after(*arguments: object) -> None:
            real(*arguments)
            raise CrashError

        patch.setattr(import_runs, name, after)
        return
    calls: Iterator[int] = iter(range(10))
    patch.setattr("sekisho.register.services.spooling.PART_BYTES", 100_000)
    patch.setattr("sekisho.register.services.spooling.os.replace", _replace_once(calls))


def _replace_once(calls: Iterator[int]) -> Any:
    def replace(before: Path, after: Path) -> None:
        if next(calls):
            raise CrashError
        before.rename(after)

    return replace


def test_two_imports_of_one_source_wait_for_each_other(source: LogSource) -> None:
    found = look(source, csv_file([row(1)]))
    request_import(actor=OPERATOR, source_id=source.pk, import_id=found.pk)
    with Spool(settings.INBOX_FOLDER, source.spool):
        with pytest.raises(SourceInUse):
            import_decided(actor=OPERATOR, import_id=found.pk)
        assert run_imports(actor=platform("test")) == 0
    assert run_imports(actor=platform("test")) == 1


def test_a_file_nobody_decides_about_is_forgotten(source: LogSource, at_nine: clock.FixedClock) -> None:
    found = look(source, csv_file([row(1)]))
    at_nine.moment += KEPT_FOR * 2
    run_imports(actor=platform("test"))
    found.refresh_from_db()
    assert found.state == ImportState.DROPPED
    assert not kept_file(found).exists()
    with pytest.raises(LogImportOver):
        drop_import(actor=OPERATOR, source_id=source.pk, import_id=found.pk)


def test_what_cannot_take_files_takes_none(source: LogSource) -> None:
    closed = get_log_source(source.pk)
    close_log_source(actor=OPERATOR, source_id=source.pk, version=closed.version, reason="更新")
    with pytest.raises(LogSourceClosed):
        look(source, csv_file([row(1)]))
    LogSource.objects.filter(pk=source.pk).update(kind="diary", closed_at=None)
    with pytest.raises(LogSourceOtherKind):
        look(source, csv_file([row(1)]))


def test_a_row_that_no_entry_could_hold_is_wrong(source: LogSource) -> None:
    line = row(1).replace("PC-1", "x") + ',"' + "\x01" * 20_000 + '"'
    assert look(source, csv_file([line], "utf-8")).faults[0][2] == "long"
    assert EntryTooLarge.code == "register.entry_too_large"


def test_formulas_stay_words(source: LogSource) -> None:
    take_in(source, csv_file([row(1, person="=HYPERLINK(1)")], "utf-8"))
    merge()
    assert logged(source)[0]["actor"]["id"] == "=HYPERLINK(1)"


def test_the_command_line_imports_whole_or_not_at_all(source: LogSource, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(csv_file([row(1), row(2)]))
    bad.write_bytes(csv_file([row(3), row(4).replace("2026", "いつか")]))
    run = CliRunner()
    looked = run.invoke(import_csv, [source.name, str(good), "--look"], standalone_mode=False)
    assert (looked.return_value, looked.output) == (0, "Rows: 2, new: 2, already there: 0, wrong: 0\n")
    refused = run.invoke(import_csv, [source.name, str(bad)], standalone_mode=False)
    assert refused.return_value == 1
    assert "Line 3, 日時: This is no time" in refused.output
    merge()
    assert logged(source) == []
    done = run.invoke(import_csv, [str(source.pk), str(good)], standalone_mode=False)
    assert (done.return_value, done.output.splitlines()[-1]) == (0, "2 rows were imported.")
    merge()
    assert len(logged(source)) == 2
    assert list(imports_folder().iterdir()) == []
