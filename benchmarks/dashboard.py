"""Figures of the pages and papers an operator opens every day, on a hospital after a year. ``make bench``.

Served as in production (granian on a unix socket); the floor is an empty Django page behind the same server in the same
run. Papers are measured after a warm-up.
"""

import gzip
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.__main__ import BARE, SESSION_COOKIE, UnixConnection, served, signed_in_cookie
from benchmarks.year import HOME, build
from sekisho.config.processes.web import TARGET

ROUNDS = 15
MOST_KILOBYTES = 60.0
PROXY = {"Host": "localhost", "X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"}
PAGE, TABLE, PAPER = 80.0, 500.0, 1000.0  # milliseconds
OPENED = (
    ("dashboard", "/", PAGE),
    ("dashboard, trend of a year", "/?trend=year", PAGE),
    ("requirement list", "/requirements/", PAGE),
    ("one requirement, 500 subjects", "/requirements/SO-8-3/", PAGE),
    ("list of checks", "/checks/", PAGE),
    ("inspection checklist", "/checklist/", PAGE),
    ("next pieces of work", "/next/", PAGE),
    ("security chart", "/chart/", PAGE),
    ("page of papers", "/papers/", PAGE),
    ("Fit&Gap, Excel", "/papers/fit-gap.xlsx", TABLE),
    ("Fit&Gap, PDF of all rows", "/papers/fit-gap.pdf", PAPER),
    ("security chart, PDF", "/papers/chart.pdf", PAPER),
    ("assessment results, OSCAL", "/papers/oscal-results.json", TABLE),
)


def fetch(path: Path, address: str, cookie: str = "") -> tuple[int, bytes, str]:
    """Return the status, the body and how it is packed."""
    line = UnixConnection(path)
    try:
        line.request("GET", address, headers={**PROXY, "Cookie": cookie})
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers.get("Content-Encoding", "")
    finally:
        line.close()


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median milliseconds after a warm-up."""
    for _ in range(3):
        work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def queries_of(addresses: Iterable[str], cookie: str) -> dict[str, int]:
    """Return how many queries each address takes, counted in this process."""
    client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    client.cookies[SESSION_COOKIE] = cookie.partition("=")[2]
    found = {}
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        found[address] = len(seen)
    return found


def show(path: Path, cookie: str, floor: float, queries: Mapping[str, int]) -> None:
    """Measure and print every page and paper."""
    for name, address, bound in OPENED:
        status, body, packed = fetch(path, address, cookie)
        if status != 200:
            print(f"{name:<30} answered {status}: not measured")
            continue
        spent = milliseconds(lambda address=address: fetch(path, address, cookie))  # type: ignore[misc]
        size = len(body if packed else gzip.compress(body, 6)) / 1024
        share = f" = {size / MOST_KILOBYTES:4.2f} of {MOST_KILOBYTES:g} KB" if bound == PAGE else ""
        print(
            f"{name:<30}{spent:8.1f} ms = {spent / bound:5.2f} of the bound {bound:>4.0f} ms   "
            f"{spent / floor:7.1f} x an empty Django page   {queries[address]:3} queries   {size:6.1f} KB packed{share}"
        )


def main() -> None:
    """Build, measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="skbench"))
    try:
        (folder / "bare.py").write_text(BARE)
        built = build()
        cookie = signed_in_cookie(Path(HOME))
        queries = queries_of([address for _name, address, _bound in OPENED], cookie)
        numbers = ", ".join(f"{built[name]:.0f} {name}" for name in ("runs", "findings", "verdicts", "days"))
        print(f"dashboard: {numbers}, load {os.getloadavg()[0]:.1f}")
        print(f"the worker's look whether anything changed: {built['look']:.1f} ms, in no request")
        with served("bare:application", folder, {}) as (path, _seconds, _processes):
            floor = milliseconds(lambda: fetch(path, "/healthz"), 200)
        print(f"an empty Django page: {floor:.2f} ms")
        ours = {"SEKISHO_HOME": HOME, "SEKISHO_LOG_LEVEL": "warning"}
        with served(TARGET, folder, ours) as (path, _seconds, _processes):
            show(path, cookie, floor, queries)
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
