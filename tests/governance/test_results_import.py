"""Others' results as evidence: the bytes as they are, one finding about one system, the worst counts, once."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.governance.commands.evidence import evidence
from sekisho.governance.models import EvidenceFinding, EvidenceRun, NewestRun, Observation
from sekisho.governance.queries.editions import CURRENT, mapping
from sekisho.governance.queries.evidence import observed
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.results.errors import (
    ResultsFromTheFuture,
    ResultsReplayed,
    ResultsUndated,
    ResultsUnknown,
    ResultsUnreadable,
    SystemUnknown,
)
from sekisho.governance.rules.results.shape import ResultsFile
from sekisho.governance.services.results import Imported, import_results
from sekisho.governance.views.evidence_paper import evidence_sheets
from sekisho.kernel import clock, text
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Forbidden
from sekisho.register.models import Event
from tests.conftest import MORNING, actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SAMPLES = Path(__file__).with_name("results")


@pytest.fixture(autouse=True)
def _message_ids(_same_translator: None) -> None:
    text.set_translator(lambda msgid: msgid)


@pytest.fixture(autouse=True)
def system(operator: Actor) -> Entry:
    """One system, with a name as people type it."""
    values = {"name": "電子カルテ　Ａ", "kind": "emr", "form": "on_premises"}
    return add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)


def take(actor: Actor, name: str, **more: Any) -> Imported:
    file = ResultsFile(name, (SAMPLES / name).read_bytes())
    return import_results(actor=actor, **{"file": file, "system": "電子カルテ A", **more})


def cli(*words: str) -> Any:
    return CliRunner().invoke(evidence, words, standalone_mode=False)


@pytest.mark.parametrize(
    ("name", "control", "outcome"),
    [
        ("lynis-report.dat", "imported.lynis", "fail"),
        ("xccdf.xml", "imported.xccdf", "fail"),
        ("arf.xml", "imported.xccdf", "unknown"),
        ("prowler.ocsf.json", "imported.ocsf", "fail"),
        ("testssl.pretty.json", "imported.testssl", "pass"),
    ],
)
def test_results_become_one_finding_about_the_system(
    operator: Actor, system: Entry, name: str, control: str, outcome: str
) -> None:
    """With every row as the tool wrote it, the moment at which the tool ran, and the bytes of the file."""
    found = take(operator, name)
    run, row = EvidenceRun.objects.get(), EvidenceFinding.objects.get()
    assert found.run == run
    expected = (f"{control}.{system.pk}", "finished", run)
    assert (run.control, run.state, NewestRun.objects.get().run) == expected
    assert (row.subject_id, row.outcome, row.observed_at) == (str(system.pk), outcome, found.ran_at)
    assert row.observation is not None
    assert bytes(row.observation.data) == (SAMPLES / name).read_bytes()
    facts = json.loads(row.facts)
    assert facts["sha256"] == row.observation.sha256
    assert len(facts["rows"]) == sum(facts["counts"].values())
    assert {one["status"] for one in facts["rows"]} == {one.status for one in found.results.rows}
    event = json.loads(Event.objects.get(action="evidence.import").entry)
    assert event["details"]["sha256"] == hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest()
    assert event["subject"]["id"] == str(system.pk)


def test_the_index_of_evidence_names_the_tool_and_the_system(operator: Actor, system: Entry) -> None:
    """Nobody at an inspection knows a run by its id."""
    take(operator, "xccdf.xml")
    run = EvidenceRun.objects.get()
    (row,) = evidence_sheets()[0].rows
    assert "電子カルテ" in str(row[0]) and str(system.pk) not in str(row[0])
    assert (row[1], row[5]) == (run.control, run.digest)


def test_the_same_bytes_are_taken_once(operator: Actor) -> None:
    """Under any name, about any system; and an import that is refused leaves nothing."""
    take(operator, "xccdf.xml")
    add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    data = (SAMPLES / "xccdf.xml").read_bytes()
    with pytest.raises(ResultsReplayed):
        import_results(actor=operator, file=ResultsFile("other.xml", data), system="予約")
    assert (EvidenceRun.objects.count(), Event.objects.filter(action="evidence.import").count()) == (1, 1)


@pytest.mark.parametrize("word", ["notapplicable", "notchecked"])
def test_nothing_looked_at_is_an_empty_run_that_takes_the_place(operator: Actor, system: Entry, word: str) -> None:
    """It hides the pass before it, as a crashed run would: fifty rules that do not apply are no good news."""
    control = f"imported.xccdf.{system.pk}"
    text = (SAMPLES / "xccdf.xml").read_text()
    good = text.replace("<result>fail<", "<result>pass<")
    import_results(actor=operator, file=ResultsFile("good.xml", good.encode()), system="電子カルテ A")
    assert [found.outcome for found in observed([control]).findings.values()] == [Outcome.PASS]
    nothing = good.replace("<result>pass<", f"<result>{word}<").replace("2026-11-20T21:0", "2026-11-20T22:0")
    found = import_results(actor=operator, file=ResultsFile("nothing.xml", nothing.encode()), system="電子カルテ A")
    assert found.run is not None
    assert found.run.state == "empty"
    known = observed([control])
    assert (dict(known.findings), dict(known.broken)) == ({}, {control: str(found.run.pk)})
    assert bytes(Observation.objects.get(pk=found.sha256).data) == nothing.encode(), "the bytes are kept all the same"
    assert found.sha256 in found.run.trace


def test_what_was_found_in_one_system_hides_nothing_of_another(operator: Actor, system: Entry) -> None:
    """Two systems, one tool: the failure in the first stands although the second was looked at later."""
    values = {"name": "予約", "kind": "reservation", "form": "on_premises"}
    other = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)
    take(operator, "xccdf.xml")
    later = (SAMPLES / "xccdf.xml").read_text().replace("<result>fail<", "<result>pass<")
    later = later.replace("2026-11-20T21:0", "2026-11-20T22:0")
    import_results(actor=operator, file=ResultsFile("other.xml", later.encode()), system="予約")
    newest = observed(NewestRun.objects.values_list("control", flat=True)).findings
    said = {subject: found.outcome for (_control, subject), found in newest.items()}
    assert said == {str(system.pk): Outcome.FAIL, str(other.pk): Outcome.PASS}


def test_a_moment_before_there_were_such_tools_is_not_believed(operator: Actor) -> None:
    """The year 1, as a clock that was never set; from the file, or from whoever says it."""
    event = '{"class_uid": 2003, "time": -62135596800, "compliance": {"control": "x", "status": "Pass"}}'
    with pytest.raises(ResultsUnreadable):
        import_results(actor=operator, file=ResultsFile("x.json", event.encode()), system="電子カルテ A")
    with pytest.raises(ResultsUnreadable):
        take(operator, "testssl.flat.json", ran_at=MORNING.replace(year=1999))
    assert not EvidenceRun.objects.exists()


def test_no_requirement_rests_on_what_was_imported() -> None:
    """Unless somebody maps it, which is a decision of its own."""
    controls = {proof.id for _leaf, proof in mapping(CURRENT).proofs if proof.kind is ProofKind.CONTROL}
    assert not {one for one in controls if one.startswith("imported.")}


def test_when_the_tool_ran_comes_from_the_file_or_from_whoever_says_it(operator: Actor) -> None:
    """Never from the moment of the import; and what is yet to come is refused."""
    with pytest.raises(ResultsUndated):
        take(operator, "testssl.flat.json")
    with pytest.raises(ResultsFromTheFuture):
        take(operator, "testssl.flat.json", ran_at=MORNING + timedelta(minutes=6))
    said = MORNING - timedelta(days=3)
    assert take(operator, "testssl.flat.json", ran_at=said).ran_at == said
    assert take(operator, "xccdf.xml", ran_at=said).ran_at != said, "the file knows better"
    early = (SAMPLES / "lynis-report.dat").read_text().replace("2026-11-20 21:05:11", "2027-01-01 00:00:00")
    with pytest.raises(ResultsFromTheFuture):
        import_results(actor=operator, file=ResultsFile("l", early.encode()), system="電子カルテ A")


def test_the_system_is_chosen_and_never_guessed(operator: Actor, system: Entry) -> None:
    """By name, however wide it is typed, or by id; two of one name are told apart by id only."""
    for name in ("無い", "", "電子"):
        with pytest.raises(SystemUnknown):
            take(operator, "xccdf.xml", system=name)
    assert take(operator, "xccdf.xml", system=str(system.pk)).system.label == "電子カルテ　Ａ"


def test_a_preview_stores_nothing(operator: Actor) -> None:
    found = take(operator, "xccdf.xml", dry_run=True)
    assert (found.run, found.results.counts()["fail"]) == (None, 1)
    assert not EvidenceRun.objects.exists()
    assert not Observation.objects.exists()
    with pytest.raises(Forbidden):
        take(actor_with(), "xccdf.xml", dry_run=True)


def test_a_format_that_is_named_is_read_as_that(operator: Actor) -> None:
    with pytest.raises(ResultsUnknown):
        import_results(actor=operator, file=ResultsFile("x", b"nothing"), system="電子カルテ A")


# The command


def test_the_command_says_what_it_found_and_stores_it(tmp_path: Path) -> None:
    """For people and for programs; first as a preview."""
    words: Sequence[str] = ("import-results", str(SAMPLES / "prowler.ocsf.json"), "--system", "電子カルテ A")
    assert "Nothing was stored." in cli(*words, "--dry-run").output
    assert not EvidenceRun.objects.exists()
    said = json.loads(cli(*words, "--json").output)
    assert (said["outcome"], said["empty"], said["counts"]["fail"]) == ("fail", False, 1)
    assert said["run"] == str(EvidenceRun.objects.get().pk)
    assert isinstance(cli(*words).exception, ResultsReplayed)


def test_the_command_names_words_it_does_not_know_and_takes_the_moment(tmp_path: Path) -> None:
    arf = cli("import-results", str(SAMPLES / "arf.xml"), "--system", "電子カルテ A")
    assert "quantum" in arf.output
    flat = cli(
        "import-results", str(SAMPLES / "testssl.flat.json"), "--system", "電子カルテ A", "--json",
        "--ran-at", "2026-11-20T21:05+09:00",
    )  # fmt: skip
    assert json.loads(flat.output)["ran_at"] == "2026-11-20T12:05:00.000000Z"
    nothing = tmp_path / "nothing.json"
    nothing.write_text('[{"id": "scanTime", "severity": "INFO", "finding": "1"}]')
    empty = cli("import-results", str(nothing), "--system", "電子カルテ A", "--ran-at", clock.now().isoformat())
    assert "this proves nothing" in empty.output
