"""Figures of the review: each rule over one day and over all events, beside a bare scan; precision and recall.

``python -m benchmarks.review [EVENTS]``: the rows of the large measurement are made by the engine itself and have no
log under them; what building and checking rows costs is measured on a story with a real log.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sekisho.register.log.review.engine import Period, open_rows, run_rule, show_rows
from sekisho.register.log.review.partitions import connect
from sekisho.register.log.review.rulebook import TABLES, load
from tests.register import scenarios
from tests.register.review_log import ask, write_log
from tests.register.test_review_rules import MEANT

EVENTS = 20_000_000
DAYS, USERS, PATIENTS = 90, 2_000, 200_000
FIRST_DAY = 20_000
MOST_ALL, MOST_DAY = 5.0, 0.2
EPOCH = date(1970, 1, 1)
# Nine in ten work by day; nobody does what no hospital does, but chance brings a few hits of every kind.
ROWS = """
COPY (
  WITH dice AS (SELECT i, hash(i) AS a, hash(i + 7) AS b, hash(i + 13) AS c FROM range({begin}, {end}) t(i)),
  timed AS (SELECT i, a, b, c, ({day}::BIGINT * 86400 + CASE WHEN c % 10 = 0 THEN b % 86400 ELSE 28800 + b % 36000 END)
    * 1000000 + i % 1000000 AS local_us FROM dice)
  SELECT i AS log_index, unhex(sha256(i::VARCHAR)) AS leaf,
    CASE WHEN c % 50 = 0 THEN 'images' ELSE 'chart' END AS source,
    'user' || (a % {users}) AS actor, 'person' AS kind,
    CASE WHEN c % 997 = 0 THEN 'chart.export' WHEN c % 99991 = 0 THEN 'chart.emergency_access'
      WHEN c % 31 = 0 THEN 'session.sign_in' ELSE 'chart.read' END AS action,
    CASE WHEN c % 211 = 0 THEN 'failure' ELSE 'success' END AS outcome,
    CASE WHEN c % 31 = 0 THEN '' ELSE 'p' || ((a % {users}) * 37 + b % 90) % {patients} END AS patient,
    'chart' AS system, 'pc' || (a % 1500) AS device, '' AS session, '10.0.0.' || (a % 250) AS network,
    '' AS subject_kind, '' AS subject, i AS source_seq, local_us - 32400000000 AS ts_us,
    local_us - 32400000000 AS recorded_us, CAST(local_us // 86400000000 AS INTEGER) AS day,
    CAST(local_us // 3600000000 AS INTEGER) AS hour, CAST(local_us % 86400000000 // 60000000 AS INTEGER) AS minute,
    CAST((local_us // 86400000000 + 3) % 7 AS INTEGER) AS weekday, 1 AS reason_empty, '' AS entry
  FROM timed
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def made_rows(folder: Path, events: int) -> list[Path]:
    """Write the rows of ninety days, one file a day."""
    engine, files, each = connect(), [], events // DAYS
    for number in range(DAYS):
        path = folder / f"{number:03d}.parquet"
        begin = number * each
        engine.execute(
            ROWS.format(
                begin=begin, end=begin + each, day=FIRST_DAY + number, users=USERS, patients=PATIENTS, path=path
            )
        )
        files.append(path)
    return files


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


def median(work: Callable[[], object], times: int) -> float:
    """Return the median seconds of ``work``."""
    taken = []
    for _round in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def speed(folder: Path, events: int) -> None:
    """Print each rule over one day and over everything, with its ratio to a bare scan of the same rows."""
    files, lists = made_rows(folder, events), tables()
    engine, last = open_rows(files, lists), FIRST_DAY + DAYS - 1
    bare = median(lambda: engine.execute("SELECT count(*) FROM events WHERE actor <> patient").fetchall(), 3)
    print(f"\n{events:,} events of {DAYS} days; bare scan of two columns: {bare:.2f} s\n")
    print("| rule | one day, s | all, s | x bare scan | hits, all |\n|---|---|---|---|---|")
    for rule in load():
        show_rows(engine, files[-1 - rule.lookback_days :])
        day = median(lambda: run_rule(engine, rule, Period(last, last), list(TABLES)), 3)  # noqa: B023  # run at once
        show_rows(engine, files)
        begin = time.perf_counter()
        result = run_rule(engine, rule, Period(FIRST_DAY, last), list(TABLES))
        whole = time.perf_counter() - begin
        marks = ("" if day <= MOST_DAY else " (!)"), ("" if whole <= MOST_ALL else " (!)")
        said = result.fault or f"{result.count:,}"
        print(f"| {rule.id} | {day:.3f}{marks[0]} | {whole:.2f}{marks[1]} | {whole / bare:.1f} | {said} |", flush=True)


def judged(folder: Path, seeds: range) -> None:
    """Print precision and recall of each rule over stories, and what building and checking rows costs."""
    counts: dict[str, list[int]] = {rule: [0, 0, 0] for rule in MEANT.values()}  # right, false, missed
    built = checked = 0.0
    rows = 0
    for seed in seeds:
        story = scenarios.tell(seed, first=date(2026, 9, 5), days=70, busy=28)
        place = folder / str(seed)
        place.mkdir()
        write_log(place / "register", list(story.documents()))
        begin = time.perf_counter()
        rows += ask(place, "build")["made"]
        built += time.perf_counter() - begin
        begin = time.perf_counter()
        first, last = story.last - timedelta(days=27), story.last
        period = {"first": (first - EPOCH).days, "last": (last - EPOCH).days}
        answer = ask(place, "run", **period, is_over=True, tables=story.lists)
        checked += time.perf_counter() - begin
        _count(counts, story, answer["results"])
    print(f"{rows:,} events with their log: rows built at {rows / built:,.0f}/s; compared with the log and put to all")
    print(
        f"rules at {rows / checked:,.0f}/s\n\n| rule | planted | raised rightly | raised falsely | precision | recall |"
    )
    print("|---|---|---|---|---|---|")
    for rule, (right, false, missed) in sorted(counts.items()):
        precision = right / (right + false) if right + false else 0.0
        recall = right / (right + missed)
        print(f"| {rule} | {right + missed} | {right} | {false} | {precision:.0%} | {recall:.0%} |")


def _count(counts: dict[str, list[int]], story: scenarios.Story, results: list[dict[str, Any]]) -> None:
    hits = {one["rule"]: {(hit[0], hit[1], hit[3]) for hit in one["hits"]} for one in results}
    for misdeed in story.misdeeds:
        rule, day = MEANT[misdeed.name], (misdeed.day - EPOCH).days
        right = {
            hit for hit in hits[rule] if hit[0] == misdeed.actor and misdeed.patient in {"", hit[1]} and hit[2] == day
        }
        counts[rule][0 if right else 2] += 1
        counts[rule][1] += len(hits[rule] - right)


def main() -> None:
    """Measure and print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory(prefix="skreview") as name:
        judged(Path(name), range(1, 6))
        (Path(name) / "rows").mkdir()
        speed(Path(name) / "rows", events)


if __name__ == "__main__":
    main()
