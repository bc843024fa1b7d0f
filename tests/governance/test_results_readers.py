"""Others' results: every word of theirs comes to what its table says; what is not whole comes to nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.results import lynis, ocsf, shape, testssl, xccdf
from sekisho.governance.rules.results.detection import FORMATS, read_results
from sekisho.governance.rules.results.errors import (
    ResultsNotWhole,
    ResultsTooLarge,
    ResultsUnknown,
    ResultsUnreadable,
)
from sekisho.governance.rules.results.shape import Results, ResultsFile, Row, Words
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput

SAMPLES = Path(__file__).with_name("results")
STARTED = datetime(2026, 11, 20, 12, 5, 11, tzinfo=UTC)  # 21:05:11 in Tokyo
O = Outcome  # noqa: E741
XML = (SAMPLES / "xccdf.xml").read_text()
LYNIS = (SAMPLES / "lynis-report.dat").read_text()


def read(name: str) -> Results:
    return read_results(ResultsFile(name, (SAMPLES / name).read_bytes()))


def of(text: str | bytes, wanted: str | None = None) -> Results:
    data = text.encode() if isinstance(text, str) else text
    return read_results(ResultsFile("given", data), wanted)


def read_or_code(data: bytes, wanted: str | None = None) -> Results | str:
    """Return what bytes say, or the code of the error that refuses them."""
    try:
        return of(data, wanted)
    except InvalidInput as error:
        return error.code


def outcomes(results: Results) -> dict[str, Outcome]:
    """Return what each rule came to, the worst of rules that stand twice."""
    rank = [O.NOT_APPLICABLE, O.PASS, O.UNKNOWN, O.ERROR, O.FAIL]
    found: dict[str, Outcome] = {}
    for row in results.rows:
        found[row.rule] = max(found.get(row.rule, row.outcome), row.outcome, key=rank.index)
    return found


def test_lynis() -> None:
    """A test with a warning fails; one with a suggestion is a person's to judge; what was left out cannot be told."""
    found = read("lynis-report.dat")
    assert (found.format, found.tool, found.version, found.host) == ("lynis", "Lynis", "3.0.8", "ehr-server")
    assert found.ran_at == STARTED
    assert outcomes(found) == {
        "MAIL-8818": O.FAIL,
        "AUTH-9286": O.UNKNOWN,
        "BOOT-5122:1": O.ERROR,
        "KRNL-5677": O.PASS,
        "DBS-1804": O.UNKNOWN,
    }
    assert [row.status for row in found.rows].count("suggestion") == 2
    assert found.outcome is O.FAIL


def test_openscap() -> None:
    """The words stay as they were written; titles come from the benchmark in the same file."""
    found = read("xccdf.xml")
    assert (found.tool, found.version, found.host, found.ran_at) == ("openscap", "1.3.7", "ehr-server", STARTED)
    assert [(row.title, row.status, row.outcome) for row in found.rows] == [
        ("No sign-in as root over SSH", "fail", O.FAIL),
        ("The audit daemon runs", "pass", O.PASS),
        ("No USB storage", "notapplicable", O.NOT_APPLICABLE),
    ]


def test_arf_and_a_word_that_nobody_knows() -> None:
    """It cannot be told, and it is named."""
    found = read("arf.xml")
    assert [(row.title, row.outcome) for row in found.rows] == [("The audit daemon runs", O.PASS), ("", O.UNKNOWN)]
    assert (found.unknown_words(), found.outcome, found.is_empty) == (["quantum"], O.UNKNOWN, False)


def test_prowler() -> None:
    """What somebody muted fails all the same; what a person must look at cannot be told."""
    found = read("prowler.ocsf.json")
    assert (found.tool, found.version, found.host, found.ran_at) == ("Prowler", "5.3.0", "123456789012", STARTED)
    assert [row.outcome for row in found.rows] == [O.FAIL, O.PASS, O.UNKNOWN]
    assert found.rows[0].title == "The root user has a second factor – arn:example:root"


def test_compliance_findings_one_a_line() -> None:
    """Milliseconds here, seconds there; a status by its number; a number that is not known."""
    found = read("compliance.ocsf.jsonl")
    assert (found.tool, found.host, found.ran_at) == ("Watcher", "pc-01, pc-02", STARTED)
    assert [(row.rule, row.status, row.outcome) for row in found.rows] == [
        ("DISK-1", "Pass", O.PASS),
        ("DISK-2", "Warning", O.UNKNOWN),
        ("c", "Other", O.UNKNOWN),
    ]
    assert found.unknown_words() == ["Other"]


