"""OCSF findings as JSON, in one list or one a line: Compliance Finding (2003) and Detection Finding (2004, Prowler)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sekisho.governance.rules.results.errors import ResultsNotWhole
from sekisho.governance.rules.results.shape import Results, ResultsFile, Row, Words
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.strict_json import NotJson, read_json

COMPLIANCE, DETECTION = 2003, 2004
# Manual, warning and unknown say that nothing was found out. What somebody muted is judged all the same.
WORDS = Words(
    source="OCSF 1, compliance.status of class 2003; Prowler 4, status_code of class 2004",
    outcomes={
        "pass": Outcome.PASS,
        "fail": Outcome.FAIL,
        "manual": Outcome.UNKNOWN,
        "warning": Outcome.UNKNOWN,
        "unknown": Outcome.UNKNOWN,
    },
    idle=frozenset({"manual", "warning", "unknown"}),
)
_STATUS_IDS = {0: "Unknown", 1: "Pass", 2: "Warning", 3: "Fail"}
Event = tuple[str, Mapping[str, Any]]


def is_ocsf(data: bytes) -> bool:
    """Tell whether the bytes are JSON whose beginning names a class of OCSF, or may be a list of none."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) and b'"class_uid"' in data


def read_ocsf(file: ResultsFile) -> Results:
    """Return what a file of findings says. Raises ResultsUnreadable, ResultsNotWhole, ResultsTooLarge."""
    events = list(_events(file))
    if not events:
        raise ResultsNotWhole(name=file.name, what="findings")
    file.require_rows(len(events))
    product = _part(events[0][1], "metadata", "product")
    return Results(
        "ocsf",
        str(product.get("name") or "OCSF"),
        str(product.get("version") or ""),
        _host(event for _place, event in events),
        min(_moment(file, place, event) for place, event in events),
        tuple(_row(file, place, event) for place, event in events),
        WORDS,
    )


def _events(file: ResultsFile) -> Iterator[Event]:
    """Yield every finding with its place: of a list its number, of JSON lines the line."""
    try:
        whole = read_json(file.data)
    except NotJson as error:
        lines = [(f"line {number}", line) for number, line in enumerate(file.data.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].rstrip().endswith(b"}"):  # one line is no JSON lines
            raise file.unreadable("JSON", str(error.params["reason"])) from error
        yield from (_event(file, place, _line(file, place, line)) for place, line in lines)
        return
    for number, event in enumerate(whole if isinstance(whole, list) else [whole], 1):
        yield _event(file, f"row {number}", event)


def _line(file: ResultsFile, place: str, line: bytes) -> object:
    try:
        return read_json(line)
    except NotJson as error:
        raise file.unreadable(place, str(error.params["reason"])) from error


def _event(file: ResultsFile, place: str, event: object) -> Event:
    # What is no number is looked at as such: a list could not even be looked for in a set.
    if not isinstance(event, dict) or _number(event.get("class_uid")) not in {COMPLIANCE, DETECTION}:
        raise file.unreadable(place, f"class_uid is neither {COMPLIANCE} nor {DETECTION}")
    return place, event


def _row(file: ResultsFile, place: str, event: Mapping[str, Any]) -> Row:
    info = _part(event, "finding_info")
    if event["class_uid"] == COMPLIANCE:
        found = _part(event, "compliance")
        status = found.get("status") or _STATUS_IDS.get(_number(found.get("status_id", 0)), "Other")
        rule = found.get("control") or info.get("uid")
    else:
        status = event.get("status_code") or ""
        rule = _part(event, "metadata").get("event_code") or info.get("uid")
    if not rule:
        raise file.unreadable(place, "no id of the rule")
    about = [str(one.get("uid") or one.get("name") or "") for one in _list(event, "resources")]
    title = " – ".join(filter(None, [str(info.get("title") or ""), *about]))
    return WORDS.row(str(rule), title, str(status), str(event.get("severity") or ""))


def _moment(file: ResultsFile, place: str, event: Mapping[str, Any]) -> datetime:
    """Return when it was seen. The number counts: the text beside it may lack its zone."""
    if "time" in event:
        return file.moment_of(f"{place} time", event["time"])
    return file.moment(f"{place} time_dt", str(event.get("time_dt") or ""))


def _host(events: Iterator[Mapping[str, Any]]) -> str:
    """Return what was looked at: accounts in a cloud, or devices."""
    found = set()
    for event in events:
        account, device = _part(event, "cloud", "account"), _part(event, "device")
        found.add(str(account.get("uid") or account.get("name") or device.get("hostname") or ""))
    return ", ".join(sorted(found - {""}))


def _part(event: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return an object inside, empty where there is none."""
    for name in names:
        inner = event.get(name)
        event = inner if isinstance(inner, dict) else {}
    return event


def _list(event: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = event.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _number(value: object) -> int:
    """Return a whole number as it stands there, -1 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
