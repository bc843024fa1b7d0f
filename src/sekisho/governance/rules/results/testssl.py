"""The JSON of testssl.sh, flat (``--jsonfile``) and pretty (``--jsonfile-pretty``)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sekisho.governance.rules.results.errors import ResultsNotWhole
from sekisho.governance.rules.results.shape import Results, ResultsFile, Row, Words
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.strict_json import NotJson, read_json

# A severity is all that testssl says: OK is a pass, INFO states a fact, WARN and FATAL that it could not look.
WORDS = Words(
    source="testssl.sh 3.0, manual, severity ratings",
    outcomes={
        "ok": Outcome.PASS,
        "info": Outcome.NOT_APPLICABLE,
        "debug": Outcome.NOT_APPLICABLE,
        "low": Outcome.FAIL,
        "medium": Outcome.FAIL,
        "high": Outcome.FAIL,
        "critical": Outcome.FAIL,
        "warn": Outcome.UNKNOWN,
        "fatal": Outcome.ERROR,
    },
    idle=frozenset({"info", "debug"}),
)
_END = "scanTime"
Item = tuple[str, Mapping[str, Any]]


def is_testssl(data: bytes) -> bool:
    """Tell whether the bytes are JSON with the names that testssl.sh writes."""
    if not data.lstrip().startswith((b"{", b"[")) or b'"class_uid"' in data:
        return False
    return b'"scanResult"' in data or (b'"severity"' in data and b'"finding"' in data)


def read_testssl(file: ResultsFile) -> Results:
    """Return what a file says. The flat form does not say when. Raises ResultsUnreadable, ResultsNotWhole."""
    try:
        whole = read_json(file.data)
    except NotJson as error:
        raise file.unreadable("JSON", str(error.params["reason"])) from error
    if isinstance(whole, dict):
        return _pretty(file, whole)
    if not isinstance(whole, list):
        raise file.unreadable("JSON", "neither a list nor an object")
    return _flat(file, whole)


def _flat(file: ResultsFile, whole: list[Any]) -> Results:
    items = list(_items(file, "row", whole))
    if not any(item["id"] == _END for _place, item in items):
        raise ResultsNotWhole(name=file.name, what=_END)
    # The address stands as "name/IP"; messages about the tool itself have none.
    hosts = {f"{str(item.get('ip', '')).partition('/')[0]}:{item.get('port', '')}" for _place, item in items}
    return _results(file, items, {host for host in hosts if not host.startswith(":")}, None, "")


def _pretty(file: ResultsFile, whole: Mapping[str, Any]) -> Results:
    scans = whole.get("scanResult")
    if not isinstance(scans, list) or not isinstance(whole.get(_END), int):
        raise ResultsNotWhole(name=file.name, what=_END)
    items, hosts = list(_sections(file, "top", whole)), set()
    for number, scan in enumerate(scans, 1):
        if not isinstance(scan, dict):
            raise file.unreadable(f"scanResult {number}", "no object")
        hosts.add(f"{scan.get('targetHost', '')}:{scan.get('port', '')}")
        items += _sections(file, f"scanResult {number}", scan)
    started = file.moment_of("startTime", whole["startTime"]) if whole.get("startTime") else None
    return _results(file, items, hosts, started, " ".join(str(whole.get("version") or "").split()[:1]))


def _sections(file: ResultsFile, place: str, scan: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the findings of every section; which there are depends on the version."""
    for name, section in scan.items():
        if isinstance(section, list) and name != "scanResult":
            yield from _items(file, f"{place} {name}", section)


def _items(file: ResultsFile, place: str, rows: list[Any]) -> Iterator[Item]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not {"id", "severity"} <= row.keys():
            raise file.unreadable(f"{place} {number}", "no id or no severity")
        yield f"{place} {number}", row


def _results(file: ResultsFile, items: list[Item], hosts: set[str], started: datetime | None, version: str) -> Results:
    file.require_rows(len(items))
    rows = tuple(_row(item) for _place, item in items)
    return Results("testssl", "testssl.sh", version, ", ".join(sorted(hosts)), started, rows, WORDS)


def _row(item: Mapping[str, Any]) -> Row:
    severity = str(item["severity"])
    return WORDS.row(str(item["id"]), str(item.get("finding", "")), severity, severity)
