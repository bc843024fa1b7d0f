"""Figures of the review: each rule over one day and over all events, beside a bare scan; precision and recall.

``python -m benchmarks.review [--write] [EVENTS]``: the rows of the large measurement are made by the engine itself and
have no log under them; what building and comparing rows costs is measured on stories with a real log. ``--write`` puts
the figures into docs/benchmarks.md. Twenty million rows need 1 GB in the folder for temporary files for a while.
"""

import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sekisho.register.log.review.days import summarise
from sekisho.register.log.review.engine import Period, RuleResult, open_rows, run_rule, show_rows
from sekisho.register.log.review.partitions import connect
from sekisho.register.log.review.rulebook import TABLES, Rule, load
from sekisho.register.log.review.summaries import SUMMARIES
from tests.register import scenarios
from tests.register.review_log import ask, write_log
from tests.register.test_review_rules import MEANT

EVENTS = 20_000_000
DAYS, USERS, PATIENTS = 90, 2_000, 200_000
FIRST_DAY = 20_000
LAST_DAY = FIRST_DAY + DAYS - 1
MOST_ALL, MOST_DAY = 5.0, 0.2
SEEDS = range(1, 6)
EPOCH = date(1970, 1, 1)
PAPER = Path(__file__).parents[1] / "docs" / "benchmarks.md"
PLACE = re.compile(r"(?s)(<!-- review -->\n).*?(<!-- /review -->)")
# Nine in ten work by day; nobody does what no hospital does, but chance brings a few hits of every kind. Everybody has
# a terminal of their own, and works at another one now and then.
ROWS = """
COPY (
  WITH dice AS (SELECT i, hash(i) AS a, hash(i + 7) AS b, hash(i + 13) AS c FROM range({begin}, {end}) t(i)),
  timed AS (SELECT i, a, b, c, ({day}::BIGINT * 86400 + CASE WHEN c % 10 = 0 THEN b % 86400 ELSE 28800 + b % 36000 END)
    * 1000000 + i % 1000000 AS local_us FROM dice)
  SELECT i AS log_index, ''::BLOB AS leaf,
    CASE WHEN c % 50 = 0 THEN 'images' ELSE 'chart' END AS source,
    'user' || (a % {users}) AS actor, 'person' AS kind,
    CASE WHEN c % 997 = 0 THEN 'chart.export' WHEN c % 99991 = 0 THEN 'chart.emergency_access'
      WHEN c % 31 = 0 THEN 'session.sign_in' ELSE 'chart.read' END AS action,
    CASE WHEN c % 211 = 0 THEN 'failure' ELSE 'success' END AS outcome,
    CASE WHEN c % 31 = 0 THEN '' ELSE 'p' || ((a % {users}) * 37 + b % 90) % {patients} END AS patient,
    'chart' AS system, 'pc' || (CASE WHEN c % 97 = 0 THEN b % 1500 ELSE a % {users} END) AS device,
    '' AS session, '10.0.0.' || (a % 250) AS network,
    '' AS subject_kind, '' AS subject, i AS source_seq, local_us - 32400000000 AS ts_us,
    local_us - 32400000000 AS recorded_us, CAST(local_us // 86400000000 AS INTEGER) AS day,
    CAST(local_us // 3600000000 AS INTEGER) AS hour, CAST(local_us % 86400000000 // 60000000 AS INTEGER) AS minute,
    CAST((local_us // 86400000000 + 3) % 7 AS INTEGER) AS weekday, 1 AS reason_empty, '' AS entry
  FROM timed
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of ninety days and their summaries, one file a day each."""

    rows: list[Path]
    summaries: dict[str, list[Path]]

    def of_days(self, days: int) -> tuple[list[Path], dict[str, list[Path]]]:
        """Return the files of the last days."""
        return self.rows[-days:], {name: files[-days:] for name, files in self.summaries.items()}