def test_testssl() -> None:
    """The flat form does not say when; the pretty one does. A LOW is a failure, a WARN could not be looked at."""
    flat, pretty = read("testssl.flat.json"), read("testssl.pretty.json")
    assert (flat.ran_at, flat.host) == (None, "ehr.example.jp:443")
    assert outcomes(flat) == {
        "engine_problem": O.UNKNOWN,
        "service": O.NOT_APPLICABLE,
        "TLS1": O.FAIL,
        "TLS1_3": O.PASS,
        "heartbleed": O.PASS,
        "cert_ocspRevoked": O.UNKNOWN,
        "scanTime": O.NOT_APPLICABLE,
    }
    assert (pretty.ran_at, pretty.host, pretty.outcome) == (STARTED, "ehr.example.jp:443", O.PASS)
    assert pretty.version == "3.0.8"
    assert len(pretty.rows) == 4


TABLES = {"lynis": lynis.WORDS, "xccdf": xccdf.WORDS, "ocsf": ocsf.WORDS, "testssl": testssl.WORDS}


@pytest.mark.parametrize(("name", "words"), TABLES.items(), ids=list(TABLES))
def test_a_table_names_its_source_and_passes_little(name: str, words: Words) -> None:
    """Only words that say so are a pass, and a word by which nothing was looked at never is."""
    assert name in FORMATS
    assert words.source
    passing = {word for word, outcome in words.outcomes.items() if outcome is O.PASS}
    assert passing <= {"pass", "fixed", "ok", "executed"}
    assert not passing & words.idle
    assert words.idle <= words.outcomes.keys()


@given(st.text(max_size=20))
def test_any_other_word_cannot_be_told(word: str) -> None:
    for words in TABLES.values():
        row = words.row("r", "", word)
        if word.casefold() not in words.outcomes:
            assert (row.outcome, row.known, row.status) == (O.UNKNOWN, False, word)


@given(st.lists(st.sampled_from(Outcome)), st.sampled_from(Outcome))
def test_the_worst_counts_and_one_more_never_helps(rows: list[Outcome], more: Outcome) -> None:
    rank = [O.NOT_APPLICABLE, O.PASS, O.UNKNOWN, O.ERROR, O.FAIL]

    def results(found: list[Outcome]) -> Results:
        return Results("xccdf", "t", "", "", None, tuple(Row("r", "", "", "", one) for one in found), xccdf.WORDS)

    if rows:
        assert results(rows).outcome is max(rows, key=rank.index)
        assert rank.index(results([*rows, more]).outcome) >= rank.index(results(rows).outcome)
    else:
        assert (results(rows).outcome, results(rows).is_empty) == (O.UNKNOWN, True)


# Nothing was looked at


@pytest.mark.parametrize("word", ["notapplicable", "notchecked", "notselected", "informational"])
def test_a_run_in_which_nothing_applied_is_empty(word: str) -> None:
    """As from a profile of another operating system: no failure anywhere, and no pass either."""
    text = XML.replace("<result>fail<", f"<result>{word}<").replace("<result>pass<", f"<result>{word}<")
    assert of(text).is_empty
    assert not of(XML).is_empty


@pytest.mark.parametrize(
    "text",
    [
        LYNIS.replace("=MAIL-8818|AUTH-9286|BOOT-5122|KRNL-5677|", "=").replace("[]=", "="),
        json.dumps([{"class_uid": 2004, "status_code": "MANUAL", "time": 1, "finding_info": {"uid": "x"}}]),
        json.dumps([{"id": "scanTime", "severity": "INFO", "finding": "1"}]),
    ],
    ids=["lynis", "ocsf", "testssl"],
)  # fmt: skip
def test_nothing_looked_at_is_empty_in_every_format(text: str) -> None:
    assert of(text).is_empty


