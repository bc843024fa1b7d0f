"""Whatever is changed is named; without a head kept elsewhere at least never called intact."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sekisho_verify.check import Question, check_log
from sekisho_verify.errors import CannotCheck
from sekisho_verify.heads import Head
from sekisho_verify.notes import parse_key
from sekisho_verify.report import Report, Verdict
from sekisho_verify.sources.folder import Folder
from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, Signer, bundle, canonical, entries, event, path_of, write

SIZE = 600
LOG = Log(entries(SIZE))
FILES = LOG.files
HEAD = LOG.head(550)
Files = dict[str, bytes]


def verdict(files: Files, *heads: bytes) -> tuple[Verdict, Report | None]:
    """Check files as a folder; what cannot even be begun is no report."""
    question = Question([parse_key(KEY)], heads=[Head("head", one) for one in heads])
    with tempfile.TemporaryDirectory() as place:
        try:
            report = check_log(Folder(write(Path(place), files)), question)
        except CannotCheck:
            return Verdict.CANNOT_TELL, None
    return report.verdict, report


def codes(report: Report | None) -> set[str]:
    assert report is not None
    return {finding.code for finding in report.findings if finding.level != "ok"}


@given(st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    """In any file: flipped, taken out, put in, cut off, doubled, the whole file swapped or dropped."""
    name = data.draw(st.sampled_from(sorted(FILES)), "file")
    old = FILES[name]
    at = data.draw(st.integers(0, len(old) - 1), "at")
    end = data.draw(st.integers(at + 1, min(len(old), at + 700)), "end")
    new = data.draw(
        st.sampled_from(
            [
                old[:at] + bytes([old[at] ^ 1 << data.draw(st.integers(0, 7), "bit")]) + old[at + 1 :],
                old[:at] + old[end:],
                old[:end] + old[at:],
                old[:at] + b"\x00" + old[at:],
                old[:at],
                old + old[at:end],
                FILES[data.draw(st.sampled_from(sorted(FILES)), "other")],
                None,
            ]
        ),
        "new",
    )
    assume(new != old)
    files = {key: value for key, value in (FILES | {name: new}).items() if value is not None}
    for heads in ((), (HEAD,)):
        said, report = verdict(files, *heads)
        assert said is not Verdict.INTACT
        if name != "checkpoint":
            assert said is Verdict.TAMPERED
            assert report is not None
            assert report.first_bad is not None


def changed(some: list[bytes], number: int, **fields: Any) -> list[bytes]:
    """Return the entries with one rewritten."""
    return [*some[:number], canonical(event(number, **fields)), *some[number + 1 :]]


@dataclass(frozen=True)
class Deed:
    """What somebody does to the entries, and what is said of it."""

    name: str
    entries: Callable[[int], list[bytes]]


DEEDS = (
    Deed("rewrites", lambda at: changed(LOG.entries, at, patient="P999999")),
    Deed("drops", lambda at: LOG.entries[:at] + LOG.entries[at + 1 :]),
    Deed("inserts", lambda at: [*LOG.entries[:at], canonical(event(5000)), *LOG.entries[at:]]),
    Deed("doubles", lambda at: [*LOG.entries[: at + 1], *LOG.entries[at:]]),
    Deed("swaps", lambda at: [*LOG.entries[:at], *LOG.entries[at : at + 2][::-1], *LOG.entries[at + 2 :]]),
)


@given(st.sampled_from(DEEDS), st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_entries_changed_beneath_the_same_hashes(deed: Deed, at: int) -> None:
    """The bundles alone are written anew: the first entry that is not what was signed is named."""
    forged = deed.entries(at)
    bundles = {key: value for key, value in Log(forged).files.items() if key.startswith("tile/entries")}
    kept = {key: value for key, value in FILES.items() if not key.startswith("tile/entries")}
    said, report = verdict(kept | bundles, HEAD)
    assert said is Verdict.TAMPERED
    assert report is not None
    first = next(one.facts["index"] for one in report.findings if one.code == "entry.altered")
    assert first == next(number for number, one in enumerate(LOG.entries) if forged[number] != one)


@given(st.sampled_from(DEEDS), st.integers(2, 500), st.booleans())
@settings(max_examples=40, deadline=None)
def test_everything_written_anew_with_the_right_key(deed: Deed, at: int, others: bool) -> None:
    """Tiles, root and signature all fit: only what was kept elsewhere shows it, or the sequences do."""
    forged = Log(deed.entries(at), Signer(seed=bytes([7] * 32)) if others else Signer())
    said, report = verdict(forged.files, HEAD)
    assert said is Verdict.TAMPERED
    if others:
        assert "signature.none" in codes(report)
        return
    assert "head.differs" in codes(report)
    alone, report = verdict(forged.files)
    assert alone is (Verdict.CANNOT_TELL if deed.name in ("rewrites", "swaps") else Verdict.TAMPERED)
    assert "heads.none" in codes(report)


@given(st.integers(0, SIZE - 1), st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_end_cut_off_or_the_whole_put_back(size: int, leftovers: bool) -> None:
    """An older state is a good log: only a newer head kept elsewhere shows that something is missing."""
    older = Log(LOG.entries[:size]).files
    files = FILES | older if leftovers else older
    said, report = verdict(files, LOG.checkpoint)
    assert said is Verdict.TAMPERED
    assert "head.larger" in codes(report)
    alone, report = verdict(files)
    assert alone is Verdict.CANNOT_TELL
    assert codes(report) == ({"heads.none", "file.beyond"} if leftovers else {"heads.none"})


def test_the_place_is_named(tmp_path: Path, ask: Ask) -> None:
    """An entry, a tile of each level, a bundle that is gone: by number or path, and nothing else is blamed."""
    log = Log(entries(66_000))
    head = tmp_path / "head"
    head.write_bytes(log.head(65_000))
    folder = write(tmp_path / "log", log.files)
    for path, code in (
        (path_of("entries", 200, 256), "entry.altered"),
        (path_of("0", 200, 256), "tile.altered"),
        (path_of("1", 0, 256), "tile.altered"),
        (path_of("0", 257, 66_000 % 256), "tile.altered"),
        (path_of("1", 1, 1), "tile.altered"),
        (path_of("2", 0, 1), "tile.altered"),
    ):
        old = (folder / path).read_bytes()
        (folder / path).write_bytes(old[:20] + bytes([old[20] ^ 32]) + old[21:])
        answer = ask(folder, "--key", KEY, "--head", head)
        assert answer.document["first_bad"]["code"] == code, (path, answer.document["findings"])
        assert answer.document["first_bad"]["facts"]["path"] == path
        assert len([one for one in answer.document["findings"] if one["level"] == "bad"]) == 1
        (folder / path).unlink()
        answer = ask(folder, "--key", KEY, "--head", head)
        assert answer.document["first_bad"]["facts"]["path"] == path
        (folder / path).write_bytes(old)
    assert ask(folder, "--key", KEY, "--head", head).verdict == "intact"


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (changed(LOG.entries, 300, source_seq=400), "source.gap"),
        (changed(LOG.entries, 300, source_seq=2), "source.again"),
        (changed(LOG.entries, 300, id=event(17)["id"]), "entry.double"),
        (changed(LOG.entries, 300, outcome="perhaps"), "entry.value"),
        (changed(LOG.entries, 300, recorded_at="yesterday"), "entry.value"),
        (changed(LOG.entries, 300, subject={"id": "1"}), "entry.value"),
        (changed(LOG.entries, 300, id="019a1c6e-0000-4000-8000-000000000000"), "entry.value"),
        ([*LOG.entries[:300], LOG.entries[300].replace(b',"outcome"', b', "outcome"')], "entry.canonical"),
        ([*LOG.entries[:300], LOG.entries[300].replace(b"/chart", b"\\/chart")], "entry.canonical"),
        ([*LOG.entries[:300], LOG.entries[300].replace(b'"patient"', b'"patient":null,"patient"')], "entry.json"),
        ([*LOG.entries[:300], LOG.entries[300].replace(b'"patient":"P000300",', b"")], "entry.fields"),
        ([*LOG.entries[:300], b"raw bytes"], "entry.json"),
        ([*LOG.entries[:300], b""], "entry.json"),
        ([*LOG.entries[:300], b'{"a":"\xff"}'], "entry.json"),
        ([*LOG.entries[:300], b"[" * 60_000], "entry.json"),
        ([*LOG.entries[:300], LOG.entries[300] + b"\x00\x00" + LOG.entries[301]], "entry.json"),
    ],
)
def test_entries_that_the_log_should_not_have_taken(forged: list[bytes], code: str, tmp_path: Path, ask: Ask) -> None:
    """Rightly hashed and signed, and still not what an entry is: named with its number."""
    log = Log(forged)
    head = tmp_path / "head"
    head.write_bytes(log.checkpoint)
    answer = ask(write(tmp_path / "log", log.files), "--key", KEY, "--head", head)
    assert (answer.verdict, answer.document["first_bad"]["code"]) == ("tampered", code)
    assert answer.first(code)["index"] == 300


def test_fields_of_a_later_version_are_not_called_tampering(tmp_path: Path, ask: Ask) -> None:
    """This program does not know them, so it cannot tell."""
    log = Log(changed(LOG.entries, 300, weather="fine", actor=event(300)["actor"] | {"shoes": 44}))
    head = tmp_path / "head"
    head.write_bytes(log.checkpoint)
    answer = ask(write(tmp_path / "log", log.files), "--key", KEY, "--head", head)
    assert (answer.verdict, answer.codes) == ("cannot_tell", ["entry.strange"])
    assert answer.first("entry.strange") == {"index": 300, "fields": "weather, actor.shoes"}


def test_an_older_partial_tile_betrays_a_rewriting(tmp_path: Path, ask: Ask) -> None:
    """What was published for an earlier checkpoint and still lies there is held against the present."""
    forged = Log(changed(LOG.entries, 520, patient="P999999"))
    old = {path_of("entries", 2, 30): bundle(LOG.entries[512:542])}
    answer = ask(write(tmp_path / "log", forged.files | old), "--key", KEY)
    assert (answer.verdict, answer.document["first_bad"]["code"]) == ("tampered", "file.older")


def test_an_entry_is_named_before_older_copies_that_differ_from_it(tmp_path: Path, ask: Ask) -> None:
    """Those are as they were published: whoever reads only the first finding must not suspect them."""
    present = path_of("entries", 2, SIZE % 256)
    older = {path_of("entries", 2, width): bundle(LOG.entries[512 : 512 + width]) for width in (20, 30)}
    altered = {present: bundle(changed(LOG.entries, 515, patient="P999999")[512:])}
    answer = ask(write(tmp_path / "log", FILES | older | altered), "--key", KEY)
    assert answer.document["first_bad"]["facts"] == {"index": 515, "path": present}
    assert answer.document["counts"]["file.older"] == 2


def test_a_signature_that_is_not_the_keys(tmp_path: Path, ask: Ask) -> None:
    """The name and id of the key with a signature that is none."""
    line = Signer().line(b"something else\n")
    files = FILES | {"checkpoint": LOG.text + b"\n" + line}
    answer = ask(write(tmp_path / "log", files), "--key", KEY)
    assert (answer.verdict, answer.document["first_bad"]["code"]) == ("tampered", "signature.false")
