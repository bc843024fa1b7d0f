"""Running rules over the rows of some days. What a rule cannot see it does not judge, and says so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from sekisho.register.log.review.partitions import connect, quoted
from sekisho.register.log.review.rulebook import RESULT, TABLES, Rule
from sekisho.register.log.review.summaries import SUMMARIES

MOST_HITS = 1000  # of one rule in one run; more are counted, and say that the threshold does not fit
_TEXT_COLUMNS = ("source", "actor", "kind", "action", "outcome", "patient", "system", "device", "session", "network")
_NUMBER_COLUMNS = ("log_index", "ts_us", "recorded_us", "day", "hour", "minute", "weekday", "reason_empty")
_EMPTY = ", ".join(
    [*(f"''::VARCHAR AS {name}" for name in _TEXT_COLUMNS), *(f"0::BIGINT AS {name}" for name in _NUMBER_COLUMNS)]
)
_NONE = f"SELECT {_EMPTY} WHERE false"
Tables = Mapping[str, Sequence[Sequence[Any]]]


class RuleState(StrEnum):
    """How a rule fared in a run."""

    RAN = "ran"
    MISSING = "missing"
    WAITS = "waits"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule raised. ``missing`` names the tables nobody offers; ``count`` may be more than ``hits`` holds."""

    rule: str
    state: RuleState
    hits: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    missing: tuple[str, ...] = ()
    fault: str = ""

    def digest(self) -> str:
        """Return one figure over the hits, the same whatever engine found them and in whatever order."""
        return hashlib.sha256(repr(sorted(self.hits)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``first`` to ``last``, since 1970 in Tokyo; ``is_over`` when none of them still runs."""

    first: int
    last: int
    is_over: bool = True


def open_rows(files: Sequence[Path], tables: Tables) -> "duckdb.DuckDBPyConnection":
    """Return an engine that sees the rows of ``files`` as ``events`` and every reference table, absent ones empty."""
    engine = connect()
    for name, columns in TABLES.items():
        kinds = ", ".join(f"{column} {'BIGINT' if column.endswith('_us') else 'VARCHAR'}" for column in columns)
        engine.execute(f"CREATE TABLE {name} ({kinds})")
        if tables.get(name):
            places = ", ".join("unnest(?)" for _column in columns)
            values = [list(column) for column in zip(*tables[name], strict=True)]
            engine.execute(f"INSERT INTO {name} SELECT {places}", values)  # our own names
    show_rows(engine, files)
    return engine


def show_rows(
    engine: "duckdb.DuckDBPyConnection", files: Sequence[Path], summaries: Mapping[str, Sequence[Path]] | None = None
) -> None:
    """Let ``events`` be the rows of ``files`` from now on, without the entries that they were made from.

    The summaries are those of the files given for each, or made of these rows while they are asked.
    """
    rows = f"SELECT * EXCLUDE (entry) FROM {_parquet(files)}" if files else _NONE  # noqa: S608  # our own paths
    engine.execute(f"CREATE OR REPLACE VIEW events AS {rows}")
    for name, sql in SUMMARIES.items():
        kept = (summaries or {}).get(name)
        source = f"SELECT * FROM {_parquet(kept)}" if kept else sql  # noqa: S608  # our own paths
        engine.execute(f"CREATE OR REPLACE VIEW {name} AS {source}")


def _parquet(files: Sequence[Path]) -> str:
    return "read_parquet([" + ", ".join(f"'{quoted(path)}'" for path in files) + "])"


def run_rule(
    engine: "duckdb.DuckDBPyConnection",
    rule: Rule,
    period: Period,
    offered: Sequence[str],
    chosen: Mapping[str, int] | None = None,
) -> RuleResult:
    """Run one rule; a fault of its SQL is its result, and hurts no other rule."""
    missing = tuple(sorted(set(rule.needs) - set(offered)))
    if missing:
        return RuleResult(rule.id, RuleState.MISSING, missing=missing)
    if rule.whole_days and not period.is_over:
        return RuleResult(rule.id, RuleState.WAITS)
    try:
        asked = rule.statement(period.first, period.last, chosen)
        rows = engine.execute(f"SELECT {', '.join(RESULT)} FROM ({asked}) hits").fetchall()  # noqa: S608  # our files
    except duckdb.Error as error:
        return RuleResult(rule.id, RuleState.FAILED, fault=str(error)[:500])
    hits = sorted(_plain(row) for row in rows)
    return RuleResult(rule.id, RuleState.RAN, tuple(hits[:MOST_HITS]), len(hits))


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Engines answer with numbers of several widths; ours are whole numbers and texts."""
    return tuple(value if isinstance(value, str) else int(value) for value in row)
