"""Proofs of one entry (C2SP tlog-proof): made from a log, checked without it."""

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho_verify.cli import main
from sekisho_verify.errors import CannotCheck, Malformed
from sekisho_verify.heads import read_checkpoint
from sekisho_verify.notes import parse_key
from sekisho_verify.proofs import check_proof, make_proof, parse_proof
from sekisho_verify.report import Report, Verdict
from sekisho_verify.sources.folder import Folder
from sekisho_verify.tiles import Tiles
from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, entries, path_of, write

LOG = Log(entries(700))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good log."""
    return write(tmp_path_factory.mktemp("log"), LOG.files)


@given(index=st.integers(0, 699))
@settings(deadline=None, max_examples=60)
def test_every_entry_can_be_proven(index: int, folder: Path) -> None:
    """And the proof holds the entry's bytes; another entry, or another place, is not proven by it."""
    source = Folder(folder)
    head = read_checkpoint(source)
    proof = parse_proof(make_proof(Tiles(source, head.size), head, index).text())
    key = parse_key(KEY)
    report = Report()
    assert check_proof(proof, None, [key], None, report) == LOG.entries[index]
    assert report.verdict is Verdict.INTACT
    report = Report()
    assert check_proof(proof, LOG.entries[index - 1], [key], None, report) is None
    assert report.verdict is Verdict.TAMPERED


def test_made_and_checked_on_the_command_line(folder: Path, tmp_path: Path, ask: Ask) -> None:
    """The file is not overwritten; the answer shows the entry."""
    out = tmp_path / "one.tlog-proof"
    assert main([str(folder), "--prove", "123", "--out", str(out), "--lang", "en"]) == 0
    answer = ask("--proof", out, "--key", KEY)
    assert (answer.verdict, answer.facts["entry"]) == ("intact", LOG.entries[123].decode())
    assert ask(folder, "--prove", 5, "--out", out).codes == ["proof.exists"]
    assert ask(folder, "--prove", 700, "--out", tmp_path / "none").codes == ["proof.range"]
    assert ask("--proof", folder / "checkpoint", "--key", KEY).codes == ["proof.form"]


def test_a_proof_without_its_entry(folder: Path, tmp_path: Path, ask: Ask) -> None:
    """The specification leaves the entry out: it comes in a file of its own, or nothing is proven."""
    source = Folder(folder)
    head = read_checkpoint(source)
    made = make_proof(Tiles(source, head.size), head, 9).text().split(b"\n", 2)
    assert made[1].startswith(b"extra ")
    out, entry = tmp_path / "one.tlog-proof", tmp_path / "entry.json"
    out.write_bytes(made[0] + b"\n" + made[2])
    entry.write_bytes(LOG.entries[9])
    assert ask("--proof", out, "--key", KEY).codes == ["proof.entry"]
    assert ask("--proof", out, "--key", KEY, "--entry", entry).verdict == "intact"
    entry.write_bytes(LOG.entries[10])
    assert ask("--proof", out, "--key", KEY, "--entry", entry).verdict == "tampered"


def test_no_proof_is_made_of_what_was_altered(tmp_path: Path, ask: Ask) -> None:
    """Whoever asks gets no proof that would not hold."""
    forged = write(tmp_path / "log", LOG.files)
    bundle = forged / path_of("entries", 1, 256)
    bundle.write_bytes(bundle.read_bytes().replace("佐藤".encode(), "伊藤".encode()))
    assert ask(forged, "--prove", 300, "--out", tmp_path / "x").codes == ["proof.unsound"]
    bundle.unlink()
    assert ask(forged, "--prove", 300, "--out", tmp_path / "x").codes == ["bundle.missing"]


@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_no_letter_of_a_proof_can_be_changed(data: st.DataObject, folder: Path) -> None:
    """Index, hashes, checkpoint, entry: whatever is changed, nothing is proven any more."""
    source = Folder(folder)
    head = read_checkpoint(source)
    text = make_proof(Tiles(source, head.size), head, 300).text()
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.binary(max_size=2).filter(lambda new: new != text[at : at + 1])) + text[at + 1 :]
    report = Report()
    try:
        shown = check_proof(parse_proof(changed), None, [parse_key(KEY)], None, report)
    except (Malformed, CannotCheck):
        return
    assert shown is None or report.verdict is not Verdict.INTACT


@pytest.mark.parametrize("old", ["index 300", "c2sp.org", "extra ", "\n\n"])
def test_what_is_no_proof(old: str, folder: Path) -> None:
    """Every line is needed as the specification has it."""
    source = Folder(folder)
    head = read_checkpoint(source)
    text = make_proof(Tiles(source, head.size), head, 300).text()
    for new in ("index 0300", "index -1", "", "extra !!", "index 300\n" + base64.b64encode(b"short").decode()):
        with pytest.raises((Malformed, CannotCheck)):
            check_proof(
                parse_proof(text.replace(old.encode(), new.encode(), 1)), None, [parse_key(KEY)], None, Report()
            )
            raise Malformed("taken")
