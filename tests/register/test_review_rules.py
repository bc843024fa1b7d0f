"""The machinery of the review on its own: the form of rules, rows against the log, what rules find in a story."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sekisho.register.errors import LogDamaged, RowsAltered, RulebookInvalid
from sekisho.register.log.review import press
from sekisho.register.log.review.days import AGAIN_AFTER
from sekisho.register.log.review.engine import RuleResult, RuleState
from sekisho.register.log.review.partitions import DERIVED
from sekisho.register.log.review.rulebook import FOLDER, load
from sekisho.register.log.review.summaries import SUMMARIES
from tests.register import scenarios
from tests.register.review_log import NOW, ask, write_log

FIRST = date(2026, 9, 5)
EPOCH = date(1970, 1, 1)
# What people call each misdeed, and which rule is there for it. Scenarios and rules do not know of each other.
MEANT = {
    "looked through the ward at night": "out_of_hours",
    "looked through half the clinic in an hour": "burst_of_patients",
    "everybody looked at one patient": "many_users_on_a_patient",
    "looked up a relative": "same_family_name",
    "looked up a colleague": "colleague",
    "looked up a celebrity": "watched_patient",
    "opened the record of someone who died": "long_gone_patient",
    "used a leaver's account": "leaver_account",
    "woke an account that slept": "dormant_account",
    "shared an account": "two_places_at_once",
    "took out records in bulk": "bulk_export",
    "guessed passwords": "repeated_failures",
    "broke the glass without a reason": "emergency_use",
    "a vendor came unannounced": "vendor_outside_window",
    "read the log itself": "audit_of_the_audit",
    "a machine stopped telling": "silence",
}


def day_number(day: date) -> int:
    return (day - EPOCH).days


@pytest.fixture(scope="module")
def story() -> scenarios.Story:
    """Ten weeks of which the last nine days are busy."""
    return scenarios.tell(7, first=FIRST, days=70, busy=9)


@pytest.fixture(scope="module")
def told(story: scenarios.Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story as a log with its rows; nobody changes it."""
    folder = tmp_path_factory.mktemp("review")
    write_log(folder / "register", list(story.documents()))
    ask(folder, "build")
    return folder


def run_all(folder: Path, story: scenarios.Story, **more: Any) -> dict[str, RuleResult]:
    last = day_number(story.last)
    order = {"first": last, "last": last, "is_over": True, "tables": story.lists, **more}
    return {one["rule"]: RuleResult(**one) for one in ask(folder, "run", **order)["results"]}


def test_every_planted_misdeed_is_raised_by_the_rule_for_it(told: Path, story: scenarios.Story) -> None:
    found = run_all(told, story)
    assert set(MEANT.values()) == set(found)
    for misdeed in story.misdeeds:
        hits = found[MEANT[misdeed.name]].hits
        assert any(hit[0] == misdeed.actor and misdeed.patient in {"", hit[1]} for hit in hits), misdeed


def test_other_days_raise_nothing_of_the_kind(told: Path, story: scenarios.Story) -> None:
    """The ordinary day before, a busy Thursday: no rule calls anybody."""
    last = day_number(story.last) - 1
    found = run_all(told, story, first=last, last=last)
    assert {rule: one.count for rule, one in found.items() if one.count} == {}


def test_what_a_rule_lacks_it_says(told: Path, story: scenarios.Story) -> None:
    found = run_all(told, story, tables={})
    lacking = {rule for rule, one in found.items() if one.state is RuleState.MISSING}
    assert lacking == {rule.id for rule in load() if rule.needs}
    assert found["vendor_outside_window"].missing == ("accounts", "vendor_windows")
    assert all(not found[rule].hits for rule in lacking)


def test_a_rule_about_whole_days_waits_for_the_evening(told: Path, story: scenarios.Story) -> None:
    found = run_all(told, story, is_over=False)
    assert {rule for rule, one in found.items() if one.state is RuleState.WAITS} == {"silence"}


