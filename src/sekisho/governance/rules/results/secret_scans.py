"""Reports of tools that look for secrets: gitleaks (JSON), TruffleHog (JSON lines), and SARIF 2.1.0 of such a tool.

They hold the very secrets. Of a row only rule, file and line are kept; the value stays in memory for its fingerprint.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.governance.rules.results.errors import ResultsNotWhole
from sekisho.governance.rules.results.shape import Results, ResultsFile, Row, Words, bounded
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.strict_json import NotJson, read_json

WORDS = Words(
    source="gitleaks 8 report.json, TruffleHog 3 --json, SARIF 2.1.0 results: every row is something found",
    outcomes={"found": Outcome.FAIL, "verified": Outcome.FAIL, "clean": Outcome.PASS},
    idle=frozenset(),
)
FORMATS = frozenset({"gitleaks", "trufflehog", "sarif"})
# SARIF comes from tools of every kind; a row of a spelling checker is no password.
_SARIF_TOOLS = frozenset(
    {"gitleaks", "betterleaks", "trufflehog", "detect-secrets", "kingfisher", "ggshield", "secretlint"}
)
# What a tool that was told to hide the values writes in their place: REDACTED, stars, or their beginning and dots.
_MASKED = re.compile(
    r"\s*(?:\W*(?:redacted|masked|hidden|removed|secret)\W*|.*(?:\*{3}|\u2022{3}|\u25cf{3}|x{4}).*|.*(?:\.{3}|\u2026)|\W*)\s*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SeenSecret:
    """One row: rule, file and line. ``value`` is never written anywhere; "" where the report hides it."""

    rule: str
    file: str
    line: int
    value: str = field(repr=False)
    verified: bool = False

    def row(self) -> Row:
        """Return it as others' results are kept."""
        status = "verified" if self.verified else "found"
        return WORDS.row(self.rule, f"{self.file}:{self.line}", status)


def is_gitleaks(data: bytes) -> bool:
    """Tell whether the bytes are JSON with the names that gitleaks writes."""
    return data.lstrip().startswith(b"[") and b'"RuleID"' in data and b'"StartLine"' in data


def is_trufflehog(data: bytes) -> bool:
    """Tell whether the bytes are lines of JSON as TruffleHog writes them."""
    return data.lstrip().startswith(b"{") and b'"DetectorName"' in data and b'"SourceMetadata"' in data


def is_sarif(data: bytes) -> bool:
    """Tell whether the bytes are SARIF."""
    return data.lstrip().removeprefix(b"\xef\xbb\xbf").startswith(b"{") and b"sarif" in data and b'"runs"' in data


def read_gitleaks(file: ResultsFile) -> Results:
    """Return what a report says; it tells neither when nor where it was made. Raises ResultsUnreadable."""
    rows = _json(file, file.data, "JSON")
    if not isinstance(rows, list):
        raise file.unreadable("JSON", "no list")
    file.require_rows(len(rows))
    seen = [_of_gitleaks(file, f"row {number}", row) for number, row in enumerate(rows, 1)]
    return _results("gitleaks", "gitleaks", "", None, seen)


def _of_gitleaks(file: ResultsFile, place: str, row: Any) -> SeenSecret:
    if not isinstance(row, dict) or not {"RuleID", "File"} <= row.keys():
        raise file.unreadable(place, "no RuleID or no File")
    return _seen(file, place, row["RuleID"], row["File"], row.get("StartLine"), row.get("Secret"))


def read_trufflehog(file: ResultsFile) -> Results:
    """Return what the lines say. Nothing at all is no report. Raises ResultsUnreadable, ResultsNotWhole."""
    lines = [line for line in file.data.splitlines() if line.strip()]
    file.require_rows(len(lines))
    rows = [(f"line {number}", _json(file, line, f"line {number}")) for number, line in enumerate(lines, 1)]
    seen = [_of_trufflehog(file, place, row) for place, row in rows if not _is_message(row)]
    if not rows:
        raise ResultsNotWhole(name=file.name, what="--json")
    return _results("trufflehog", "TruffleHog", "", None, seen)


def _is_message(row: Any) -> bool:
    """Tell whether a line is what the tool says of itself, which it writes among the rows or beside them."""
    return isinstance(row, dict) and "logger" in row and "DetectorName" not in row