# Not whole, not readable


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (LYNIS.replace("finish=true", ""), ResultsNotWhole, "finish="),
        (LYNIS.replace("finish=true", "finish=false"), ResultsNotWhole, "finish="),
        (LYNIS.partition("tests_executed")[0], ResultsNotWhole, "tests_executed="),
        (LYNIS.replace("warning[]=MAIL-8818|", "warning[]="), None, ""),
        (LYNIS.replace("warning[]=", "warning[]=|"), ResultsUnreadable, "line 10"),
        (LYNIS.replace("2026-11-20 21:05:11", "yesterday"), ResultsUnreadable, "line 4"),
        (XML.replace("</TestResult>", ""), ResultsUnreadable, "line"),
        (XML[: XML.index("<TestResult")] + "</Benchmark>", ResultsNotWhole, "TestResult"),
        (XML.replace("xccdf/1.2", "xccdf/1.1"), ResultsNotWhole, "TestResult"),
        (XML.replace('      end-time="2026-11-20T21:06:02+09:00"', ""), ResultsNotWhole, "end-time"),
        (XML.replace("<result>fail</result>", ""), ResultsUnreadable, "line 15"),
        (XML.replace("</Benchmark>", '<TestResult end-time="2026-11-20"/></Benchmark>'), ResultsUnreadable, "line 25"),
        ('[{"class_uid": 2001}]', ResultsUnreadable, "row 1"),
        ('[{"class_uid": 2004, "time": 1}]', ResultsUnreadable, "row 1"),
        ('[{"class_uid": 2004, "time": "x", "finding_info": {"uid": "a"}}]', ResultsUnreadable, "row 1 time"),
        ('[{"class_uid": 2004, "time": 1, "time": 2}]', ResultsUnreadable, "JSON"),
        ('{"class_uid": 2003, "time": 1, "finding_info": {"uid": "a"}}\n{"class_uid"', ResultsUnreadable, "line 2"),
        ('[{"id": "a", "severity": "OK", "finding": ""}]', ResultsNotWhole, "scanTime"),
        ('{"scanResult": [], "scanTime": "Scan interrupted"}', ResultsNotWhole, "scanTime"),
        ('[{"id": "a", "finding": "", "x": "severity"}, {"severity": "OK"}]', ResultsUnreadable, "row 1"),
        ('{"scanResult": [{"a": [1]}], "scanTime": 1}', ResultsUnreadable, "scanResult 1 a 1"),
        ("", ResultsUnknown, ""),
        ("hello", ResultsUnknown, ""),
        ("<html/>", ResultsUnknown, ""),
        ('{"a": 1}', ResultsUnknown, ""),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused_with_its_place(text: str, error: type[InvalidInput] | None, said: str) -> None:
    """The tool was stopped, the file was cut off or edited, or it is something else."""
    if error is None:
        assert of(text).rows
        return
    with pytest.raises(error) as caught:
        of(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE Benchmark [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Benchmark [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Benchmark SYSTEM "http://192.0.2.1/x.dtd">',
    ],
)
def test_xml_with_a_document_type_is_refused(attack: str) -> None:
    """Before any of it is worked out."""
    head, line, body = XML.partition("?>\n")
    with pytest.raises(ResultsUnreadable, match="document type"):
        of(head + line + attack + body)


def test_xml_without_end_is_refused() -> None:
    deep = '<a xmlns="http://checklists.nist.gov/xccdf/1.2">' * 1000
    with pytest.raises(ResultsUnreadable, match="nested"):
        of(deep)


def test_more_than_is_stored_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes and rows."""
    with pytest.raises(ResultsTooLarge):
        of(b" " * (shape.LARGEST + 1))
    monkeypatch.setattr(shape, "MOST_ROWS", 2)
    for name in ("lynis-report.dat", "xccdf.xml", "prowler.ocsf.json", "testssl.flat.json", "testssl.pretty.json"):
        with pytest.raises(ResultsTooLarge):
            read(name)


@pytest.mark.parametrize("wanted", FORMATS)
@given(data=st.binary(max_size=300))
def test_whatever_is_given_is_read_or_refused(wanted: str, data: bytes) -> None:
    """Never anything but results or an error with a code."""
    found = read_or_code(data, wanted)
    assert isinstance(found, Results) or found.startswith("governance.results_")


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
@given(st.data())
def test_a_damaged_file_never_breaks_a_reader(name: str, data: Any) -> None:
    """A byte changed or cut anywhere: results of the same shape, or an error with a code."""
    whole = (SAMPLES / name).read_bytes()
    place, byte = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    for damaged in (whole[:place] + bytes([byte]) + whole[place + 1 :], whole[:place]):
        found = read_or_code(damaged)
        assert found.rows if isinstance(found, Results) else found.startswith("governance.results_")


@pytest.mark.parametrize(
    "event",
    [
        '{"class_uid": [2003]}',
        '{"class_uid": {}}',
        '{"class_uid": true}',
        '{"class_uid": 2003.5}',
        '{"class_uid": 2003, "time": 1, "compliance": {"control": "x"}, "metadata": {"product": {"name": "\\ud800"}}}',
    ],
)
def test_an_event_of_no_class_or_with_half_a_letter_is_refused(event: str) -> None:
    with pytest.raises(ResultsUnreadable):
        of(event, "ocsf")


@pytest.mark.parametrize("status", ["[1]", "{}", "true", "1.5"])
def test_a_status_that_is_no_number_cannot_be_told(status: str) -> None:
    found = of(f'{{"class_uid": 2003, "time": 1763726400, "compliance": {{"control": "x", "status_id": {status}}}}}')
    assert found.outcome is Outcome.UNKNOWN


def test_what_a_file_says_of_itself_is_bounded() -> None:
    """Tool, version, what it looked at; and the name of the file, in which a byte may stand that is no letter."""
    product = f'{{"name": "{"T" * 5000}", "version": "{"9" * 5000}"}}'
    device = f'{{"hostname": "{"h" * 5000}"}}'
    found = of(
        f'{{"class_uid": 2003, "time": 1763726400, "metadata": {{"product": {product}}}, "device": {device},'
        ' "compliance": {"control": "x", "status": "Pass"}}'
    )
    for text in (found.tool, found.version, found.host, shape.ResultsFile("n" * 5000, b"").name):
        assert len(text) == 300
        assert text.endswith("…")
    assert shape.ResultsFile("r\udcff.json", b"").name.encode() == b"r\\udcff.json"