def test_other_thresholds_raise_other_things(told: Path, story: scenarios.Story) -> None:
    def count(patients: int) -> int:
        return run_all(told, story, rule="burst_of_patients", chosen={"patients": patients})["burst_of_patients"].count

    assert count(3) > count(30) > count(100) == 0


def test_rows_come_bit_by_bit_and_say_the_same(tmp_path: Path, story: scenarios.Story, told: Path) -> None:
    documents = list(story.documents())
    for start, end in ((0, 700), (700, 701), (701, 1500), (1500, len(documents))):
        write_log(tmp_path / "register", documents[start:end])
        assert ask(tmp_path, "build")["made"] == end - start
    assert ask(tmp_path, "build")["made"] == 0
    found, whole = run_all(tmp_path, story), run_all(told, story)
    assert {rule: one.digest() for rule, one in found.items()} == {rule: one.digest() for rule, one in whole.items()}


def test_built_anew_they_are_the_same(tmp_path: Path, story: scenarios.Story) -> None:
    write_log(tmp_path / "register", list(story.documents())[:1000])
    before = ask(tmp_path, "build")
    assert ask(tmp_path, "build", anew=True)["size"] == before["size"] == 1000


@pytest.fixture
def short(tmp_path: Path, story: scenarios.Story) -> Path:
    """The last six hundred entries of the story, as a log that a test may harm."""
    write_log(tmp_path / "register", list(story.documents())[-600:])
    ask(tmp_path, "build")
    return tmp_path


def last_rows(folder: Path) -> Path:
    return max(path for path in (folder / "review").rglob("*.parquet") if "summaries" not in path.parts)


def rewrite(folder: Path, columns: str, where: str = "true") -> None:
    """Write the newest rows anew, other than they were."""
    path = last_rows(folder)
    duckdb.sql(f"COPY (SELECT {columns} FROM read_parquet('{path}') WHERE {where}) TO '{path}.x' (FORMAT parquet)")
    Path(f"{path}.x").replace(path)


def harm_note(folder: Path) -> None:
    path = next((folder / "review").glob("*.json"))
    note = json.loads(path.read_text())
    note["days"] = {day: count - 1 for day, count in note["days"].items()}
    path.write_text(json.dumps(note))


HARM: dict[str, Callable[[Path], object]] = {
    "another actor": lambda folder: rewrite(folder, "* REPLACE ('staff001' AS actor)"),
    "another time": lambda folder: rewrite(folder, "* REPLACE (ts_us + 1 AS ts_us)"),
    "another entry": lambda folder: rewrite(folder, "* REPLACE (replace(entry, 'staff', 'stuff') AS entry)"),
    "another entry with its leaf": lambda folder: rewrite(
        folder,
        "* REPLACE (replace(entry, 'pc5', 'pc6') AS entry, replace(device, 'pc5', 'pc6') AS device, "
        "unhex(sha256('\\x00'::BLOB || encode(replace(entry, 'pc5', 'pc6')))) AS leaf)",
    ),
    "a row less": lambda folder: rewrite(folder, "*", "log_index <> 599"),
    "a row doubled": lambda folder: rewrite(folder, "* REPLACE (598 AS log_index)", "log_index <> 598"),
    "no Parquet": lambda folder: last_rows(folder).write_bytes(b"nothing"),
    "the file is gone": lambda folder: last_rows(folder).unlink(),
    "another note": harm_note,
}


@pytest.mark.parametrize("harm", HARM)
def test_no_rule_sees_rows_that_were_altered(short: Path, story: scenarios.Story, harm: str) -> None:
    HARM[harm](short)
    with pytest.raises(RowsAltered):
        run_all(short, story)


def harm_seal(folder: Path) -> None:
    path = max((folder / "review").rglob("seal.json"))
    path.write_text(path.read_text().replace('"compared_at": 1', '"compared_at": 2'))