def made_rows(folder: Path, events: int) -> Made:
    """Write the rows of ninety days, and their summaries as the review makes them."""
    engine, each = connect(), events // DAYS
    made = Made([], {name: [] for name in SUMMARIES})
    for number in range(DAYS):
        day = folder / f"{number:03d}"
        day.mkdir()
        path, begin = day / "rows.parquet", number * each
        values = {"begin": begin, "end": begin + each, "day": FIRST_DAY + number, "users": USERS, "patients": PATIENTS}
        engine.execute(ROWS.format(**values, path=path))
        made.rows.append(path)
    for path in made.rows:
        for file in summarise(engine, [path], path.parent):
            made.summaries[file.stem].append(file)
    return made


def tables() -> dict[str, list[list[Any]]]:
    """Return lists as a hospital of this size keeps them."""
    dice = random.Random(1)  # a story, no secret
    names = [f"姓{number}" for number in range(3000)]
    begin = (FIRST_DAY * 86400 - 32400) * 1_000_000
    return {
        "accounts": [
            [f"user{n}", "maintenance" if n < 20 else "staff", begin if n > USERS - 5 else 0] for n in range(USERS)
        ],
        "care": [[f"user{n}", f"p{(n * 37 + k) % PATIENTS}"] for n in range(USERS) for k in range(60)],
        "patient_ends": [[f"p{n}", begin] for n in range(0, PATIENTS, 500)],
        "patient_kana": [[f"p{n}", dice.choice(names)] for n in range(PATIENTS)],
        "roster": [[f"user{n}", begin, begin + 10**12] for n in range(0, USERS, 10)],
        "staff_kana": [[f"user{n}", dice.choice(names)] for n in range(USERS)],
        "staff_patients": [[f"user{n}", f"p{n * 41}"] for n in range(500)],
        "vendor_windows": [[f"user{n}", begin, begin + 10**12] for n in range(20)],
        "watched_patients": [[f"p{n}"] for n in range(0, 3000, 100)],
    }


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock and of the processors."""

    wall: float
    cpu: float


def measured(work: Callable[[], Any], times: int = 1) -> tuple[Spent, Any]:
    """Return what the quickest of several times took, and what came of it."""
    found: list[tuple[Spent, Any]] = []
    for _round in range(times):
        wall, cpu = time.perf_counter(), _cpu()
        result = work()
        found.append((Spent(time.perf_counter() - wall, _cpu() - cpu), result))
    return min(found, key=lambda one: one[0].wall)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def speed(folder: Path, events: int) -> Iterator[str]:
    """Yield each rule over one day and over everything, with its ratio to a bare scan of the same rows."""
    (made_in, made), lists = measured(lambda: made_rows(folder, events)), tables()
    engine = open_rows(made.rows, lists)
    bare, _rows = measured(lambda: engine.execute("SELECT count(*) FROM events WHERE actor <> patient").fetchall(), 3)
    yield (
        f"{events:,} events of {DAYS} days, {USERS:,} people, {PATIENTS:,} patients; two columns of them scanned bare: "
        f"{bare.wall:.2f} s, {bare.cpu:.2f} s of processor time. Rows and summaries of all days were made in "
        f"{made_in.wall:.0f} s. {_machine()} Bounds: {MOST_ALL:g} s over everything, {MOST_DAY:g} s over one day."
    )
    yield ""
    yield "| rule | one day | processor | all | processor | x bare scan | hits in all |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for rule in load():
        show_rows(engine, *made.of_days(1 + rule.lookback_days))
        day, _hits = measured(lambda: _found(engine, rule, LAST_DAY), 3)  # noqa: B023  # run at once
        show_rows(engine, made.rows, made.summaries)
        whole, result = measured(lambda: _found(engine, rule, FIRST_DAY))  # noqa: B023  # run at once
        yield (
            f"| `{rule.id}` | {day.wall:.3f} s{_mark(day.wall, MOST_DAY)} | {day.cpu:.3f} s | {whole.wall:.2f} s"
            f"{_mark(whole.wall, MOST_ALL)} | {whole.cpu:.2f} s | {whole.cpu / bare.cpu:.1f} | {result.count:,} |"
        )


def _found(engine: "duckdb.DuckDBPyConnection", rule: Rule, first: int) -> RuleResult:
    result = run_rule(engine, rule, Period(first, LAST_DAY), list(TABLES))
    if result.fault:
        raise RuntimeError(result.fault)
    return result


def _mark(value: float, most: float) -> str:
    return "" if value <= most else " (over the bound)"


def _machine() -> str:
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, DuckDB {duckdb.__version__}."


def judged(folder: Path) -> Iterator[str]:
    """Yield precision and recall of each rule over stories, and what building and comparing rows costs."""
    counts: dict[str, list[int]] = {rule: [0, 0, 0] for rule in MEANT.values()}  # right, false, missed
    built = compared = held = 0.0
    rows = unrostered = 0
    for seed in SEEDS:
        story = scenarios.tell(seed, first=date(2026, 9, 5), days=70, busy=28)
        place = folder / str(seed)
        place.mkdir()
        write_log(place / "register", list(story.documents()))
        spent, answer = measured(lambda: ask(place, "build"))  # noqa: B023  # run at once
        rows, built = rows + answer["made"], built + spent.cpu
        spent, answer = measured(lambda: _asked(place, story))  # noqa: B023  # run at once
        compared += spent.cpu
        _count(counts, story, answer["results"])
        spent, answer = measured(lambda: _asked(place, story, roster=[]))  # noqa: B023  # run at once
        held += spent.cpu
        unrostered += sum(one["count"] for one in answer["results"] if one["rule"] == "out_of_hours") - 1
    yield (
        f"{rows:,} events of {len(SEEDS)} stories with their logs; figures a second of processor time: rows built "
        f"{rows / built:,.0f}, compared with the log and put to all rules {rows / compared:,.0f}, held against their "
        f"seals and put to all rules {rows / held:,.0f}. The stories do not know the rules; the ordinary days in them "
        "are made up, so the figures show that rules work, and not how a hospital's own days look. "
        "All lists were handed in; without the roster, `out_of_hours` raises who was on duty on Sundays as well: "
        f"{unrostered} times falsely."
    )
    yield ""
    yield "| rule | planted | raised rightly | raised falsely | precision | recall |"
    yield "|---|---:|---:|---:|---:|---:|"
    for rule, (right, false, missed) in sorted(counts.items()):
        precision = right / (right + false) if right + false else 0.0
        found = f"{precision:.0%} | {right / (right + missed):.0%}"
        yield f"| `{rule}` | {right + missed} | {right} | {false} | {found} |"


def _asked(place: Path, story: scenarios.Story, roster: list[list[Any]] | None = None) -> dict[str, Any]:
    first, last = story.last - timedelta(days=27), story.last
    period = {"first": (first - EPOCH).days, "last": (last - EPOCH).days}
    lists = {**story.lists, "roster": story.on_duty if roster is None else roster}
    return ask(place, "run", **period, is_over=True, tables=lists)


def _count(counts: dict[str, list[int]], story: scenarios.Story, results: list[dict[str, Any]]) -> None:
    hits = {one["rule"]: {(hit[0], hit[1], hit[3]) for hit in one["hits"]} for one in results}
    for misdeed in story.misdeeds:
        rule, day = MEANT[misdeed.name], (misdeed.day - EPOCH).days
        right = {
            hit for hit in hits[rule] if hit[0] == misdeed.actor and misdeed.patient in {"", hit[1]} and hit[2] == day
        }
        counts[rule][0 if right else 2] += 1
        counts[rule][1] += len(hits[rule] - right)


def figures(folder: Path, events: int) -> Iterator[str]:
    """Yield the section of the review line by line."""
    yield "### Precision and recall per rule"
    yield ""
    yield from judged(folder)
    yield ""
    yield "### Speed per rule"
    yield ""
    (folder / "rows").mkdir()
    yield from speed(folder / "rows", events)


def main() -> None:
    """Measure, print, and write down where wanted."""
    given = [word for word in sys.argv[1:] if word != "--write"]
    lines = []
    with tempfile.TemporaryDirectory(prefix="skreview") as name:
        for line in figures(Path(name), int(given[0]) if given else EVENTS):
            print(line, flush=True)
            lines.append(line)
    if "--write" in sys.argv:
        section = "\n".join(lines)
        text = PLACE.sub(lambda found: f"{found[1]}\n{section}\n\n{found[2]}", PAPER.read_text(encoding="utf8"))
        PAPER.write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