def _of_trufflehog(file: ResultsFile, place: str, row: Any) -> SeenSecret:
    if not isinstance(row, dict) or "DetectorName" not in row:
        raise file.unreadable(place, "no DetectorName")
    where = _place_in(row.get("SourceMetadata"))
    name, line = where.get("file") or where.get("link") or "?", where.get("line")
    verified = row.get("Verified") is True
    return _seen(file, place, row["DetectorName"], name, line, row.get("Raw"), verified=verified)


def _place_in(metadata: Any) -> Mapping[str, Any]:
    """Return file and line, which stand under the name of where the tool looked."""
    data = metadata.get("Data") if isinstance(metadata, dict) else None
    found = [one for one in data.values() if isinstance(one, dict)] if isinstance(data, dict) else []
    return found[0] if found else {}


def read_sarif(file: ResultsFile) -> Results:
    """Return what the runs of a tool for secrets say. Raises ResultsUnreadable, ResultsNotWhole, ResultsTooLarge."""
    whole = _json(file, file.data, "JSON")
    runs = whole.get("runs") if isinstance(whole, dict) else None
    if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) for run in runs):
        raise file.unreadable("runs", "no run")
    drivers = [_driver(file, run) for run in runs]
    seen = [one for number, run in enumerate(runs, 1) for one in _of_run(file, f"run {number}", run)]
    file.require_rows(len(seen))
    version = str(drivers[0].get("semanticVersion") or drivers[0].get("version") or "")
    return _results("sarif", str(drivers[0]["name"]), version, _ended(file, runs), seen)


def _driver(file: ResultsFile, run: Mapping[str, Any]) -> Mapping[str, Any]:
    tool = run.get("tool")
    driver = tool.get("driver") if isinstance(tool, dict) else None
    name = str(driver.get("name", "")) if isinstance(driver, dict) else ""
    if name.casefold() not in _SARIF_TOOLS:
        raise file.unreadable("tool.driver.name", f"“{bounded(name)[:40]}” is no tool that looks for secrets")
    return driver  # type: ignore[return-value]  # it has a name


def _ended(file: ResultsFile, runs: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the tool came to its end. Raises ResultsNotWhole where it says that it did not."""
    moments = []
    for run in runs:
        for invocation in run.get("invocations") or ():
            if not isinstance(invocation, dict) or invocation.get("executionSuccessful") is not True:
                raise ResultsNotWhole(name=file.name, what="executionSuccessful")
            if invocation.get("endTimeUtc"):
                moments.append(file.moment("endTimeUtc", str(invocation["endTimeUtc"])))
    return min(moments, default=None)


def _of_run(file: ResultsFile, place: str, run: Mapping[str, Any]) -> Iterator[SeenSecret]:
    rows = run.get("results")
    if not isinstance(rows, list):
        raise ResultsNotWhole(name=file.name, what=f"{place}.results")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise file.unreadable(f"{place} {number}", "no object")
        where = _first(row.get("locations"), "physicalLocation")
        region = _part(where, "region")
        value = _part(region, "snippet").get("text")
        name = _part(where, "artifactLocation").get("uri")
        yield _seen(file, f"{place} {number}", row.get("ruleId"), name, region.get("startLine"), value)


def _first(found: Any, name: str) -> Mapping[str, Any]:
    return _part(found[0], name) if isinstance(found, list) and found else {}


def _part(whole: Any, name: str) -> Mapping[str, Any]:
    part = whole.get(name) if isinstance(whole, dict) else None
    return part if isinstance(part, dict) else {}


def _seen(
    file: ResultsFile, place: str, rule: Any, name: Any, line: Any, value: Any, *, verified: bool = False
) -> SeenSecret:
    if not isinstance(name, str) or not name or not isinstance(rule, str) or not rule:
        raise file.unreadable(place, "no file or no rule")
    number = line if isinstance(line, int) and 0 <= line < 2**31 else 0
    return SeenSecret(bounded(rule), bounded(name), number, _told(value), verified)


def _told(value: Any) -> str:
    """Return a value, "" for none and for what only stands in the place of one: that would be the same for all."""
    return value if isinstance(value, str) and not _MASKED.fullmatch(value) else ""


def _json(file: ResultsFile, data: bytes, place: str) -> Any:
    try:
        return read_json(data)
    except NotJson as error:
        # The reason of the reader tells a place only: a piece of the text could be the secret.
        raise file.unreadable(place, "no JSON") from error


def _results(format_: str, tool: str, version: str, ended: datetime | None, seen: list[SeenSecret]) -> Results:
    rows = tuple(one.row() for one in seen) or (WORDS.row("all", "", "clean"),)
    return Results(format_, tool, version, "", ended, rows, WORDS, secrets=tuple(seen))