def lose_seal(folder: Path) -> None:
    max((folder / "review").rglob("seal.json")).unlink()
    HARM["another actor"](folder)


HARM_AFTER: dict[str, Callable[[Path], object]] = {
    **{name: HARM[name] for name in ("another actor", "a row less", "no Parquet", "the file is gone", "another note")},
    "another summary": lambda folder: max((folder / "review").rglob("actor_days.parquet")).write_bytes(b"nothing"),
    "no summary": lambda folder: max((folder / "review").rglob("actor_days.parquet")).unlink(),
    "another seal": harm_seal,
    "no seal and another actor": lose_seal,
}


@pytest.mark.parametrize("harm", HARM_AFTER)
def test_what_was_compared_once_is_held_against_its_seal(short: Path, story: scenarios.Story, harm: str) -> None:
    last = day_number(story.last)
    order = {"first": last, "last": last, "is_over": True, "tables": {}, "rule": "dormant_account"}
    ask(short, "run", **order)
    HARM_AFTER[harm](short)
    with pytest.raises(RowsAltered):
        ask(short, "run", **order)


def test_a_seal_speaks_of_its_own_day_only(tmp_path: Path, story: scenarios.Story) -> None:
    write_log(tmp_path / "register", list(story.documents())[-1800:])
    ask(tmp_path, "build")
    order = {"last": day_number(story.last), "is_over": True, "tables": {}, "rule": "silence"}
    ask(tmp_path, "run", first=day_number(story.last), **order)
    first, *_others, last = sorted((tmp_path / "review").rglob("seal.json"))
    last.write_bytes(first.read_bytes())
    with pytest.raises(RowsAltered):
        ask(tmp_path, "run", first=day_number(story.last), **order)


def test_days_are_compared_once_and_again_after_a_week(tmp_path: Path, story: scenarios.Story) -> None:
    def held(now: int) -> tuple[int, int, int]:
        last = day_number(story.last)
        order = {"first": last, "last": last, "is_over": True, "tables": {}, "rule": "silence", "now": now}
        answer = ask(tmp_path, "run", **order)
        return answer["checked"], answer["sealed"], answer["compared_since"]

    documents = list(story.documents())[-1800:]
    write_log(tmp_path / "register", documents[:-1])
    ask(tmp_path, "build")
    assert held(NOW) == (1799, 0, NOW)
    assert held(NOW + 60) == (0, 1799, NOW)
    write_log(tmp_path / "register", documents[-1:])
    ask(tmp_path, "build")
    assert held(NOW + 120) == (1, 1799, NOW), "the new piece alone"
    assert held(NOW + AGAIN_AFTER - 1) == (0, 1800, NOW)
    assert held(NOW + AGAIN_AFTER) == (1800, 0, NOW + AGAIN_AFTER)
    assert held(NOW)[0] == 1800, "a clock that ran ahead"


def test_what_was_refused_and_what_the_platform_did_is_no_opening() -> None:
    with duckdb.connect() as engine:
        engine.execute(
            "CREATE TABLE events AS SELECT * FROM (VALUES (1, 8, 'a', 'p1', 'success', 'person', 0), "
            "(1, 8, 'a', 'p2', 'denied', 'person', 1), (1, 8, 'b', 'p1', 'success', 'platform', 2)) "
            "AS v(day, hour, actor, patient, outcome, kind, log_index)"
        )
        assert engine.execute(SUMMARIES["actor_hours"]).fetchall() == [(1, 8, "a", 1, 1, 0, 0)]
        assert engine.execute(SUMMARIES["patient_days"]).fetchall() == [(1, "p1", 1, 1, 0, 0)]


def test_no_row_is_made_of_an_entry_that_was_altered(tmp_path: Path, story: scenarios.Story) -> None:
    write_log(tmp_path / "register", list(story.documents())[:600])
    path = tmp_path / "register" / "tile" / "entries" / "001"
    path.write_bytes(path.read_bytes().replace(b"staff", b"stuff", 1))
    with pytest.raises(LogDamaged):
        ask(tmp_path, "build")


