"""The rules say the same on DuckDB and on ClickHouse's engine: what makes them fit for more than one machine."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sekisho.register.log.review.days import summarise
from sekisho.register.log.review.engine import Period, RuleResult, RuleState, open_rows, run_rule, show_rows
from sekisho.register.log.review.partitions import connect
from sekisho.register.log.review.rulebook import RESULT, TABLES, load
from sekisho.register.log.review.summaries import SUMMARIES
from tests.register import scenarios
from tests.register.review_log import ask, write_log

EPOCH = date(1970, 1, 1)
# The story is told from its seed, so what the rules find in it is known to the last hit.
GOLDEN = "2a98fd68ad3e0d3b5aa2e983663e623b3d0f679e67dd1e02789226c28310a8c2"


@pytest.fixture(scope="module")
def story() -> scenarios.Story:
    """Ten weeks of which the last two are busy."""
    return scenarios.tell(3, first=date(2026, 9, 5), days=70, busy=14)


@pytest.fixture(scope="module")
def files(story: scenarios.Story, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The story's rows, of every day."""
    folder = tmp_path_factory.mktemp("engines")
    write_log(folder / "register", list(story.documents()))
    ask(folder, "build")
    return sorted((folder / "review").rglob("*.parquet"))


@pytest.fixture(scope="module")
def on_duckdb(story: scenarios.Story, files: list[Path]) -> dict[str, RuleResult]:
    """What every rule finds in the last two weeks."""
    engine, last = open_rows(files, story.lists), (story.last - EPOCH).days
    return {rule.id: run_rule(engine, rule, Period(last - 13, last), list(TABLES)) for rule in load()}


def test_the_rules_find_what_they_found_before(on_duckdb: dict[str, RuleResult]) -> None:
    assert {one.state for one in on_duckdb.values()} == {RuleState.RAN}
    counts = {rule: one.count for rule, one in on_duckdb.items()}
    whole = RuleResult("all", RuleState.RAN, tuple((rule, one.digest()) for rule, one in on_duckdb.items()))
    assert whole.digest() == GOLDEN, counts


def test_kept_summaries_say_what_all_rows_say(
    story: scenarios.Story, files: list[Path], on_duckdb: dict[str, RuleResult], tmp_path: Path
) -> None:
    maker, kept = connect(), dict[str, list[Path]]()
    for number, path in enumerate(files):
        folder = tmp_path / str(number)
        folder.mkdir()
        for made in summarise(maker, [path], folder):
            kept.setdefault(made.stem, []).append(made)
    engine, last = open_rows([], story.lists), (story.last - EPOCH).days
    show_rows(engine, files, kept)
    found = {rule.id: run_rule(engine, rule, Period(last - 13, last), list(TABLES)) for rule in load()}
    assert found == on_duckdb


@pytest.fixture
def clickhouse(story: scenarios.Story, files: list[Path], tmp_path: Path) -> Iterator[Any]:
    """ClickHouse's engine over the same rows and tables."""
    chdb = pytest.importorskip("chdb.session")
    session = chdb.Session(str(tmp_path / "chdb"))
    session.query("CREATE DATABASE review ENGINE = Atomic")
    session.query("USE review")
    folder = files[0].parents[2]
    session.query(f"CREATE VIEW events AS SELECT * FROM file('{folder}/*/*/*.parquet', Parquet)")
    for name, sql in SUMMARIES.items():
        session.query(f"CREATE VIEW {name} AS {sql}")
    for name, columns in TABLES.items():
        kinds = ", ".join(f"{column} {'Int64' if column.endswith('_us') else 'String'}" for column in columns)
        session.query(f"CREATE TABLE {name} ({kinds}) ENGINE = Memory")
        rows = ", ".join("(" + ", ".join(map(repr, row)) + ")" for row in story.lists.get(name, []))
        if rows:
            session.query(f"INSERT INTO {name} VALUES {rows}")
    yield session
    session.close()


@pytest.mark.full
def test_clickhouse_finds_the_same(clickhouse: Any, on_duckdb: dict[str, RuleResult], story: scenarios.Story) -> None:
    last, differ = (story.last - EPOCH).days, {}
    for rule in load():
        asked = f"SELECT {', '.join(RESULT)} FROM ({rule.statement(last - 13, last)}) hits"
        answer = clickhouse.query(asked, "JSONCompact")
        rows = json.loads(str(answer))["data"]
        hits = tuple(tuple(value if place < 3 else int(value) for place, value in enumerate(row)) for row in rows)
        if RuleResult(rule.id, RuleState.RAN, hits).digest() != on_duckdb[rule.id].digest():
            differ[rule.id] = (sorted(hits)[:3], on_duckdb[rule.id].hits[:3])
    assert differ == {}