def test_what_is_no_entry_of_ours_has_no_row_and_is_counted(tmp_path: Path, story: scenarios.Story) -> None:
    documents: list[dict[str, Any]] = [*list(story.documents())[:10], {"raw": "of another system"}]
    write_log(tmp_path / "register", documents)
    assert ask(tmp_path, "build")["unread"] == 1
    assert ask(tmp_path, "run", first=0, last=30000, is_over=True, tables={})["checked"] == 10


def test_a_day_is_read_from_the_log(told: Path, story: scenarios.Story) -> None:
    order = {"day": day_number(story.last), "actor": "staff017", "patient": "", "system": "", "start": 0, "most": 5}
    answer = ask(told, "day", **order)
    assert answer["count"] >= 30
    assert len(answer["entries"]) == 5
    assert all(json.loads(entry)["actor"]["id"] == "staff017" for _index, entry in answer["entries"])


def test_the_process_says_what_it_met(
    short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    HARM["no Parquet"](short)
    order: dict[str, Any] = {}
    monkeypatch.setitem(press.TASKS, "keep", lambda given: order.update(given) or {})
    ask(short, "keep", first=0, last=30000, is_over=True, tables={})
    monkeypatch.setattr(press.json, "load", lambda _stream: {**order, "task": "run"})
    press.main()
    assert json.loads(capsys.readouterr().out)["error"] == "RowsAltered"


GOOD = yaml.safe_load((FOLDER / "burst_of_patients.yaml").read_text())
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"threshold": 3}, "does not know 'threshold'"),
    "another name": ({"id": "other"}, "is not the name of the file"),
    "one language": ({"title": {"ja": "題"}}, "title is not in ja and en"),
    "an unknown table": ({"needs": ["payroll"]}, "no table of the review"),
    "a table it does not read": ({"needs": ["care"]}, "does not read it"),
    "a table it does not ask for": ({"sql": "SELECT 1 FROM care {patients}"}, "without asking"),
    "an unknown place": ({"sql": "SELECT {patients} {more}"}, "no parameter"),
    "an unused parameter": ({"sql": "SELECT 1"}, "does not use"),
    "a file of its own": ({"sql": "SELECT {patients} FROM read_csv('/etc/passwd')"}, "must not contain"),
    "two statements": ({"sql": "SELECT {patients}; DROP TABLE x"}, "must not contain"),
    "a word for a number": ({"parameters": {"patients": {"default": "x", "title": GOOD["title"]}}}, "whole number"),
    "no look back": ({"lookback_days": -1}, "lookback_days"),
    "neither yes nor no": ({"urgent": "maybe"}, "urgent"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_rule_is_refused_with_its_file(tmp_path: Path, name: str) -> None:
    change, said = FAULTS[name]
    (tmp_path / "burst_of_patients.yaml").write_text(yaml.safe_dump({**GOOD, **change}, allow_unicode=True))
    with pytest.raises(RulebookInvalid) as caught:
        load(tmp_path)
    assert "burst_of_patients.yaml: " in str(caught.value)
    assert said in str(caught.value)


def test_what_is_no_rule_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- just\n- a list\n")
    (tmp_path / "b.yaml").write_text("a: [")
    with pytest.raises(RulebookInvalid) as caught:
        load(tmp_path)
    assert "a.yaml" in str(caught.value)
    assert "b.yaml" in str(caught.value)


def test_rows_have_what_rules_may_ask_for() -> None:
    assert {"ts_us", "actor", "patient", "device", "reason_empty"} <= DERIVED.keys()


def test_the_figures_speak_of_every_rule() -> None:
    paper = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf8")
    for rule in load():
        assert len(re.findall(rf"(?m)^\| `{rule.id}` \|", paper)) == 2, f"{rule.id}: precision and speed"
